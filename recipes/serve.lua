-- serve: the service processor's side. sp-answer waits for calls on the line;
-- a call starts sp-ras, which finds out who calls and holds the link, where there are
-- gateways sp-gate, whose tunnel everything goes through, and sp-route -l, which adds the
-- way back to the workstation. Without a call none of them exists.
local sp = require "sp"

local opt = sp.options({
  name = "serve.lua", operands = "", summary = "answer calls on a line and let the vendor's engineers in",
  { "line", "LINE", "where calls come in: tcp:HOST:PORT, tty:PATH, unix:PATH" },
  { "address", "ADDRESS", "the service processor's own address on the link (192.0.2.1)" },
  { "peer-address", "ADDRESS", "the router's address on the link (192.0.2.2)" },
  { "permit-keys", "FILE", "public keys of monitors whose permits let a caller in" },
  { "permit-chain", "FILE", "keys that came later, each signed by an earlier one" },
  { "serial", "SERIAL", "the system's serial number, for permits" },
  { "permit-state", "FILE", "where the last permit that was used is remembered" },
  { "auth", "METHODS", "how callers that have a secret are asked" },
  { "secret-file", "FILE", "what a caller without a permit must know" },
  { "router", "NAME", "the router that may call" },
  { "user", "PATTERN", "users that may call" },
  { "deny-user", "PATTERN", "users that may not" },
  { "prefix", "PREFIX", "the vendor's network, to which routes may lead" },
  { "gateway", "ADDRESS", "packets come from there alone, encrypted: dtls:HOST:PORT?key=HEX&name=NAME,..." },
  { "cert", "FILE", "own certificate, for the gateway" },
  { "key", "FILE", "own key" },
  { "ca", "FILE", "authority that vouches for the gateway" },
  { "wall", false, "no call without the wall: from links come the gateway's packets alone" },
  { "wall-ports", "PORTS", "shut on all other interfaces while a session is up: tcp/80,udp/161" },
  { "calls", "N", "at most N calls at once (1)" },
}, { ... })
for _, name in ipairs { "line", "prefix" } do
  if not opt[name] then sp.fail("usage", "--" .. name .. " is needed") end
end
opt.address, opt["peer-address"] = opt.address or "192.0.2.1", opt["peer-address"] or "192.0.2.2"

local function command(...)
  local words = { ... }
  if sp.log then table.move({ "--log", sp.log }, 1, 2, #words + 1, words) end
  return words
end

local function add(words, more)
  return table.move(more, 1, #more, #words + 1, words)
end

local ras = add(command("sp-ras", "--line", "fd:3"),
  sp.words(opt, "address", "peer-address", "permit-keys", "permit-chain", "serial", "permit-state", "auth",
    "secret-file", "router", "user", "deny-user", "wall"))
local route = add(command("sp-route", "-l"), sp.words(opt, "prefix"))
local gate = ""
if opt.gateway then
  local words = add(command("sp-gate", "client"), sp.words(opt, "cert", "key", "ca", "wall", "wall-ports"))
  for address in opt.gateway:gmatch("[^,]+") do
    add(words, { "--gateway", address })
    add(ras, { "--gateway", address:match("^dtls:(.*):%d+") or address })
  end
  gate = " | " .. sp.quote(words) .. " 3<&-"
end
local call = sp.quote(ras) .. gate .. " | " .. sp.quote(route) .. " 3<&-"
local answer = add(add(command("sp-answer", "--max", tostring(opt.calls or 1)), sp.words(opt, "wall")), { opt.line, "--", "sh", "-c", call })

local service <close> = assert(sp.spawn(answer))
return service:wait()
