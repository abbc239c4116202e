-- lab.attack_monitor: who asks monitor and security server without being who may.
-- Both tell of one refusal a second; each is tried until it is told.
local attack = require "sp.lab.attack"

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
  return {
    search("a router's certificate as a user's at the monitor", "the role in the certificate is not one that is let in here", session.router),
    search("alice's stolen certificate, revoked, at the monitor", "certificate revoked", session.stolen),
    old("monitor", "10.50.0.32:4302", 307, "mon.log"),
    old("security server", "10.50.0.31:4301", 302, "sec.log"),
  }
end
