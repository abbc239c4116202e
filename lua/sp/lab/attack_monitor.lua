-- lab.attack_monitor: who asks monitor and security server without being who may:
-- both tell of one refusal a second; each is tried until it is told. And who answers
-- as the monitor, by datagram, with the certificate of another party.
local attack = require "sp.lab.attack"
local process = require "sp.process"
local record = require "sp.record"

return function(lab, session)
  local function search(what, reason, identity)
    return { what = what, status = 4, told = { "error=denied", "step=307" }, step = 307, reason = reason, log = "mon.log", again = 8,
      seen = { "step=307\tevent=refused", "from=10.50.0.5", "detail=" .. reason },
      run = function() return attack.run(lab, "ws", { "sp-search", "--identity", identity }, "serial=0123\n") end }
  end
  local function old(what, address, step, log)
    return { what = "TLS 1.2 to the " .. what, step = step, reason = "unsupported protocol", log = log, again = 8,
      seen = { "step=" .. step .. "\tevent=refused", "unsupported protocol" },
      run = function() return attack.run(lab, "ws", { "openssl", "s_client", "-tls1_2", "-connect", address }, "") end }
  end
  -- Whoever is believed there says which router is called, and is shown who asks. OpenSSL's server has DTLS 1.2 for an
  -- Ed25519 certificate only beside an ECDSA one, which is not shown to who can check the other.
  local function beside()
    local cert, key = lab:path "attack-none.crt", lab:path "attack-none.key"
    process.must { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=none",
      "-keyout", key, "-out", cert }
    return "-dcert", cert, "-dkey", key, "-serverpref", "-sigalgs", "ed25519:ECDSA+SHA256"
  end
  local function false_monitor(whose, name, step, ...)
    local address, words, alice = "10.50.0.41:4302", { ... }, session.alice.record
    table.move({ "--monitor", "dtls:" .. address, "--identity", alice.identity, "--log", lab:path "log/attack-ws.log" }, 1, 6, #words + 1, words)
    return { what = "a false monitor over DTLS, by a " .. whose .. "'s certificate", status = 4, told = { "error=denied", "step=" .. step },
      step = step, reason = "the role in the certificate is not one that is let in here", log = "attack-ws.log",
      seen = { "step=" .. step .. "\tevent=refused", "detail=dtls:" .. address, "the role in the certificate" },
      run = function()
        local p <close> = attack.serve(lab, "nm", { "openssl", "s_server", "-dtls1_2", "-accept", address, "-cert", lab:path("keys/" .. name .. ".crt"),
          "-key", lab:path("keys/" .. name .. ".key"), "-CAfile", lab:path "keys/ca.crt", "-Verify", "2", beside() }, "ACCEPT")
        return attack.run(lab, "ws", words, tostring(record.new { system = alice.system, serial = alice.serial }) .. "\n")
      end }
  end
  return {
    search("a router's certificate as a user's at the monitor", "the role in the certificate is not one that is let in here", session.router),
    search("alice's stolen certificate, revoked, at the monitor", "certificate revoked", session.stolen),
    false_monitor("security server", "sec", 307, "sp-search"),
    false_monitor("router", "nas", 311, "sp-alloc", "--no-hold"),
    old("monitor", "10.50.0.32:4302", 307, "mon.log"),
    old("security server", "10.50.0.31:4301", 302, "sec.log"),
  }
end
