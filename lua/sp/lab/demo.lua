-- lab.demo: what recipes/demo.lua says in few words: users who connect or are
-- refused, pages that are fetched, and what of it is proven.
local fd = require "sp.core.fd"
local file = require "sp.core.file"
local lines = require "sp.lab.lines"
local loop = require "sp.loop"
local pipeline = require "sp.pipeline"
local process = require "sp.process"
local record = require "sp.record"
local steps = require "sp.lab.steps"

local demo = {}

local function say(...) io.write(string.format(...), "\n") io.flush() end
demo.say = say

local function failed(...) error({ error = "peer", detail = string.format(...) }, 0) end

-- A stage that runs sp connect at the workstation as `user`.
local function connecting(lab, user, words)
  local what = lab:command("ws", { "sp", "--log", lab:path("log/ws-" .. user .. ".log"), "connect", "--user", user,
    "--password-file", lab:path("password/" .. user) })
  if file.exists(lab:path("code/" .. user)) then table.move({ "--code-file", lab:path("code/" .. user) }, 1, 2, #what + 1, what) end
  table.move(words, 1, #words, #what + 1, what)
  return what
end

-- user connects: the finished session, held until session:close().
function demo.connect(lab, user, ...)
  local stage = connecting(lab, user, { ... })
  stage.stderr = assert(fd.open(lab:path("log/ws-" .. user .. ".err"), "a"))
  local chain = pipeline.new { stage, input = nil }
  stage.stderr:close()
  local r, why = chain:next(loop.deadline(30))
  if not r or r.error then
    chain:close()
    failed("%s does not get through: %s", user, r and r.detail or why or "no record")
  end
  if r.state ~= "ready" then failed("%s: state=%s", user, r.state or "") end
  local ms = steps.span(lab:path("log/ws-" .. user .. ".log"), r.session)
  say("  %s reaches %s of %s at %s (its own address: %s) after %d ms", user, r.serial, r.customer, r.address, r.sp_address, ms)
  local session = { lab = lab, user = user, chain = chain, record = r, ms = ms }
  return setmetatable(session, { __close = function() chain:close() end })
end

-- user must not get through: the exit status and, but for 1, step and text.
function demo.refused(lab, user, status, step, ...)
  local what = connecting(lab, user, { ... })
  local err <close>, err_w = require("sp.core.fd").pipe()
  what.stderr = err_w
  local text, got = process.run(what, loop.deadline(60))
  err_w:close()
  local said = err:read():gsub("\n.*", "")
  local r = text and require("sp.record").parse((text:gsub("\n.*", "")))
  if got ~= status or (step and (not r or r.step ~= tostring(step))) then
    failed("%s: wanted exit %d at step %s, got exit %s: %s %s", user, status, step or "-", got, text or "", said)
  end
  local words = table.concat({ ... }, " "):gsub("%-%-([%l-]+)%-file .*", function(what) return "with a wrong " .. what:gsub("-", " ") end)
  say("  %s, %s: exit %d, %s", user, words, got,
    r and ("step %s: %s"):format(r.step, r.detail) or "nothing found")
end

-- What sp-may(1) says of a user, who works for that group, and of systems: `wanted` has of each a pattern
-- of the decision and its rule.
function demo.may(lab, user, group, wanted)
  local what = lab:command("mon", { "sp-may", "--db", lab:path "store/sp.db", "--user", user, "--groups", group })
  local w, systems, n = nil, {}, 0
  for system in pairs(wanted) do systems[#systems + 1] = "system=" .. system .. "\n" end
  table.sort(systems)
  what.stdin, w = fd.pipe()
  assert(pipeline.write(w, table.concat(systems)))
  w:close()
  local out = process.run(what, loop.deadline(10)) or ""
  what.stdin:close()
  for line in out:gmatch("[^\n]+") do
    local r = record.parse(line)
    local said = r.decision .. ", by " .. r.rule
    if not said:find(wanted[r.system]) then failed("sp-may: %s: %s", user, line) end
    say("  sp-may: %s, %s: %s", user, r.system, said)
    n = n + 1
  end
  if n ~= #systems then failed("sp-may says %d times of %d", n, #systems) end
end

-- A page, fetched at `from` with curl, must contain the text.
local function fetch(lab, from, url, text, ...)
  local what = lab:command(from, { "curl", "-sS", "--max-time", "10", ... })
  what[#what + 1] = url
  local page = process.must(what)
  if not page:find(text, 1, true) then failed("%s: %s is not on the page: %s", url, text, page) end
end

-- The system has its page at another port, too, which is not among those of the session's permit.
local function shut(session, party)
  local url = "http://" .. session.record.address .. ":8080/"
  fetch(session.lab, party, "http://127.0.0.1:8080/", session.record.serial)
  local what = session.lab:command("ws", { "curl", "-sS", "--max-time", "2", url })
  what.both = true
  local said, status = process.run(what, loop.deadline(10))
  if status ~= 7 and status ~= 28 then failed("%s: exit %s: %s", url, status, said) end
  say("  %s from the workstation: shut, as the permit has ports=%s", url, session.record.ports)
end

-- From the workstation; and, from the service processor's own address, the other way.
function demo.page(session, party)
  local url, back = "http://" .. session.record.address .. "/", "http://" .. session.record.host .. "/"
  fetch(session.lab, "ws", url, session.record.serial)
  say("  %s from the workstation: the page of %s", url, session.record.serial)
  if not party then return end
  local own = session.lab.gate and session.record.address or session.record.sp_address
  fetch(session.lab, party, back, "workstation", "--interface", own)
  say("  %s from the service processor %s, as %s: the workstation's page", back, party, own)
  if session.record.ports and session.lab.gate then shut(session, party) end
end

-- The system's log, some 14 kB, whole and right although that fault struck the line.
function demo.log(session, party, fault)
  local from <close> = assert(io.open(session.lab:path("www/" .. party .. "/log.txt")))
  local text = process.must(session.lab:command("ws", { "curl", "-sS", "--max-time", "60",
    "http://" .. session.record.address .. "/log.txt" }))
  if text ~= from:read("a") then failed("the log of %s came with errors", session.record.serial) end
  say("  %s fetches the log of %s over %s: %d bytes, all of them right", session.user, session.record.serial,
    session.record.line, #text)
  demo.struck(session, fault)
end

-- What was ordered of the exchange has happened to that call.
function demo.struck(session, fault)
  local line = session.record.line
  if not lines.struck(session.lab, lines.number(line), fault) then failed("no %s on %s", fault, line) end
  say("  the exchange told of the %s on %s", fault, line)
end

-- How the RADIUS server was asked about those whom it let in, by its log.
function demo.radius(lab)
  local n = {}
  for line in io.lines(lab:path "log/aaa.log") do
    local client = line:match "Login OK: .*%(from client (%w+) "
    if client then n[client] = (n[client] or 0) + 1 end
  end
  if not n.tls1 or not n.udp1 or n.tls2 then failed "RADIUS: not over TLS by the security server and by UDP by the router" end
  say("  RADIUS: asked %d times over TLS, by the security server, and %d times by UDP, by the router", n.tls1, n.udp1)
end

-- The session's line is lost in the middle; sp connect calls again.
function demo.redialed(session, lose)
  lose()
  local deadline, r = loop.deadline(60), nil
  repeat
    r = session.chain:next(deadline)
    if not r then failed("%s is not called again", session.user) end
  until not r.error and r.redial
  demo.struck(session, "drop")
  say("  %s loses the line and is back after redial %s, at %s", session.user, r.redial, r.address)
  session.record = r
end

function demo.hang_up(...)
  for _, session in ipairs { ... } do
    session.chain:close()
    local worst = session.chain:result()
    if worst ~= 0 then failed("%s: sp connect ended with %d", session.user, worst) end
    say("  %s hangs up", session.user)
  end
end

-- Of calls that are over the router says that frames came damaged over the first one's line, and over no other.
function demo.noise(noisy, ...)
  local n = lines.bad_frames(noisy.lab, noisy.record.session)
  if n == 0 then failed("the router noticed no noise on %s", noisy.record.line) end
  for _, session in ipairs { ... } do
    if lines.bad_frames(session.lab, session.record.session) > 0 then failed("the router noticed noise on %s", session.record.line) end
  end
  say("  the router had damaged frames over %s, and over no other: %d", noisy.record.line, n)
end

-- How many calls the network manager has told the monitor of as up, and nothing since.
function demo.up(lab)
  local calls = process.must(lab:command("mon", { "sp-db", "--db", lab:path("store/sp.db"), "dump", "calls" }))
  local _, n = calls:gsub("\tstate182=up%f[\t\n]", "")
  say("  %d sessions are up at once, by the monitor's call database", n)
  return n
end

-- What is left, each said; how many.
function demo.left(lab)
  local left = lab:left(loop.deadline(15))
  for _, r in ipairs(left) do say("  left: %s: %s", r.party, r.left) end
  if #left == 0 then say("  nothing: no route, rule, device, queue, process, lease or call") end
  return #left
end

return demo
