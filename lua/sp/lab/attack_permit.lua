-- lab.attack_permit: somebody on the customers' lines calls a system himself, with
-- permits that he has seen, and with some that the monitor's own key has signed but
-- that are for something else; and without any.
local attack = require "sp.lab.attack"
local file = require "sp.core.file"
local lines = require "sp.lab.lines"

local DIAL = "198.51.100.11"
local over = { "tool=sp-answer", "event=ended\tcall=" } -- one call at a time

return function(lab, session)
  local alice, carol = session.alice.record, session.carol.record
  lab:start "sp1" -- alice is connected over the modem; this is the system's other line

  local function sign(...)
    return attack.permit(lab, alice, "tcp:" .. DIAL .. ":7000", "sequence=4000000000", ...)
  end
  local function flipped(permit)
    local at = #permit // 2
    return permit:sub(1, at - 1) .. (permit:sub(at, at) == "A" and "B" or "A") .. permit:sub(at + 1)
  end
  local function call(name, permit)
    local path = lab:path "attack-permit"
    assert(file.write(path, permit .. "\n"))
    return attack.run(lab, "sp2", { "ppp-call", "--line", "tcp:" .. DIAL .. ":7000", "--auth", "pap", "--name", name, "--secret-file", path })
  end
  local function refused(what, reason, name, permit, before)
    return { what = "a permit " .. what, status = 4, told = { "event=failed" }, step = 333, reason = reason, log = "sp1.log",
      seen = { "step=333\tevent=refused", "detail=" .. reason }, over = over,
      run = function()
        if before then before() end
        return call(name, permit)
      end }
  end

  local list = {
    refused("that alice's session has used", "the permit was used before", "alice%router1", alice.permit),
    refused("used before the RAS was started again", "the permit was used before", "alice%router1", alice.permit, function()
      lines.stop(lab, "sp1")
      lab:start "sp1"
    end),
    refused("of another system, carol's", "the permit is for another system", "carol%router1", carol.permit),
    refused("of another user", "the permit is for another user", "carol%router1", sign()),
    refused("of another router", "the permit is for another router", "alice%router2", sign()),
    refused("that has expired", "the permit's time to connect is over", "alice%router1", sign("issued=-900", "connect_by=-600")),
    refused("from the future", "the permit is from the future", "alice%router1", sign("issued=600", "connect_by=900")),
    refused("with a bit flipped", "the permit's signature does not hold", "alice%router1", flipped(sign())),
    { what = "PPP that does not say who it is and goes on", status = 4, step = 333, reason = "the caller does not say who it is",
      log = "sp1.log", seen = { "event=ended", "the caller does not say who it is" }, over = over,
      run = function() return attack.run(lab, "sp2", { "ppp-skip", DIAL, "7000" }) end },
  }
  function list.finish() lines.stop(lab, "sp1") end
  return list
end
