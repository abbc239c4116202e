-- lab.steps: which steps of the handshake were seen. A step counts only when
-- the party it belongs to logged it itself, by the program that does it there:
-- who is merely told of a step, or claims it, is no witness.
local file = require "sp.core.file"
local record = require "sp.record"
local step = require "sp.step"

local steps = {}

-- Whose log is whose; NAME of ws-NAME is a user. In auth.log sp-auth works for
-- two parties: each of them says itself when it asks.
local party = { ws = "workstation", sec = "security server", mon = "monitor", nas = "router", ldap = "domain server",
  sp1 = "service processor", sp2 = "service processor", sp3 = "service processor" }

-- The program that does a step and, where it reports more than that under the
-- step's number, what the report must say.
local by = {
  [300] = { "sp-ticket" }, [301] = { "sp-login" }, [302] = { "sp-login" }, [303] = { "sp-login" },
  [304] = { "sp-login" }, [305] = { "sp-login", event = "accepted" },
  [306] = { "sp-search" }, [307] = { "sp-monitor" }, [308] = { "sp-monitor" }, [309] = { "sp-monitor" }, [310] = { "sp-search" },
  [311] = { "sp-alloc" }, [312] = { "sp-monitor" }, [313] = { "sp-monitor", event = "chosen" }, [314] = { "sp-alloc" },
  [315] = { "sp-nas" }, [316] = { "sp-nas" }, [317] = { "sp-nas" }, [318] = { "slapd" }, [319] = { "slapd" },
  [320] = { "sp-nas" }, [321] = { "sp-nas" }, [322] = { "sp-nas", event = "refused" }, [323] = { "sp-dial", event = "granted" },
  [324] = { "sp-nas" }, [325] = { "sp-nas", event = "placed" }, [326] = { "sp-dial", event = "progress" },
  [327] = { "sp-answer" }, [328] = { "sp-answer" }, [329] = { "sp-ras" }, [330] = { "sp-nas" }, [331] = { "sp-ras" },
  [332] = { "sp-ras" }, [333] = { "sp-ras", event = "accepted" }, [334] = { "sp-nas" }, [335] = { "sp-ras" }, [336] = { "sp-route" },
  [337] = { "sp-trap", event = "acknowledged", state = "up" }, [338] = { "sp-monitor", event = "state", state = "up" },
  [339] = { "sp-addr" }, [340] = { "sp-addr" }, [341] = { "sp-route" }, [342] = { "sp-route", event = "acknowledged" },
  [343] = { "sp-route", event = "acknowledged" },
}

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
  if r and r.step and r.tool and r.tool ~= "slapd" then return clock(r), r end
end

-- Is this the step's own party's report, and of the step itself?
local function own(name, r)
  local n = math.tointeger(tonumber(r.step))
  local who = by[n]
  if not who or party[name:match("^%w+")] ~= step.party(n) or r.tool ~= who[1] then return false end
  for key, value in pairs(who) do
    if key ~= 1 and r[key] ~= value then return false end
  end
  return true
end

-- The steps that their own parties logged, in the order of time.
local function all(lab)
  local list = {}
  local function read(name, parse)
    for line in io.lines(lab:path("log/" .. name)) do
      local at, r = parse(line)
      if at and own(name, r) then list[#list + 1] = { at = at, step = tonumber(r.step), record = r } end
    end
  end
  for _, name in ipairs(assert(file.list(lab:path "log"))) do
    if name:find("%.log$") and name ~= "aaa.log" then read(name, of_tool) end
  end
  read("ldap.err", of_slapd)
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
    if not seen[e.step] then
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
