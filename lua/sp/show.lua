-- show: what a person sees of a pipeline, and how long it is held. On a
-- terminal a line for each step (number, party, what, milliseconds since the
-- start); on a pipe nothing but the records.
local fd = require "sp.core.fd"
local loop = require "sp.loop"
local record = require "sp.record"

local show = {}

local skip = { time = true, tool = true, pid = true, step = true, event = true, session = true, lease = true }

local function line(r, ms)
  local words = { r.event }
  for key, value in pairs(record.public(r)) do
    if not skip[key] then words[#words + 1] = key .. "=" .. value end
  end
  local text = table.concat(words, " "):gsub("%c", "?")
  return ("%4s  %-10s %-58s %7d ms\n"):format(r.step or "", r.tool, text, ms)
end

-- What a pipeline's `log` wants: shows on a terminal, copies to sp's --log.
function show.new()
  local sp = require "sp"
  local start, terminal = loop.now(), fd.tty(2)
  local copy = sp.log and assert(fd.open(sp.log, "a"))
  if not copy and not terminal then return nil end
  return function(r)
    if copy then assert(copy:write(tostring(r) .. "\n")) end
    if terminal and r.step then io.stderr:write(line(r, loop.now() - start)) end
  end
end

-- A finished session for a person.
local function summary(r)
  io.stderr:write(("\n%s is reached at %s%s: hang up with Ctrl-C\n"):format(
    record.public(r).serial or r.system or "the system", r.address or r.alias or "?",
    r.customer and (" (%s %s)"):format(r.customer, r.site or "") or ""))
end

-- Puts out what the last stage says and holds until it ends, its session does,
-- or our own reader goes. Not one record by the deadline is a failure.
function show.hold(chain, deadline, command)
  local sp = require "sp"
  while true do
    local which = loop.wait(deadline, chain:ready(), { fd = 1, events = "" })
    if which == 2 then break end
    local r, why = chain:next(deadline)
    if r == nil then break end
    if r == false then sp.fail(why == "timed out" and "timeout" or "record", why) end
    sp.put(r)
    if not r.error then deadline = nil end
    if not r.error and fd.tty(2) and not command then summary(r) end
  end
  local status = chain:close()
  local last = status[#status]
  return command and last ~= 0 and last or chain:result()
end

return show
