-- main: the commands of sp. Each is a recipe: a Lua file that gets its
-- arguments as ... and returns an exit status (nil: 0).
local loop = require "sp.loop"
local sp = require "sp"

local function recipe(path, ...)
  local chunk, why = loadfile(path, "t")
  if not chunk then error({ error = "usage", detail = why }, 0) end
  return chunk(...)
end

local command = {}

function command.run(path, ...)
  if not path then error({ error = "usage", detail = "sp run needs a recipe's file" }, 0) end
  return recipe(path, ...)
end

function command.connect(...) return recipe(sp.top .. "/recipes/connect.lua", ...) end
function command.lab(...) return recipe(sp.top .. "/recipes/lab.lua", ...) end

-- What an error becomes: {exit=}, {signal=}, {error=WORD, detail=}, or a fault
-- in the recipe, which is shown with its traceback.
local function verdict(cause)
  if type(cause) ~= "table" then
    io.stderr:write("sp: ", tostring(cause), "\n")
    return 8
  elseif cause.exit then
    return cause.exit
  elseif cause.signal then
    return 128 + cause.number
  end
  local where = cause.step and ("step %s: "):format(cause.step) or ""
  io.stderr:write("sp: ", where, (tostring(cause.detail or cause.error):gsub("%c", "?")), "\n")
  return sp.exit[cause.error] or 6
end

return function(self, name, ...)
  sp.setup(self)
  local run = command[name]
  if not run then
    return verdict { error = "usage", detail = "unknown command " .. name .. ": connect, run or lab" }
  end
  local ok, status = pcall(loop.run, run, ...)
  if ok then return math.tointeger(status) or 0 end
  return verdict(status)
end
