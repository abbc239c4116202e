-- lab.party: one party of the laboratory: a command, or a short pipeline, in
-- its namespace, with its files in the laboratory's folder:
-- log/NAME.log (what happened, --log), NAME.out and NAME.err.
local fd = require "sp.core.fd"
local file = require "sp.core.file"
local loop = require "sp.loop"
local process = require "sp.process"
local state = require "sp.lab.state"

local party = {}

local function has(path, text)
  local f <close> = io.open(path)
  return f and f:read("a"):find(text, 1, true) ~= nil
end

local function tail(path)
  local f <close> = io.open(path)
  local text = f and f:read("a") or ""
  return (text:sub(-600):gsub("%s+$", ""):gsub("\n", "; "))
end

-- Waits until the file has the text: the kernel says when it was written to.
local function await(p, path, text, deadline)
  local watch <close> = assert(file.watch(path))
  while not has(path, text) do
    local which, why = loop.wait(deadline, { fd = watch, events = "r" }, p.ended)
    if not which then return nil, why end
    if which == 2 and not has(path, text) then return nil, "it ended" end
    watch:read()
  end
  return true
end

-- A foreign server that says nothing: looked for in the kernel's table.
local function await_port(p, port, deadline)
  local listens = (":%04X %%x+:0000 0A"):format(port)
  while true do
    for _, kind in ipairs { "tcp", "tcp6" } do
      local f <close> = io.open(("/proc/%d/net/%s"):format(p.id, kind))
      if f and f:read("a"):find(listens) then return true end
    end
    if p:wait(loop.deadline(0.005)) then return nil, "it ended" end
    if loop.now() > deadline then return nil, "timed out" end
  end
end

-- Starts the stages of lab's party `name`, the first one's output going into
-- the second; waits until `ready` (default "ready=") stands in NAME.out or the
-- file that ready_in names ("err", "log").
function party.start(lab, p)
  local name, base = p.name, lab.dir .. "/log/" .. p.name
  local err <close> = assert(fd.open(base .. ".err", "a"))
  local out <close> = assert(fd.open(base .. ".out", "w"))
  if p.ready_in == "log" then assert(file.write(base .. ".log", "")) end -- an earlier one was ready, too
  local input, last = false, nil
  for i, stage in ipairs(p) do
    local r, w
    if i < #p then r, w = fd.pipe() end
    local what = { stdin = input, stdout = w or out, stderr = err, env = { "SP_CONFIG=/dev/null" } }
    table.move(stage, 1, #stage, 1, what)
    what.netns, what.survive, what.fds = lab:netns(p.netns or name), lab.survive, stage.fds
    local child, why = process.spawn(what)
    if w then w:close() end
    if input then input:close() end
    if not child then error({ error = "system", detail = name .. ": " .. why }, 0) end
    state.add(lab.dir, { { "party", name }, { "pid", tostring(child.id) }, { "started", process.started(child.id) } })
    lab.child[#lab.child + 1] = child
    input, last = r, child
  end
  local ok, why
  if p.ready_tcp then
    ok, why = await_port(last, p.ready_tcp, loop.deadline(15))
  else
    local watched = base .. "." .. (p.ready_in or "out")
    if not file.exists(watched) then assert(file.write(watched, "")) end
    ok, why = await(last, watched, p.ready or "ready=", loop.deadline(15))
  end
  if not ok then
    error({ error = why == "timed out" and "timeout" or "system",
      detail = ("%s is not ready: %s: %s"):format(name, why, tail(base .. ".err")) }, 0)
  end
  return last
end

return party
