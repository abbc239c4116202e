-- lab.keys: keys and certificates, made on the spot by openssl(1) and thrown
-- away with the laboratory. All files are the owner's only.
local file = require "sp.core.file"
local process = require "sp.process"

local keys = {}

local function config(address)
  local text = { [[
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
]] }
  for _, party in ipairs { "sec", "mon", "nm" } do
    text[#text + 1] = ([[
[%s]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = IP:%s
]]):format(party, address[party])
  end
  return table.concat(text)
end

local function certificate(dir, name, subject, signer)
  local what = { "openssl", "req", "-x509", "-config", dir .. "/openssl.cnf", "-extensions", name,
    "-newkey", "ed25519", "-nodes", "-keyout", dir .. "/" .. name .. ".key", "-out", dir .. "/" .. name .. ".crt",
    "-days", "7", "-subj", subject }
  if signer then
    table.move({ "-CA", dir .. "/" .. signer .. ".crt", "-CAkey", dir .. "/" .. signer .. ".key" }, 1, 4, #what + 1, what)
  end
  process.must(what)
end

-- dir: ca, sec, mon and nm (OU=manager) .key and .crt; token.key, token.pub.
function keys.make(dir, address)
  assert(file.mkdir(dir))
  assert(file.write(dir .. "/openssl.cnf", config(address)))
  certificate(dir, "ca", "/O=Vendor/CN=laboratory")
  certificate(dir, "sec", "/O=Vendor/CN=security server", "ca")
  certificate(dir, "mon", "/O=Vendor/CN=connection monitor", "ca")
  certificate(dir, "nm", "/O=Vendor/OU=manager/CN=network manager", "ca")
  process.must { "openssl", "genpkey", "-algorithm", "ed25519", "-out", dir .. "/token.key" }
  process.must { "openssl", "pkey", "-in", dir .. "/token.key", "-pubout", "-out", dir .. "/token.pub" }
end

return keys
