-- lab.attack_trap: somebody in the vendor's network tells the network manager that
-- alice's system has another address: as router1 with another key, without a key,
-- and with the community that every device has when it is new.
local attack = require "sp.lab.attack"
local file = require "sp.core.file"
local record = require "sp.record"
local secret = require "sp.core.secret"

local MIB = "1.3.6.1.4.1.8072.9999.9999.4341"

return function(lab, session)
  local r, to = session.alice.record, "udp:10.50.0.41:162"
  local keys = lab:path "attack-users"
  assert(file.write(keys, tostring(record.new { user = "router1", auth_password = secret.random(12),
    priv_password = secret.random(12) }) .. "\n"))
  local state = tostring(record.new { session = r.session, router = "router1", line = r.line, alias = "10.200.0.66", state = "up" }) .. "\n"
  local binding = { "", MIB .. ".0.2", MIB .. ".1.1.0", "s", r.session, MIB .. ".1.2.0", "s", "router1" }

  local function snmp(...)
    local words = table.pack(...)
    words[#words + 1] = to
    table.move(binding, 1, #binding, #words + 1, words)
    return function() return attack.run(lab, "ws", words) end
  end
  local function dropped(what, run, reason, more)
    local a = { what = "a trap, " .. what, run = run, step = 337, reason = reason, log = "nm.log",
      seen = { "step=337\tevent=refused\tsource=10.50.0.5", reason } }
    for key, value in pairs(more or {}) do a[key] = value end
    return a
  end
  return {
    dropped("as router1 with another key", function()
      return attack.run(lab, "ws", { "sp-trap", "--to", to, "--user-file", keys, "--timeout", "3" }, state)
    end, "fails authentication", { status = 4 }),
    dropped("as router1 without a key", snmp("snmpinform", "-r", "0", "-t", "1", "-v", "3", "-u", "router1", "-l", "noAuthNoPriv"),
      "security level is below authPriv"),
    dropped("of the community public", snmp("snmpinform", "-r", "0", "-t", "1", "-v", "2c", "-c", "public"),
      "SNMPv1 and v2c are not allowed"),
  }
end
