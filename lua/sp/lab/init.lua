-- lab: the laboratory. Every party of the handshake is a process of its own in
-- a network of its own on this machine; all that it makes is in one folder and
-- in the namespaces that the folder's file `made` names.
local data = require "sp.lab.data"
local file = require "sp.core.file"
local left = require "sp.lab.left"
local lines = require "sp.lab.lines"
local net = require "sp.lab.net"
local party = require "sp.lab.party"
local process = require "sp.process"
local record = require "sp.record"
local state = require "sp.lab.state"

local lab = {}
local meta = { __name = "lab" }
meta.__index = meta

local function refuse(detail) error({ error = "system", detail = detail }, 0) end

-- What no laboratory can be without; says what is missing.
function lab.possible()
  if not file.exists("/dev/net/tun") then refuse "there is no /dev/net/tun here: the laboratory cannot be built" end
  local ok, status = process.run { "unshare", "--net", "--mount", "true", stderr = false }
  if not ok or status ~= 0 then refuse "no network namespaces here (not root?): the laboratory cannot be built" end
end

function meta:netns(name) return self.prefix .. "-" .. name end
function meta:path(name) return self.dir .. "/" .. name end

local function config(self)
  assert(file.write(self:path "sp.conf", ([[
# The workstation of this laboratory: SP_CONFIG=%s/sp.conf
[sp]
ca = %s/keys/ca.crt
monitor = tls:10.50.0.32:4302
[sp-search]
monitor = dtls:10.50.0.32:4302
[sp-alloc]
monitor = dtls:10.50.0.32:4302
%s[sp-login]
server = tls:10.50.0.31:4301
]]):format(self.dir, self.dir, self.gate and "gate = tls:10.50.0.31:4305\n" or "")))
end

local function pages(self)
  assert(file.mkdir(self:path "www"))
  for name, serial in pairs { sp1 = "000187260123", sp2 = "000290440456", sp3 = "000311770789", ws = "workstation" } do
    assert(file.mkdir(self:path("www/" .. name)))
    assert(file.write(self:path("www/" .. name .. "/index.html"), "<p>" .. serial .. "</p>\n"))
    local log = {}
    for i = 1, 400 do log[i] = ("%s: event %d: %08x\n"):format(serial, i, i * 2654435761 % 4294967296) end
    assert(file.write(self:path("www/" .. name .. "/log.txt"), table.concat(log)))
  end
end

-- What a service centre would send; and which tickets are open there.
local function ticket(self)
  assert(file.write(self:path "ticket.json", [[
{ "ticket": "T-1001", "serial_number": "000187260123", "customer": "Acme Bank",
  "problem": "battery of the write cache is low", "severity": 2 }
]]))
  assert(file.write(self:path "tickets", "T-1001\nT-1002\n"))
end

-- Those that are not ours have certificates of authorities of their own, which
-- vouch for no party, each for the address that it is looked for at. The RADIUS
-- server is asked over TLS by the security server, which shows the certificate
-- that it has as a party, and by UDP by the router alone.
local function servers(self)
  local dir = self.dir
  process.must { self.share .. "/lab/radius-certs.sh", dir .. "/ldap/tls", "10.50.0.37" }
  process.must { self.share .. "/lab/slapd.sh", dir .. "/ldap", dir .. "/users", dir .. "/ldap.password",
    dir .. "/ldap/tls/server.crt", dir .. "/ldap/tls/server.key" }
  assert(file.mkdir(dir .. "/radius"))
  process.must { "cp", dir .. "/ldap/tls/ca.crt", dir .. "/radius/ldap-ca.crt" }
  process.must { self.share .. "/lab/radius-certs.sh", dir .. "/radius/tls", "10.50.0.36" }
  process.must { "cp", dir .. "/keys/ca.crt", dir .. "/radius/tls/clients.crt" }
  process.must { self.share .. "/lab/freeradius.sh", dir .. "/radius", "10.50.0.36", "1812", "1813",
    dir .. "/radius.secret", "ldaps://10.50.0.37:636", dir .. "/ldap.password", "tls:10.50.0.31", "10.50.0.38" }
  process.must { self.share .. "/lab/ssh.sh", "keys", dir .. "/ssh", "sp1=000187260123", "sp2=000290440456" }
end

