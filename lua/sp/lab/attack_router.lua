-- lab.attack_router: somebody at the workstation has permits that are not for him,
-- certificates that are not a user's, and no TLS 1.3; or stands where the router is
-- looked for, and says all that a router says.
local attack = require "sp.lab.attack"
local record = require "sp.record"

local DIAL = "tcp:198.51.100.11:7000"
local router = table.concat({ "Group: ", "Permission granted.", "router1> OK Dial string acknowledged, line line1 ready.",
  "router1> Progress: state=up line=line1 alias=10.50.0.66", "" }, "\r\n")

return function(lab, session)
  local alice = session.alice.record

  local function sign(...) return attack.permit(lab, alice, DIAL, ...) end
  -- What sp-dial is told to do, as if sp-alloc had said so.
  local function dial(identity, permit, address)
    return attack.run(lab, "ws", { "sp-dial", "--no-hold", "--identity", identity, "--log", lab:path "log/attack-ws.log" }, tostring(record.new { user = "alice",
      router_address = address or "10.50.0.38", router_port = "992", profile_args = "transport=tls", session = alice.session,
      serial = alice.serial, dial = DIAL, permit = permit or sign() }) .. "\n")
  end
  local function refused(what, step, reason, run)
    return { what = what, status = 4, told = { "step=" .. step }, step = step, reason = reason, log = "nas.log",
      seen = { "step=" .. step, "refused", "detail=" .. reason }, run = run }
  end
  local function injected()
    local p <close> = attack.serve(lab, "nm", { "openssl", "s_server", "-accept", "10.50.0.41:992", "-cert",
      lab:path "keys/000311770789.crt", "-key", lab:path "keys/000311770789.key", "-CAfile", lab:path "keys/ca.crt", "-verify", "1" },
      "ACCEPT", router)
    return dial(alice.identity, nil, "10.50.0.41")
  end

  return {
    refused("a permit of another user, by carol's certificate", 324, "the permit is for another user", function()
      return dial(session.carol.record.identity, sign())
    end),
    refused("a permit of another workstation", 324, "the permit is for another workstation", function()
      return dial(alice.identity, sign "workstation=10.50.0.6")
    end),
    refused("a system's certificate as a user's at the router", 315, "the role in the certificate is not one that is let in here",
      function() return dial(session.processor) end),
    refused("alice's stolen certificate, revoked, at the router", 315, "certificate revoked", function() return dial(session.stolen) end),
    { what = "TLS 1.2 to the router", step = 315, reason = "unsupported protocol", log = "nas.log",
      seen = { "step=315\tevent=refused", "unsupported protocol" },
      run = function() return attack.run(lab, "ws", { "openssl", "s_client", "-tls1_2", "-connect", "10.50.0.38:992" }, "") end },
    { what = "telnet in the clear that injects commands", step = 315, reason = "wrong version number", log = "nas.log",
      seen = { "step=315\tevent=refused", "wrong version number" },
      run = function()
        local _, said = attack.run(lab, "ws", { "socat", "-t", "2", "-", "TCP:10.50.0.38:992" },
          "alice\r\n\r\nsession " .. alice.session .. "\r\nhangup\r\ndial " .. DIAL .. "\r\nbegin\r\n", true)
        return said:find "[Oo][Kk]" and 0 or 1, said
      end },
    { what = "a telnet peer that injects what a router says, by a system's certificate", status = 4, told = { "step=315" }, step = 315,
      reason = "the role in the certificate is not one that is let in here", log = "attack-ws.log",
      seen = { "step=315" }, run = injected },
  }
end
