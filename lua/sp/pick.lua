-- pick: which of the systems that were found? A stage between sp-search and
-- sp-alloc: passes up to `max` on; of more it takes the first ones, or asks
-- where there is a terminal, or says that a sharper criterion is needed.
local fd = require "sp.core.fd"
local loop = require "sp.loop"

local pick = {}

local function describe(r)
  local words = {}
  for _, key in ipairs { "serial", "customer", "site", "region", "model" } do
    if r[key] then words[#words + 1] = r[key] end
  end
  return (table.concat(words, "  "):gsub("%c", "?"))
end

-- The numbers that a person types; nothing typed is none of them.
local function ask(found, max)
  local tty <close> = fd.open("/dev/tty")
  if not tty or not fd.tty(2) then return nil end
  for i, r in ipairs(found) do io.stderr:write(("%4d  %s\n"):format(i, describe(r))) end
  io.stderr:write(("which of these %d (up to %d)? "):format(#found, max))
  loop.wait(nil, { fd = tty, events = "r" })
  local chosen = {}
  for n in (tty:read() or ""):gmatch("%d+") do
    local r = found[math.tointeger(tonumber(n))]
    if r and #chosen < max then chosen[#chosen + 1] = r end
  end
  return chosen
end

local function refuse(found, put)
  local names = {}
  for i = 1, math.min(#found, 3) do names[i] = found[i].serial end
  local r = found[1]
  r.error, r.step = "usage", "310"
  r.detail = ("%d systems match: %s%s; name one more exactly, or take the --first"):format(#found,
    table.concat(names, ", "), #found > 3 and ", ..." or "")
  io.stderr:write("sp: step 310: ", r.detail, "\n")
  put(r)
end

-- keep(r), if given, is told of each that is passed on.
function pick.stage(max, first, keep)
  return function(records, put)
    local found = {}
    for r in records do
      if r.error then put(r) else found[#found + 1] = r end
    end
    local chosen = found
    if #found > max then
      chosen = first and table.move(found, 1, max, 1, {}) or ask(found, max)
      if not chosen then return refuse(found, put) end
    end
    for _, r in ipairs(chosen) do
      if keep then keep(r) end
      put(r)
    end
  end
end

return pick
