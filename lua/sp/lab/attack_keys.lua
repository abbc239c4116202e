-- lab.attack_keys: the certificates that attackers have. Two are of the right authority,
-- and of a role that is another one; the third was alice's, and is revoked once it was
-- seen that it is good.
local attack = require "sp.lab.attack"
local file = require "sp.core.file"
local process = require "sp.process"

local keys = {}

local function text(path)
  local f <close> = assert(io.open(path))
  return f:read("a")
end

-- Key and certificate in one file, as sp-login leaves them.
local function identity(lab, name)
  local path = lab:path("attack-" .. name .. ".pem")
  assert(file.write(path, text(lab:path("keys/" .. name .. ".key")) .. text(lab:path("keys/" .. name .. ".crt"))))
  return path
end

-- alice logs in once more, and somebody takes the file away.
local function stolen(lab)
  local path = lab:path "attack-stolen.pem"
  local status, said = attack.run(lab, "ws", { "sp-login", "--user", "alice", "--password-file", lab:path "password/alice",
    "--identity", path }, "serial=0123\n")
  if status == 0 then status, said = attack.run(lab, "ws", { "sp-search", "--identity", path }, "serial=0123\n") end
  if status ~= 0 then error({ error = "peer", detail = "alice's certificate is not good before it is revoked: " .. said }, 0) end
  return path
end

-- By its number, as it stands in the security server's log; monitor and router read the list again.
local function revoke(lab, path)
  local users, list = lab:path "users-ca", lab:path "keys/ca.crl"
  local id = process.must { "openssl", "x509", "-noout", "-serial", "-in", path }
  process.must { "sp-ca", "init", "--dir", users, "--cert", lab:path "keys/sec.crt", "--key", lab:path "keys/sec.key" }
  process.must { "sp-ca", "revoke", "--dir", users, id:match("serial=(%x+)"):lower() }
  assert(file.write(list .. ".new", text(list) .. text(users .. "/ca.crl")))
  assert(os.rename(list .. ".new", list))
end

-- Adds the paths of the files to the table.
function keys.take(lab, session)
  session.processor = identity(lab, "000311770789")
  session.router = identity(lab, "nas")
  session.stolen = stolen(lab)
  revoke(lab, session.stolen)
end

return keys
