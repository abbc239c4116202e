-- lab.steps: which steps of the handshake were seen, each by what its own
-- party logged; 318 and 319 by what slapd says of its connections.
local file = require "sp.core.file"
local record = require "sp.record"
local step = require "sp.step"

local steps = {}

local slapd = { { "318", "SRCH base=" }, { "318", "BIND dn=\"uid=" }, { "319", "RESULT tag=" } }

-- A log's time as milliseconds since midnight.
local function clock(r)
  local h, m, sec, ms = r.time:match("T(%d+):(%d+):(%d+)%.(%d+)Z$")
  return ((h * 60 + m) * 60 + sec) * 1000 + ms
end

-- slapd begins its lines with seconds and nanoseconds in hexadecimal.
local function of_slapd(line)
  local sec, ns = line:match("^(%x+)%.(%x+) ")
  for _, sign in ipairs(sec and slapd or {}) do
    if line:find(sign[2], 1, true) then
      return tonumber(sec, 16) % 86400 * 1000 + tonumber(ns, 16) // 1000000, record.new { step = sign[1], tool = "slapd" }
    end
  end
end

local function of_tool(line)
  local r = record.parse(line)
  if r and r.step and r.tool then return clock(r), r end
end

-- Everything that the parties logged of steps, in the order of time.
local function all(lab)
  local list = {}
  local function read(path, parse)
    for line in io.lines(path) do
      local at, r = parse(line)
      if at then list[#list + 1] = { at = at, step = tonumber(r.step), record = r } end
    end
  end
  for _, name in ipairs(assert(file.list(lab:path "log"))) do
    if name:find("%.log$") and name ~= "aaa.log" then read(lab:path("log/" .. name), of_tool) end
  end
  read(lab:path "log/ldap.err", of_slapd)
  table.sort(list, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.step < b.step
  end)
  return list
end

-- step → the program that reported it, and how many there are.
function steps.seen(lab)
  local seen, count = {}, 0
  for _, e in ipairs(all(lab)) do
    if not seen[e.step] and e.step >= 300 and e.step <= 343 then
      seen[e.step] = e.record.tool
      count = count + 1
    end
  end
  return seen, count
end

function steps.missing(seen)
  local missing = {}
  for n = 300, 343 do
    if not seen[n] then missing[#missing + 1] = n end
  end
  return table.concat(missing, ",")
end

-- How long a session took: its last step 343, back to the last 300 before it.
function steps.span(path, session)
  local from, ms
  for line in io.lines(path) do
    local r = assert(record.parse(line))
    if r.step == "300" then from = clock(r) end
    if r.step == "343" and r.session == session then ms = clock(r) - from end
  end
  return math.tointeger(ms % 86400000)
end

-- Says what happened for a session: from the 300 before it to its 343, the
-- first report of each step, milliseconds since the start.
function steps.show(lab, session, say)
  local list, first, last = all(lab), 1, 0
  for i, e in ipairs(list) do
    if e.record.step == "300" and last == 0 then first = i end
    if e.record.step == "343" and e.record.session == session then last = i end
  end
  local said = {}
  for i = first, last do
    local e = list[i]
    if not said[e.step] then
      say("%s", step.line(e.record, e.at - list[first].at))
      said[e.step] = true
    end
  end
end

return steps
