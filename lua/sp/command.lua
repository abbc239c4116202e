-- command: what `sp connect ... -- COMMAND` runs once the session is there:
-- %{key} in its words, SP_KEY in its environment; no secret in either. Its
-- output is sp's own, not a stage's: there are no records between.
local core = require "sp.core.record"
local fd = require "sp.core.fd"
local process = require "sp.process"

local command = {}

local function refuse(detail) error({ error = "system", detail = detail }, 0) end

local function replaced(word, r)
  return (word:gsub("%%{([^}]*)}", function(key)
    if core.secret(key) then refuse("%{" .. key .. "}: a secret has no place in an argument") end
    return r[key] or refuse("%{" .. key .. "}: the record has no such field")
  end))
end

local function environment(r)
  local env = {}
  for key, value in pairs(r) do
    if not core.secret(key) then env[#env + 1] = "SP_" .. key:upper():gsub("[^0-9A-Z]", "_") .. "=" .. value end
  end
  return env
end

-- The command as a process that has the terminal, if there is one, as input.
function command.start(words, r)
  local what = { env = environment(r) }
  for i, word in ipairs(words) do what[i] = replaced(word, r) end
  if not fd.tty(0) then what.stdin = fd.open("/dev/tty", "r") or false end
  local p, why = process.spawn(what)
  return p or refuse(why)
end

return command
