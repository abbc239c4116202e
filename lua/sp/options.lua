-- options: what a recipe understands on its command line, as a list of
-- {name, "ARGUMENT" or false, help}. --help is made of it. ARGUMENT "N" is a whole number.
local options = {}

local function usage(spec, detail)
  error({ error = "usage", detail = ("%s: %s (--help shows what there is)"):format(spec.name, detail) }, 0)
end

local function help(spec)
  print(("usage: %s [options] %s\n%s\n"):format(spec.name, spec.operands or "", spec.summary or ""))
  for _, o in ipairs(spec) do
    print(("      %-28s %s"):format("--" .. o[1] .. (o[2] and " " .. o[2] or ""), o[3]))
  end
  print(("      %-28s %s"):format("--help", "show this and exit"))
  error({ exit = 0 }, 0)
end

local function find(spec, name)
  for _, o in ipairs(spec) do
    if o[1] == name then return o end
  end
  usage(spec, "unknown option --" .. name)
end

-- One option at args[i]; returns the index behind it.
local function take(spec, opt, args, i)
  local name, value = args[i]:match("^%-%-([^=]+)=?(.*)$")
  if name == "help" then help(spec) end
  local o = find(spec, name)
  if not o[2] then
    opt[name] = true
    return i + 1
  end
  if not args[i]:find("=", 1, true) then
    i = i + 1
    value = args[i] or usage(spec, "--" .. name .. " needs " .. o[2])
  end
  opt[name] = o[2] ~= "N" and value or math.tointeger(tonumber(value)) or usage(spec, ("--%s %s: not a number"):format(name, value))
  return i + 1
end

-- The options by name; operands at [1], [2]...; what follows "--" in .command.
function options.parse(spec, args)
  local opt, i = {}, 1
  while i <= #args do
    if args[i] == "--" then
      opt.command = table.move(args, i + 1, #args, 1, {})
      break
    elseif args[i]:find("^%-%-") then
      i = take(spec, opt, args, i)
    else
      opt[#opt + 1] = args[i]
      i = i + 1
    end
  end
  return opt
end

-- Those of `names` that were given, as words for a tool's command line.
function options.words(opt, ...)
  local words = {}
  for _, name in ipairs { ... } do
    if opt[name] == true then
      words[#words + 1] = "--" .. name
    elseif opt[name] then
      words[#words + 1] = "--" .. name
      words[#words + 1] = tostring(opt[name])
    end
  end
  return words
end

return options
