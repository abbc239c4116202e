-- show: what a person sees of a pipeline, and how long it is held. On a
-- terminal a line for each step (number, party, what, milliseconds since the
-- start); on a pipe nothing but the records.
local command = require "sp.command"
local fd = require "sp.core.fd"
local loop = require "sp.loop"
local step = require "sp.step"
local typed = require "sp.typed"

local show = {}

-- What a pipeline's `log` wants: shows on a terminal, copies to sp's --log.
function show.new()
  local sp = require "sp"
  local start, terminal = loop.now(), fd.tty(2)
  local copy = sp.log and assert(fd.open(sp.log, "a"))
  if not copy and not terminal then return nil end
  return function(r)
    if copy then assert(copy:write(tostring(r) .. "\n")) end
    local line = terminal and step.line(r, loop.now() - start)
    if line then io.stderr:write(line, "\n") end
  end
end

-- A finished session for a person.
local function summary(r)
  local text = ("%s (%s %s) is reached at %s: hang up with Ctrl-C"):format(
    r.serial or r.system or "the system", r.customer or "?", r.site or "", r.address or r.alias or "?")
  io.stderr:write("\n", (text:gsub("%c", "?")), "\n")
  for _, line in ipairs(typed.lines(r)) do io.stderr:write("  ", (line:gsub("%c", "?")), "\n") end
end

-- Puts out what the last stage says and holds until it ends, its session does,
-- or our own reader goes. Not one record by the deadline is a failure.
local function hold(chain, deadline)
  local sp = require "sp"
  local lost
  while true do
    local which = loop.wait(deadline, chain:ready(), { fd = 1, events = "" })
    if which == 2 then break end
    local r, why = chain:next(deadline)
    if r == nil then break end
    if r == false then sp.fail(why == "timed out" and "timeout" or "record", why) end
    if not (fd.tty(1) and fd.tty(2)) or sp.json then sp.put(r) end
    if r.error then lost = r else deadline = nil end
    if not r.error and fd.tty(2) then summary(r) end
  end
  chain:close()
  return chain:result(), lost
end

-- With a command nothing is put out but what it says itself: it runs once the
-- session is there, until it ends or the session does.
local function hold_for(chain, deadline, words)
  local sp = require "sp"
  local r, why = chain:next(deadline)
  if r == false then sp.fail(why == "timed out" and "timeout" or "record", why) end
  if not r or r.error then
    chain:close()
    return chain:result(), r
  end
  local p <close> = command.start(words, r)
  local which = loop.wait(nil, p.ended, chain:ready())
  local lost = which == 2 and chain:next(loop.deadline(1)) or nil
  local status = which == 1 and p:wait() or p:stop()
  chain:close()
  return status ~= 0 and which == 1 and status or chain:result(), lost
end

-- The exit status, and the record that says why a session failed or was lost.
function show.hold(chain, deadline, words)
  return (words and hold_for or hold)(chain, deadline, words)
end

return show
