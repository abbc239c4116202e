-- step: the steps of the handshake in words: which party it is that acts, what
-- it does, and the fields of its report that say more.
local record = require "sp.record"

local step = {}

local words = {
  [300] = { "workstation", "reads the service ticket", "serial", "customer", "site", "phone" },
  [301] = { "workstation", "knows who asks", "user", "domain", "group" },
  [302] = { "workstation", "asks the security server", "server" },
  [303] = { "security server", "asks RADIUS", "user" },
  [304] = { "security server", "has the verdict", "user", "detail" },
  [305] = { "workstation", "has a proof of who the user is", "groups", "detail" },
  [306] = { "workstation", "searches", "serial", "customer", "site", "phone", "model", "region" },
  [307] = { "monitor", "is asked, and checks by whom", "user" },
  [308] = { "monitor", "leaves out what the user may not reach", "count" },
  [309] = { "monitor", "sends the list", "count" },
  [310] = { "workstation", "has the systems that match", "count" },
  [311] = { "workstation", "asks for a router", "system" },
  [312] = { "monitor", "checks again", "user", "system" },
  [313] = { "monitor", "chooses the router", "router", "detail" },
  [314] = { "workstation", "has router and lease", "router", "address" },
  [315] = { "router", "is connected to", "workstation" },
  [316] = { "router", "learns who the user is", "user" },
  [317] = { "router", "asks RADIUS", "user" },
  [318] = { "domain server", "is asked" },
  [319] = { "domain server", "answers" },
  [320] = { "router", "has the verdict", "groups" },
  [321] = { "router", "permits what this user may here", "permitted" },
  [322] = { "router", "ends the session", "detail" },
  [323] = { "workstation", "may dial" },
  [324] = { "router", "acknowledges the dial string", "line" },
  [325] = { "router", "places the call", "dial", "reason" },
  [326] = { "workstation", "sees the call", "state", "speed", "alias", "reason" },
  [327] = { "service processor", "is called", "line" },
  [328] = { "service processor", "starts its RAS" },
  [329] = { "service processor", "asks who is calling" },
  [330] = { "router", "gives name and proof", "value" },
  [331] = { "service processor", "knows the caller", "user", "router" },
  [332] = { "service processor", "may let it in", "user", "router" },
  [333] = { "service processor", "decides", "user", "detail" },
  [334] = { "router", "asks for the address" },
  [335] = { "service processor", "gives its address", "address" },
  [336] = { "service processor", "tells its route service", "interface" },
  [337] = { "router", "informs the network manager", "state" },
  [338] = { "monitor", "is told by the network manager", "state" },
  [339] = { "workstation", "has the address", "address", "sp_address", "speed" },
  [340] = { "workstation", "sets the rate", "rate", "rate_by" },
  [341] = { "workstation", "gives its own address", "host" },
  [342] = { "service processor", "adds the route to it", "host", "interface" },
  [343] = { "workstation", "is acknowledged: both can connect" },
}

local failed = { refused = true, failed = true, denied = true, down = true }

-- Which party a step belongs to.
function step.party(n)
  return words[n] and words[n][1]
end

-- One line for a logged record; nil for one that is no step.
function step.line(r, ms)
  local w = words[tonumber(r.step)]
  if not w then return nil end
  local said, public = { w[2] }, record.public(r)
  if failed[r.event] then said[1] = w[2] .. ": " .. r.event end
  for i = 3, #w do
    if public[w[i]] then said[#said + 1] = w[i] .. "=" .. public[w[i]] end
  end
  local text = table.concat(said, " "):gsub("%c", "?")
  return ("%5s  %-17s  %-70s %5d ms"):format(r.step, w[1], text, ms)
end

return step
