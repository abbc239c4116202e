-- lab.state: what a laboratory has made, written down before it is made, so
-- that it can be taken down by whoever finds the folder.
local file = require "sp.core.file"
local loop = require "sp.loop"
local net = require "sp.lab.net"
local process = require "sp.process"
local record = require "sp.record"

local state = {}

local function path(dir) return dir .. "/made" end

function state.add(dir, fields)
  local f = assert(io.open(path(dir), "a"))
  f:write(tostring(record.new(fields)), "\n")
  f:close()
end

-- All records of the file, or nil when there is none.
function state.read(dir)
  local f <close> = io.open(path(dir))
  if not f then return nil end
  local all = {}
  for line in f:lines() do
    local r = record.parse(line)
    if r then all[#all + 1] = r end -- the last line of one killed while writing
  end
  return all
end

-- Those that were started and still run.
function state.running(made)
  local all = {}
  for _, r in ipairs(made) do
    local id = math.tointeger(tonumber(r.pid))
    if id and process.started(id) == r.started then
      local p = process.open(id, r.started)
      if p then all[#all + 1] = p end
    end
  end
  return all
end

-- The last one first, each when the one after it is gone: what it still has to
-- tell the others, it can. One that hangs is not waited for by all.
local function end_all(list, name, seconds)
  local deadline = loop.deadline(seconds)
  for i = #list, 1, -1 do
    list[i]:kill("CONT") -- first: behind it, it would undo what a debugger stops
    list[i]:kill(name)
    list[i]:wait(math.min(deadline, loop.deadline(2)))
  end
end

local function in_namespaces(made)
  local names, all = {}, {}
  for _, r in ipairs(made) do names[#names + 1] = r.netns end
  for _, ids in pairs(net.processes(names)) do
    for _, id in ipairs(ids) do all[#all + 1] = process.open(id) end
  end
  return all
end

-- Those of the namespaces that do not end by themselves within a moment: who
-- worked for a party ends when that party has.
local function staying(made, seconds)
  local deadline, all = loop.deadline(seconds), {}
  for _, p in ipairs(in_namespaces(made)) do
    if p:wait(deadline) == nil then all[#all + 1] = p end
  end
  return all
end

-- Ends every process by its id, then whatever is still in the namespaces, and
-- the namespaces. Those that had to be killed are counted.
function state.undo(dir)
  local made = state.read(dir) or {}
  end_all(state.running(made), "TERM", 10)
  local stubborn = staying(made, 3)
  end_all(stubborn, "KILL", 5)
  for i = #made, 1, -1 do
    if made[i].netns then net.delete(made[i].netns) end
  end
  file.remove(path(dir))
  return #stubborn
end

return state
