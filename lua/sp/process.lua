-- process: children that can be waited for, and that end with the variable
-- that holds them.
local core = require "sp.core.process"
local fd = require "sp.core.fd"
local loop = require "sp.loop"

local process = {}
local meta = { __name = "process" }
meta.__index = meta

local function wrap(handle, name)
  local p = setmetatable({ core = handle, name = name, id = handle:pid() }, meta)
  p.ended = { fd = handle:fd(), events = "r" }
  return p
end

-- Starts what lib/lua/process.c describes; stdin=, stdout=, stderr= are short
-- for fds[0], [1], [2]. A process, or nil and the reason.
function process.spawn(what)
  local fds = {}
  for n, handle in pairs(what.fds or {}) do fds[n] = handle end
  for n, name in pairs { [0] = "stdin", "stdout", "stderr" } do
    if what[name] ~= nil then fds[n] = what[name] end
  end
  local copy = { fds = fds, env = what.env, netns = what.netns, group = what.group, survive = what.survive }
  table.move(what, 1, #what, 1, copy)
  local handle, why = core.spawn(copy)
  if not handle then return nil, why end
  return wrap(handle, what[1])
end

-- Somebody else's process by id; `started` (see process.started) guards
-- against an id that was used again.
function process.open(id, started)
  local handle, why = core.open(id)
  if not handle then return nil, why end
  if started and process.started(id) ~= started then return nil, "it is another process" end
  return wrap(handle, tostring(id))
end

-- When a process was started, in clock ticks since the machine was; nil when
-- there is none.
function process.started(id)
  local f <close> = io.open("/proc/" .. id .. "/stat")
  local stat = f and f:read("a")
  if not stat or stat:match("^.*%) Z") then return nil end
  local n = 2
  for word in stat:match("^.*%) (.*)$"):gmatch("%S+") do
    n = n + 1
    if n == 22 then return word end
  end
end

function meta:kill(name) return self.core:kill(name) end

-- The exit status (128 + signal when killed), or nil and "timed out". For a
-- process that is not ours: true.
function meta:wait(deadline)
  local status = self.core:status()
  if status then return status end
  local ready, why = loop.wait(deadline, self.ended)
  if not ready then return nil, why end
  return self.core:status() or true
end

-- Asks it to end, makes it end after `seconds` (5). Its status.
function meta:stop(seconds)
  local status = self.core:status()
  if status then return status end
  self:kill("CONT")
  self:kill("TERM")
  status = self:wait(loop.deadline(seconds or 5))
  if not status then
    self:kill("KILL")
    status = self:wait(loop.deadline(5))
  end
  return status
end

function meta:__close() self:stop() end

-- Runs a command to its end: what it printed and its status; nil and the
-- reason when it could not be started. stderr comes with stdout if both=true.
function process.run(what, deadline)
  local r <close>, w = fd.pipe()
  what.stdout = w
  if what.both then what.stderr = w end
  if what.stdin == nil then what.stdin = false end
  local p, why = process.spawn(what)
  w:close()
  if not p then return nil, why end
  local text = {}
  while true do
    local ready, cause = loop.wait(deadline, { fd = r, events = "r" })
    if not ready then p:stop(1) return nil, cause end
    local part = assert(r:read())
    if part == "" then break end
    text[#text + 1] = part
  end
  return table.concat(text), p:wait()
end

-- The same for a command that must succeed; else an error with what it said.
function process.must(what)
  what.both = true
  local text, status = process.run(what, loop.deadline(60))
  if not text then error({ error = "system", detail = status }, 0) end
  if status ~= 0 then
    local said = text:gsub("%s+$", ""):gsub("\n", "; ")
    error({ error = "system", detail = ("%s ended with %d: %s"):format(table.concat(what, " "), status, said) }, 0)
  end
  return text
end

return process
