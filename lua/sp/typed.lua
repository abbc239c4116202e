-- typed: what a person types to get to a system through the gateway's proxy, where programs
-- have no other way. A word that a shell would take for more is quoted.
local typed = {}

local function plain(word)
  if word:find("^[%w%%+,./:=@_-]+$") then return word end
  return (require("sp").quote { word })
end

local function line(words)
  for i, word in ipairs(words) do words[i] = plain(word) end
  return table.concat(words, " ")
end

-- One command line each, of a session's record; none where it has no proxy=.
function typed.lines(r)
  local at, id, ca = r.proxy and r.proxy:match("^tls:([^?]+)"), r.identity, r.proxy_ca
  if not at or not id or not ca or not r.address then return {} end
  local way = line { "sp-tls", "--ca", ca, "--cert", id, "--key", id, "--role", "gateway", "--connect", "%h:%p", r.proxy }
  return {
    line { "curl", "-p", "--proxy", "https://" .. at, "--proxy-cacert", ca, "--proxy-cert", id, "--proxy-key", id,
      "http://" .. r.address .. "/" },
    line { "ssh", "-o", "ProxyCommand=" .. way, "-o", "HostKeyAlias=" .. (r.serial or r.address), r.address },
  }
end

return typed
