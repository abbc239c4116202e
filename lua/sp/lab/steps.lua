-- lab.steps: which steps of the handshake were seen, each by what its own
-- party logged; 318 and 319 by what slapd says of its connections.
local file = require "sp.core.file"
local record = require "sp.record"

local steps = {}

local slapd = { { 318, "SRCH base=" }, { 318, "BIND dn=\"uid=" }, { 319, "RESULT tag=" } }

local function of_records(path, seen)
  for line in io.lines(path) do
    local r = record.parse(line)
    local n = r and math.tointeger(tonumber(r.step))
    if n and n >= 300 and n <= 343 then seen[n] = seen[n] or r.tool end
  end
end

local function of_slapd(path, seen)
  for line in io.lines(path) do
    for _, sign in ipairs(slapd) do
      if line:find(sign[2], 1, true) then seen[sign[1]] = "slapd" end
    end
  end
end

-- step → the program that reported it, and how many there are.
function steps.seen(lab)
  local seen, count = {}, 0
  for _, name in ipairs(assert(file.list(lab:path "log"))) do
    if name:find("%.log$") and name ~= "aaa.log" then of_records(lab:path("log/" .. name), seen) end
  end
  of_slapd(lab:path "log/ldap.err", seen)
  for _ in pairs(seen) do count = count + 1 end
  return seen, count
end

function steps.missing(seen)
  local missing = {}
  for n = 300, 343 do
    if not seen[n] then missing[#missing + 1] = n end
  end
  return table.concat(missing, ",")
end

-- A log's time as milliseconds since some midnight.
local function clock(r)
  local h, m, sec, ms = r.time:match("T(%d+):(%d+):(%d+)%.(%d+)Z$")
  return ((h * 60 + m) * 60 + sec) * 1000 + ms
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

local hidden = { time = true, tool = true, pid = true, step = true, event = true, session = true }

local function text(r)
  local words = { r.event }
  for key, value in pairs(record.public(r)) do
    if not hidden[key] then words[#words + 1] = key .. "=" .. value end
  end
  return table.concat(words, " "):gsub("%c", "?")
end

-- Everything that the parties logged, in the order of time.
local function all(lab)
  local list = {}
  for _, name in ipairs(assert(file.list(lab:path "log"))) do
    if name:find("%.log$") and name ~= "aaa.log" then
      for line in io.lines(lab:path("log/" .. name)) do
        local r = record.parse(line)
        if r and r.step then list[#list + 1] = { at = clock(r), n = #list, record = r } end
      end
    end
  end
  table.sort(list, function(a, b) return a.at < b.at or a.at == b.at and a.record.step < b.record.step end)
  return list
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
    local r = list[i].record
    if not said[r.step] then
      say("  %4d ms  %s  %-10s  %s", list[i].at - list[first].at, r.step, r.tool, text(r))
      said[r.step] = true
    end
  end
end

return steps
