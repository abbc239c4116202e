-- lab.parties: what runs where. Each is a command or a short pipeline; `ready`
-- is what it says when it is.
local data = require "sp.lab.data"

return function(lab)
  local dir, top, share = lab.dir, lab.top, lab.share
  local function key(name) return dir .. "/keys/" .. name end
  local function log(name) return dir .. "/log/" .. name .. ".log" end
  local auth = ("sp-auth --server 10.50.0.36 --secret-file %s/radius.secret --log %s/log/auth.log"):format(dir, dir)

  local function service(name)
    return { name = name, { "sp", "--log", log(name), "run", top .. "/recipes/serve.lua",
      "--line", data.line[data.customer[name]]:match("^[^?]+"), "--address", "192.0.2.1",
      "--secret-file", dir .. "/ras/" .. data.customer[name], "--router", "router1", "--deny-user", "dave",
      "--prefix", "10.50.0.0/24" } }
  end

  local function web(name)
    return { name = name .. "-web", netns = name, ready_tcp = 80,
      { "busybox", "httpd", "-f", "-p", "0.0.0.0:80", "-h", dir .. "/www/" .. name } }
  end

  local function ssh(name)
    return { name = name .. "-ssh", netns = name, ready_tcp = 22, { share .. "/lab/ssh.sh", "serve", dir .. "/ssh", name } }
  end

  return {
    { name = "ldap", ready = "slapd starting", ready_in = "err",
      { "slapd", "-h", "ldap://10.50.0.37:389", "-f", dir .. "/ldap/slapd.conf", "-d", "stats" } },
    { name = "aaa", ready = "Ready to process", ready_in = "log",
      { "freeradius", "-f", "-l", log "aaa", "-d", dir .. "/radius", "-n", "radiusd" } },
    { name = "sec", { "sp-login", "-l", "--listen", "tls:10.50.0.31:4301", "--cert", key "sec.crt", "--key", key "sec.key",
      "--token-key", key "token.key", "--auth", auth, "--log", log "sec" } },
    { name = "mon", { "sp-monitor", "--listen", "tls:10.50.0.32:4302", "--cert", key "mon.crt", "--key", key "mon.key",
      "--ca", key "ca.crt", "--token-key", key "token.pub", "--db", dir .. "/store/sp.db", "--lease-seconds", "6", "--log", log "mon" } },
    { name = "nm", { "sp-trapd", "--listen", "udp:10.50.0.41:162", "--user-file", dir .. "/snmp-users",
      "--state-dir", dir .. "/snmp", "--log", log "nm" },
      { "sp-state", "--monitor", "tls:10.50.0.32:4302", "--ca", key "ca.crt", "--cert", key "nm.crt",
        "--key", key "nm.key", "--log", log "nm" } },
    { name = "nas", { "sp-nas", "--listen", "tcp:10.50.0.38:23", "--name", "router1", "--alias-pool", "10.200.0.0/24",
      "--auth", auth .. " --step 317", "--accounting", auth .. " --accounting", "--group", "support", "--group", "field",
      "--permit-dial", "tcp:198.51.100.*", "--lines", "4", "--log", log "nas" },
      { "sp-trap", "--to", "udp:10.50.0.41:162", "--user-file", dir .. "/snmp-users", "--log", log "nas" } },
    service "sp1", service "sp2", web "sp1", web "sp2", web "ws", ssh "sp1", ssh "sp2",
  }
end
