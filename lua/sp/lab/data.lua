-- lab.data: who and what there is in the laboratory: users of the domain
-- server, and the tables of the monitor's store.
local file = require "sp.core.file"
local process = require "sp.process"
local record = require "sp.record"
local secret = require "sp.core.secret"

local data = {}

-- alice reaches everything, carol only Globex; bob's group may use no router;
-- dave may, but no service processor takes him. erin has a grant for another day than
-- today, and logs in with a code besides; who is in the group "cleared" and gives its
-- password has its grant, which opens a single port.
data.users = {
  { user = "alice", groups = "support,field" },
  { user = "bob",   groups = "office" },
  { user = "carol", groups = "support" },
  { user = "dave",  groups = "support" },
  { user = "erin",  groups = "support,cleared", code = true },
}
data.group = "cleared"

-- A day that is neither today nor near it.
local function another_day()
  local days = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" }
  return days[(os.date("!*t").wday + 2) % 7 + 1]
end

local tables = {
  { "customers", { customer = "acme", name = "Acme Bank" }, { customer = "globex", name = "Globex" },
    { customer = "initech", name = "Initech" } },
  { "sites",
    { site = "BOS-2", customer = "acme", name = "Boston", region = "us-east", lat = "42.36", lon = "-71.06" },
    { site = "HAM-1", customer = "globex", name = "Hamburg", region = "eu", lat = "53.55", lon = "9.99" },
    { site = "AUS-1", customer = "initech", name = "Austin", region = "us-south", lat = "30.27", lon = "-97.74" } },
  { "systems",
    { system = "acme-1", serial = "000187260123", customer = "acme", site = "BOS-2", model = "DX-400", phone = "+16175550142" },
    { system = "acme-2", serial = "000187260777", customer = "acme", site = "BOS-2", model = "DX-400", phone = "+16175550143" },
    { system = "globex-1", serial = "000290440456", customer = "globex", site = "HAM-1", model = "DX-800", phone = "+494055501234" },
    { system = "initech-1", serial = "000311770789", customer = "initech", site = "AUS-1", model = "DX-400" } },
  { "routers",
    { router = "router1", address = "10.50.0.38", port = "992", profile = "sp-nas", profile_args = "transport=tls", region = "us-east",
      lat = "40.71", lon = "-74.01", alias_pool = "10.200.0.0/24", max_calls = "4" } },
  { "router_may", { router = "router1", scope = "all" } },
  { "lines", { router = "router1", line = "line1" }, { router = "router1", line = "line2" },
    { router = "router1", line = "line3" }, { router = "router1", line = "line4" } },
  { "users", { user = "alice", name = "Alice" }, { user = "bob", name = "Bob" }, { user = "carol", name = "Carol" },
    { user = "dave", name = "Dave" }, { user = "erin", name = "Erin" } },
  { "grants",
    { user = "alice", scope = "everything" },
    { user = "bob", scope = "customer", object = "acme" },
    { user = "carol", scope = "customer", object = "globex" },
    { user = "dave", scope = "everything" },
    { user = "erin", scope = "customer", object = "globex", window = another_day() .. " 08:00-18:00" },
    { group = data.group, scope = "customer", object = "initech", ports = "tcp/80:both" } },
}

-- How each system is called, in order. The system acme-2 has a line that nobody
-- answers; initech-1 is behind a firewall and holds a connection to the router.
data.line = {
  ["acme-1"] = { "tcp:198.51.100.11:7000?speed=2048000", "5550123" },
  ["acme-2"] = { "tcp:198.51.100.11:7999" },
  ["globex-1"] = { "tcp:198.51.100.12:7000?speed=2048000", "5550456" },
  ["initech-1"] = { "back:000311770789" },
}
data.customer = { sp1 = "acme-1", sp2 = "globex-1", sp3 = "initech-1" }
data.serial = { sp1 = "000187260123", sp2 = "000290440456", sp3 = "000311770789" }
-- The exchange's modems: the router's and the service processors'.
data.modem = { nas = { "5550001", "5550002" }, sp1 = "5550123", sp2 = "5550456" }

local function write(path, rows)
  local lines = {}
  for _, row in ipairs(rows) do lines[#lines + 1] = tostring(record.new(row)) .. "\n" end
  assert(file.write(path, table.concat(lines)))
end

-- users (for the domain server), password/USER, code/USER, group/GROUP and group-passwords (for the
-- security server), ldap.password, radius.secret, snmp-users. Systems have none: a permit opens them.
function data.secrets(dir)
  for _, folder in ipairs { "/password", "/code", "/group", "/snmp" } do assert(file.mkdir(dir .. folder)) end
  local rows = {}
  for i, u in ipairs(data.users) do
    rows[i] = { user = u.user, groups = u.groups, password = assert(secret.random(8)) }
    assert(file.write(dir .. "/password/" .. u.user, rows[i].password .. "\n"))
    if u.code then
      rows[i].code = assert(secret.random(8))
      assert(file.write(dir .. "/code/" .. u.user, rows[i].code .. "\n"))
    end
  end
  write(dir .. "/users", rows)
  local group = dir .. "/group/" .. data.group
  assert(file.write(group, assert(secret.random(8)) .. "\n"))
  assert(file.write(dir .. "/group-passwords", process.must { "sp-login", "--hash", "--group", data.group, "--password-file", group }))
  for _, name in ipairs { "ldap.password", "radius.secret" } do
    assert(file.write(dir .. "/" .. name, assert(secret.random(16)) .. "\n"))
  end
  write(dir .. "/snmp-users", { { user = "router1", auth_password = secret.random(12), priv_password = secret.random(12) } })
end

-- The store, by sp-db, as a vendor's export would fill it.
function data.store(dir)
  assert(file.mkdir(dir .. "/store"))
  local db = dir .. "/store/sp.db"
  process.must { "sp-db", "--db", db, "create" }
  local endpoints = { "endpoints" }
  for system, lines in pairs(data.line) do
    for i, line in ipairs(lines) do
      endpoints[#endpoints + 1] = { system = system, priority = tostring(i), dial = line }
    end
  end
  local all = table.move(tables, 1, #tables, 1, {})
  table.insert(all, 4, endpoints)
  for _, t in ipairs(all) do
    local path = dir .. "/store/" .. t[1]
    write(path, table.move(t, 2, #t, 1, {}))
    process.must { "sp-db", "--db", db, "load", t[1], path }
    file.remove(path)
  end
  return db
end

return data
