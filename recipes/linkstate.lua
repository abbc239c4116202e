-- linkstate: what the traps of bought routers say of their calls, between sp-trapd
-- and sp-state. Such a router knows of no session: its linkUp and linkDown name an
-- interface. The monitor's own table of routers says which interface dials, and
-- which alias, address and speed are behind it (profile_args=); so they become
-- states of the call that is on that line, next to the trap itself.
local sp = require "sp"

local opt = sp.options({
  name = "linkstate.lua", operands = "", summary = "make states of calls of a bought router's linkUp and linkDown",
  { "routers", "FILE", "the routers, as `sp-db dump routers` writes them" },
}, { ... })
if not opt.routers then sp.fail("usage", "--routers is needed") end

-- By address and interface. Read for each trap: they are few, and the table may change.
local function router(source, interface)
  for line in io.lines(opt.routers) do
    local row = sp.parse(line)
    local arg = {}
    for key, value in ((row and row.profile_args) or ""):gmatch("([%w_]+)=(%S+)") do arg[key] = value end
    if row and row.address == source and arg.interface == interface then return row.router, arg end
  end
end

local function say(trap, name, arg)
  local state = { { "router", name }, { "line", arg.interface } }
  if trap == "linkDown" then
    table.insert(state, { "state", "down" })
  else
    sp.put(sp.record { state[1], state[2], { "state", "dialing" } }) -- whatever the last call there came to
    table.move({ { "alias", arg.alias }, { "sp_address", arg.ping }, { "speed", arg.speed }, { "state", "up" } }, 1, 4, #state + 1, state)
  end
  sp.put(sp.record(state))
end

local reader = sp.reader(0)
while true do
  local r, why = reader:next()
  if r == nil then return end
  if not r then sp.fail("record", why) end
  sp.put(r)
  if r.trap == "linkUp" or r.trap == "linkDown" then
    local name, arg = router(r.source, r.ifname or r.ifdescr)
    if name then say(r.trap, name, arg) end
  end
end
