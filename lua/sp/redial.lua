-- redial: a session that its line lost, or that found the line taken, is set up
-- again, up to so many times, a little later each time.
local fd = require "sp.core.fd"
local loop = require "sp.loop"
local pipeline = require "sp.pipeline"

local redial = {}

local LATER, LATEST = 1, 30 -- seconds

-- What another call may mend; a refusal is none of these.
local worth = {}
for _, reason in ipairs { "lost-carrier", "lost-service", "no-carrier", "no-answer", "busy", "no-dialtone", "voice",
  "delayed", "port-error", "nas-error", "nas-reboot", "negotiation" } do worth[reason] = true end

-- The systems that were meant the first time, as input: redial=N says which call
-- it is. nil the first time.
function redial.input(meant, n)
  if n == 0 then return nil end
  local from, to = fd.pipe()
  for _, r in ipairs(meant) do
    r.redial = tostring(n)
    assert(pipeline.write(to, tostring(r) .. "\n"))
  end
  to:close()
  return from
end

-- attempt(n) makes the n-th call (0: the first) and returns its exit status and,
-- if it failed or was lost, the record that says why.
function redial.run(times, attempt)
  for n = 0, times do
    local status, lost = attempt(n)
    if n == times or not lost or not worth[lost.reason or ""] then return status end
    local wait = math.min(LATER << n, LATEST)
    io.stderr:write(("sp: %s: redial %d of %d in %d s\n"):format(lost.reason, n + 1, times, wait))
    loop.wait(loop.deadline(wait))
  end
end

return redial
