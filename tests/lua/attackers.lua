-- attackers.lua FOLDER STATUS WORD - one attack of the demo's kind, made up: the attacker's exit status is STATUS,
-- and WORD is what the victim writes into FOLDER/log/victim.log, where "refused" should be.
local attack = require "sp.lab.attack"
local folder, status, word = ...
local none = function() return {} end

for _, name in ipairs { "radius", "trap", "permit", "router", "monitor" } do package.loaded["sp.lab.attack_" .. name] = none end
package.loaded["sp.lab.attack_keys"] = { take = none }
package.loaded["sp.lab.attack_wire"] = function()
  return { { what = "a knock", status = 4, step = 300, reason = "none", log = "victim.log", seen = { "refused" }, again = 2,
    run = function()
      local f <close> = assert(io.open(folder .. "/log/victim.log", "a"))
      f:write(word, "\n")
      return math.tointeger(tonumber(status)), ""
    end } }
end
print(attack.all({ path = function(_, name) return folder .. "/" .. name end }, {}, print))
