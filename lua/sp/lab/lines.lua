-- lab.lines: the lines between the router and the service processors: what the
-- exchange is told to do to a call, and parties that answer no more.
local data = require "sp.lab.data"
local file = require "sp.core.file"
local loop = require "sp.loop"
local process = require "sp.process"
local record = require "sp.record"
local state = require "sp.lab.state"

local lines = {}

-- Where the exchange's modems, their lock files and its commands are.
function lines.make(lab)
  assert(file.mkdir(lab:path "pstn"))
  assert(file.mkdir(lab:path "pstn/lock"))
  process.must { "mkfifo", "-m", "600", lab:path "pstn/commands" }
end

local function answer(lab, id)
  for line in io.lines(lab:path "log/pstn.out") do
    local r = record.parse(line)
    if r and r.id == id then return r end
  end
end

-- Tells the exchange: a command's fields, sp-pstn(8). Its answer is waited for.
function lines.tell(lab, fields)
  lab.told = (lab.told or 0) + 1
  fields.id = "lab" .. lab.told
  local f <close> = assert(io.open(lab:path "pstn/commands", "w"))
  f:write(tostring(record.new(fields)), "\n")
  f:flush()
  local deadline, r = loop.deadline(5), nil
  repeat
    r = answer(lab, fields.id)
  until r or loop.now() > deadline or loop.wait(loop.deadline(0.01))
  if not r or r.error then
    error({ error = "peer", detail = "the exchange: " .. (r and r.detail or "no answer") }, 0)
  end
end

-- Whether a fault has struck that modem: the exchange tells of each.
function lines.struck(lab, number, fault)
  for line in io.lines(lab:path "log/pstn.out") do
    local r = record.parse(line)
    if r and r.event == "fault" and r.number == number and r.fault == fault then return true end
  end
  return false
end

-- How many damaged frames the router had in a session whose call is over, by its log.
function lines.bad_frames(lab, session)
  for line in io.lines(lab:path "log/nas.log") do
    local r = record.parse(line)
    if r and r.event == "bad-frames" and r.session == session then return math.tointeger(tonumber(r.value)) end
  end
  return 0
end

-- The number of one of the router's modems, by its name.
function lines.number(name)
  return data.modem.nas[math.tointeger(tonumber(name:match("^modem(%d+)$")))]
end

-- Ends the processes of a party; its line is answered by nobody then.
function lines.stop(lab, name)
  local made = {}
  for _, r in ipairs(state.read(lab.dir)) do
    if r.party == name then made[#made + 1] = r end
  end
  for _, p in ipairs(state.running(made)) do
    p:kill("TERM")
    p:wait(loop.deadline(5))
  end
end

return lines
