-- steps.lua FOLDER - the steps that the logs of a laboratory do not prove, and how many they do.
local steps = require "sp.lab.steps"
local folder = ...

local seen, count = steps.seen { path = function(_, name) return folder .. "/" .. name end }
print(count .. " " .. steps.missing(seen))
