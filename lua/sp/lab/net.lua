-- lab.net: the networks of the laboratory. Each party has a network namespace,
-- PREFIX-PARTY; a further one, PREFIX-sw, has a bridge for each network and no
-- address, so that nothing passes from one network to the other but through
-- the router.
local file = require "sp.core.file"
local process = require "sp.process"

local net = {}

-- The vendor's network and the customers' lines. `route` is a static route, `gate` those where everything goes through
-- a gateway: from the workstation to systems and the router by the security server, from the router back by the gateway.
net.party = {
  { "ws",   vendor = "10.50.0.5/24", route = "10.200.0.0/24 via 10.50.0.38",
    gate = { "10.210.0.0/24 via 10.50.0.31", "10.50.0.38 via 10.50.0.31" } },
  { "sec",  vendor = "10.50.0.31/24", forward = true },
  { "gw",   vendor = "10.50.0.35/24", forward = true, gate = { "10.200.0.0/24 via 10.50.0.38" } },
  { "mon",  vendor = "10.50.0.32/24" },
  { "nm",   vendor = "10.50.0.41/24" },
  { "aaa",  vendor = "10.50.0.36/24" },
  { "ldap", vendor = "10.50.0.37/24" },
  { "nas",  vendor = "10.50.0.38/24", line = "198.51.100.1/24", forward = true, gate = { "10.50.0.5 via 10.50.0.35", "10.50.0.64/27 via 10.50.0.35" } },
  { "sp1",  line = "198.51.100.11/24" },
  { "sp2",  line = "198.51.100.12/24" },
  { "sp3",  line = "198.51.100.13/24", shut = true },
}

-- A customer's firewall: nobody gets in, what was begun from inside may answer.
local firewall = [[
table inet customer {
  chain input {
    type filter hook input priority filter; policy drop
    ct state established,related accept
    iifname != "line" accept
  }
}
]]

-- What a command that reads this text has to say.
local function fed(what, text)
  local r <close>, w = require("sp.core.fd").pipe()
  what.stdin = r
  assert(require("sp.pipeline").write(w, text))
  w:close()
  return process.must(what)
end

-- Many ip(8) commands in one process, in the namespace `ns` (nil: here). What they print, each object on one line.
function net.batch(ns, lines)
  return fed({ "ip", "-o", "-batch", "-", netns = ns }, table.concat(lines, "\n") .. "\n")
end

local function switch(prefix)
  local lines = { "link set lo up" }
  for _, bridge in ipairs { "vendor", "line" } do
    lines[#lines + 1] = "link add " .. bridge .. " type bridge"
    lines[#lines + 1] = "link set " .. bridge .. " up"
  end
  for _, p in ipairs(net.party) do
    for _, bridge in ipairs { "vendor", "line" } do
      if p[bridge] then
        local port = p[1] .. "-" .. bridge
        lines[#lines + 1] = ("link add %s type veth peer name %s netns %s-%s"):format(port, bridge, prefix, p[1])
        lines[#lines + 1] = ("link set %s master %s up"):format(port, bridge)
      end
    end
  end
  net.batch(prefix .. "-sw", lines)
end

local function addresses(prefix, p, gate)
  local lines = { "link set lo up" }
  for _, link in ipairs { "vendor", "line" } do
    if p[link] then
      lines[#lines + 1] = ("addr add %s dev %s"):format(p[link], link)
      lines[#lines + 1] = ("link set %s up"):format(link)
    end
  end
  if p.route and not (gate and p.gate) then lines[#lines + 1] = "route add " .. p.route end
  for _, route in ipairs(gate and p.gate or {}) do lines[#lines + 1] = "route add " .. route end
  net.batch(prefix .. "-" .. p[1], lines)
  local keys = { "net.ipv4.ip_forward=" .. (p.forward and 1 or 0), "net.ipv6.conf.all.disable_ipv6=1" }
  process.must { "sysctl", "-qw", keys[1], keys[2], netns = prefix .. "-" .. p[1] }
  if p.shut then fed({ "nft", "-f", "-", netns = prefix .. "-" .. p[1] }, firewall) end
end

-- Builds it all; `made(name)` is told of every namespace before it is made.
function net.up(prefix, gate, made)
  local all = { prefix .. "-sw" }
  for _, p in ipairs(net.party) do all[#all + 1] = prefix .. "-" .. p[1] end
  local lines = {}
  for _, name in ipairs(all) do
    made(name)
    lines[#lines + 1] = "netns add " .. name
  end
  net.batch(nil, lines)
  switch(prefix)
  for _, p in ipairs(net.party) do addresses(prefix, p, gate) end
end

-- The ids of the processes in each of these namespaces, {NAME={ID, ...}}, seen in one
-- walk through /proc; none for one that is not there.
function net.processes(names)
  local what, name_of, ids = { "stat", "-Lc", "net:[%i] %n", stderr = false }, {}, {}
  for _, name in ipairs(names) do
    what[#what + 1] = "/run/netns/" .. name
    ids[name] = {}
  end
  for ns, name in (process.run(what) or ""):gmatch("(%S+) /run/netns/(%S+)") do name_of[ns] = name end
  for _, id in ipairs(file.list "/proc") do
    local name = id:find "^%d" and name_of[file.link("/proc/" .. id .. "/ns/net")]
    if name then table.insert(ids[name], math.tointeger(tonumber(id))) end
  end
  return ids
end

function net.delete(name)
  process.run { "ip", "netns", "delete", name, stderr = false }
end

return net
