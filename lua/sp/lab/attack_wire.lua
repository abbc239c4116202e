-- lab.attack_wire: somebody at the workstation who has a session asks the service
-- processor for a route to another machine, the monitor (step 341).
local attack = require "sp.lab.attack"
local record = require "sp.record"

return function(lab, session)
  local r = session.back.record
  local function ask()
    local _, said = attack.run(lab, "ws", { "socat", "-t", "2", "-", "TCP:" .. r.address .. ":4341" },
      tostring(record.new { op = "route", session = r.session, host = "10.50.0.32" }) .. "\n", true)
    local answer = record.parse((said:gsub("\n.*", "")))
    return require "sp".exit[answer and answer.error or "ok"], said
  end
  local reason = "host= is not where the connection comes from"
  return {
    { what = "341 with the monitor's address", run = ask, status = 4, told = { "step=342" }, step = 342, reason = reason, log = "sp3.log",
      seen = { "step=342\tevent=refused", reason } },
  }
end