-- Who vouches for all parties; and the key that the monitor signs permits with.
local function authority(dir)
  process.must { "sp-ca", "init", "--dir", dir, "--name", "laboratory authority" }
  for _, party in ipairs { { "sec", "login", "--issues", "user" }, { "mon", "monitor" }, { "nm", "manager" }, { "nas", "router", name = "router1" } } do
    process.must { "sp-ca", "issue", "--dir", dir, "--name", party.name or party[1], "--out", dir .. "/" .. party[1],
      "--role", party[2], party[3], party[4] }
  end
  for _, serial in pairs(data.serial) do process.must { "sp-ca", "issue", "--dir", dir, "--role", "processor", "--serial", serial } end
  local gw = record.parse(process.must { "sp-ca", "issue", "--dir", dir, "--name", "gw1", "--out", dir .. "/gw", "--role", "gateway", "--san", "ip:10.50.0.35" }:match "[^\n]+")
  assert(file.write(dir .. "/gw.pin", gw.pin))
  process.must { "openssl", "genpkey", "-algorithm", "ed25519", "-out", dir .. "/permit.key" }
  process.must { "openssl", "pkey", "-in", dir .. "/permit.key", "-pubout", "-out", dir .. "/permit.pub" }
end

local function build(self)
  net.up(self.prefix, self.gate, function(name) state.add(self.dir, { netns = name }) end)
  authority(self:path "keys")
  data.secrets(self.dir)
  data.store(self.dir)
  servers(self)
  lines.make(self)
  pages(self)
  ticket(self)
  config(self)
  for _, p in ipairs(require "sp.lab.parties"(self)) do
    if not self.without[p.name] then party.start(self, p) end
  end
  left.baseline(self)
end

-- Builds it in the folder `dir`, which must not exist. survive: the parties
-- outlive us. without={NAME=true}: parties that are not started. permit_life: of
-- permits, in seconds. tickets: nobody is given a router without an open one. gate: everything goes through a gateway. Whatever goes wrong, nothing is left.
function lab.up(spec)
  lab.possible()
  local sp = require "sp"
  if state.read(spec.dir) then refuse("there is a laboratory in " .. spec.dir .. " already: `sp lab down` ends it") end
  local ok, why = file.mkdir(spec.dir)
  if not ok then refuse(why) end
  local self = setmetatable({ dir = spec.dir, survive = spec.survive, without = spec.without or {}, child = {},
    permit_life = spec.permit_life or 3600, tickets = spec.tickets, gate = spec.gate, prefix = "spl" .. assert(file.link("/proc/self")), top = sp.top, share = sp.share }, meta)
  assert(file.mkdir(self:path "log"))
  assert(file.mkdir(self:path "permits"))
  state.add(self.dir, { prefix = self.prefix, top = self.top, permit_life = tostring(self.permit_life), tickets = self.tickets and "yes", gate = self.gate and "yes" })
  local built, cause = pcall(build, self)
  if not built then
    self:down(spec.keep)
    error(cause, 0)
  end
  return self
end

-- The laboratory of a folder.
function lab.open(dir)
  local made = state.read(dir)
  if not made or not made[1] or not made[1].prefix then refuse("there is no laboratory in " .. dir .. ": `sp lab up` makes one") end
  local sp = require "sp"
  return setmetatable({ dir = dir, prefix = made[1].prefix, permit_life = made[1].permit_life, tickets = made[1].tickets, gate = made[1].gate, top = sp.top, share = sp.share, child = {}, without = {} }, meta)
end

-- Starts one of the parties (again), or one with another command.
function meta:start(p)
  if type(p) == "string" then
    for _, q in ipairs(require "sp.lab.parties"(self)) do
      if q.name == p then return party.start(self, q) end
    end
    refuse("there is no party " .. p)
  end
  return party.start(self, p)
end

-- Takes everything down; the folder too unless keep. How many processes would
-- not end by themselves.
function meta:down(keep)
  local stubborn = state.undo(self.dir)
  if not keep then process.run { "rm", "-rf", self.dir } end
  return stubborn
end

function meta:__close() self:down() end

-- What sessions left: a list of records, looked for until none or deadline.
function meta:left(deadline) return left.none(self, deadline or 0) end

function meta:has(name)
  for _, p in ipairs(net.party) do
    if p[1] == name then return true end
  end
  return false
end

-- A command in a party's namespace, with the workstation's configuration.
function meta:command(name, what)
  what.netns = self:netns(name)
  what.env = what.env or { "SP_CONFIG=" .. self:path "sp.conf", "SP_LAB=" .. self.dir, "XDG_RUNTIME_DIR=" .. self.dir }
  return what
end

return lab
