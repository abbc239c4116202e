-- lab.parties: what runs where. Each is a command or a short pipeline; `ready`
-- is what it says when it is.
local data = require "sp.lab.data"

return function(lab)
  local dir, top, share = lab.dir, lab.top, lab.share
  local function key(name) return dir .. "/keys/" .. name end
  local function log(name) return dir .. "/log/" .. name .. ".log" end
  -- Who asks the RADIUS server: the router by UDP, the security server over TLS.
  local auth = ("sp-auth --server 10.50.0.36 --secret-file %s/radius.secret --log %s/log/auth.log"):format(dir, dir)
  local auth_tls = ("sp-auth --server tls:10.50.0.36 --ca %s/radius/tls/ca.crt --cert %s --key %s --log %s/log/auth.log"):format(
    dir, key "sec.crt", key "sec.key", dir)

  local function add(words, more)
    return table.move(more or {}, 1, #(more or {}), #words + 1, words)
  end

  -- How the gateway is known to the others.
  local pin = lab.gate and assert(io.open(key "gw.pin")):read("a")
  local gateway = lab.gate and ("dtls:10.50.0.35:4340?key=%s&name=gw1"):format(pin)
  local function gate(role, name, words)
    return add({ "sp-gate", role, "--cert", key(name .. ".crt"), "--key", key(name .. ".key"), "--ca", key "ca.crt", "--crl", key "ca.crl",
      "--permit-keys", key "permit.pub", "--log", log(role) }, words)
  end

  -- A service processor that answers on a line. All its lines know the same permits as used.
  local function service(name, line, party)
    local system = party or name
    local serve = { "sp", "--log", log(name), "run", top .. "/recipes/serve.lua",
      "--line", line, "--address", "192.0.2.1", "--permit-keys", key "permit.pub",
      "--serial", data.serial[system], "--permit-state", dir .. "/permits/" .. system, "--router", "router1",
      "--deny-user", "dave", "--prefix", "10.50.0.0/24" }
    add(serve, lab.gate and { "--gateway", gateway, "--cert", key(data.serial[system] .. ".crt"),
      "--key", key(data.serial[system] .. ".key"), "--ca", key "ca.crt", "--wall", "--wall-ports", "tcp/80" })
    return { name = name, netns = party, serve }
  end

  local function tcp(name) return service(name, data.line[data.customer[name]][1]:match("^[^?]+")) end

  local function modem(number) return ("modem:%s/pstn/%s?lock=%s/pstn/lock"):format(dir, number, dir) end

  -- The exchange takes its commands from a named pipe (lab.lines).
  local function exchange()
    local words = { "sh", "-c", 'exec "$@" <>"$0"', dir .. "/pstn/commands", "sp-pstn", "--dir", dir .. "/pstn",
      "--training", "500", "--ring", "1000", "--log", log "pstn" }
    for _, number in ipairs { data.modem.nas[1], data.modem.nas[2], data.modem.sp1, data.modem.sp2 } do
      table.move({ "--modem", number }, 1, 2, #words + 1, words)
    end
    return { name = "pstn", netns = "sw", words }
  end

  local function web(name, port)
    return { name = name .. "-web" .. (port or ""), netns = name, ready_tcp = port or 80,
      { "busybox", "httpd", "-f", "-p", "0.0.0.0:" .. (port or 80), "-h", dir .. "/www/" .. name } }
  end

  local function ssh(name)
    return { name = name .. "-ssh", netns = name, ready_tcp = 22, { share .. "/lab/ssh.sh", "serve", dir .. "/ssh", name } }
  end

  -- The service centre's word on tickets, where one is wanted.
  local function with_tickets(words)
    if lab.tickets then table.move({ "--verify-ticket", ("%s/lab/tickets %s/tickets"):format(share, dir) }, 1, 2, #words + 1, words) end
    return words
  end

  local all = {
    { name = "ldap", ready = "slapd starting", ready_in = "err",
      { "slapd", "-h", "ldaps://10.50.0.37:636", "-f", dir .. "/ldap/slapd.conf", "-d", "stats" } },
    -- TLS wants its threads (no -s), with which 3.2.1 now and then does not end: it joins one that runs for ever.
    { name = "aaa", ready = "Ready to process", ready_in = "log",
      { "timeout", "--foreground", "--kill-after", "1", "0", "freeradius", "-f", "-l", log "aaa", "-d", dir .. "/radius", "-n", "radiusd" } },
    { name = "sec", { "sp-login", "-l", "--listen", "tls:10.50.0.31:4301", "--cert", key "sec.crt", "--key", key "sec.key",
      "--issuer-cert", key "sec.crt", "--issuer-key", key "sec.key", "--auth", auth_tls,
      "--group-passwords", dir .. "/group-passwords", "--log", log "sec" } },
    { name = "mon", with_tickets(add({ "sp-monitor", "--listen", "tls:10.50.0.32:4302", "--listen", "dtls:10.50.0.32:4302", "--cert", key "mon.crt", "--key", key "mon.key",
      "--ca", key "ca.crt", "--crl", key "ca.crl", "--db", dir .. "/store/sp.db", "--lease-seconds", "6",
      "--permit-key", key "permit.key", "--permit-connect", "2", "--permit-life", tostring(lab.permit_life), "--log", log "mon" },
      lab.gate and { "--inside-pool", "10.210.0.0/24" })) },
    { name = "nm", { "sp-trapd", "--listen", "udp:10.50.0.41:162", "--user-file", dir .. "/snmp-users",
      "--state-dir", dir .. "/snmp", "--log", log "nm" },
      { "sp-state", "--monitor", "tls:10.50.0.32:4302", "--ca", key "ca.crt", "--cert", key "nm.crt",
        "--key", key "nm.key", "--log", log "nm" } },
    lab.gate and { name = "gw", gate("gateway", "gw", { "--listen", "dtls:10.50.0.35:4340", "--router", "10.50.0.38:992", "--route", "10.50.0.5/32",
      "--proxy", "tls:10.50.0.35:4306", "--proxy-pool", "10.50.0.64/27", "--route", "10.50.0.64/27" }),
      { "sp-state", "--monitor", "tls:10.50.0.32:4302", "--ca", key "ca.crt", "--cert", key "gw.crt", "--key", key "gw.key", "--log", log "gw" } } or false,
    lab.gate and { name = "secgate", netns = "sec", gate("server", "sec", { "--listen", "tls:10.50.0.31:4305", "--gateway", gateway,
      "--route", "10.210.0.0/24", "--route", "10.50.0.38/32" }) } or false,
    exchange(),
    { name = "back", netns = "nas", { "sp-back", "--listen", "tls:198.51.100.1:4347", "--cert", key "nas.crt", "--key", key "nas.key",
      "--ca", key "ca.crt", "--socket", "unix:" .. dir .. "/back.sock", "--log", log "nas-back" } },
    { name = "nas", add({ "sp-nas", "--listen", "tls:10.50.0.38:992", "--cert", key "nas.crt", "--key", key "nas.key", "--ca", key "ca.crt",
      "--crl", key "ca.crl", "--name", "router1", "--alias-pool", "10.200.0.0/24",
      "--auth", auth .. " --step 317", "--accounting", auth .. " --accounting", "--group", "support", "--group", "field", "--group", data.group,
      "--permit-dial", "tcp:198.51.100.*", "--permit-dial", "5550*", "--permit-dial", "back:*", "--lines", "4",
      "--permit-keys", key "permit.pub",
      "--line", "modem1=" .. modem(data.modem.nas[1]), "--line", "modem2=" .. modem(data.modem.nas[2]),
      "--back", "unix:" .. dir .. "/back.sock", "--log", log "nas" }, lab.gate and { "--gateway", "10.50.0.35" }),
      { "sp-trap", "--to", "udp:10.50.0.41:162", "--user-file", dir .. "/snmp-users", "--log", log "nas" } },
    tcp "sp1", tcp "sp2", service("sp1-modem", modem(data.modem.sp1), "sp1"), service("sp2-modem", modem(data.modem.sp2), "sp2"),
    service("sp3", ("back:198.51.100.1:4347?cert=%s&key=%s&ca=%s"):format(key "000311770789.crt", key "000311770789.key", key "ca.crt")),
    web "sp1", web "sp2", web "sp3", web("sp3", 8080), web "ws", ssh "sp1", ssh "sp2",
  }
  for i = #all, 1, -1 do
    if not all[i] then table.remove(all, i) end
  end
  return all
end
