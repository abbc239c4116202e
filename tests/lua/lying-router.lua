-- lying-router.lua FOLDER - restarts the laboratory's router with a filter in
-- its reports: the network manager hears of another alias than telnet shows.
local sp = require "sp"
local lab = require "sp.lab"
local state = require "sp.lab.state"

local l = lab.open((...))
for _, r in ipairs(state.read(l.dir)) do
  if r.party == "nas" and sp.started(r.pid) == r.started then
    local p <close> = sp.process(math.tointeger(tonumber(r.pid)))
    p:stop()
  end
end
for _, p in ipairs(require "sp.lab.parties"(l)) do
  if p.name == "nas" then
    table.insert(p, 2, { "sp-record", "set", "alias=10.200.0.99" })
    l.survive = true
    l:start(p)
  end
end
require "sp.lab.left".baseline(l)
