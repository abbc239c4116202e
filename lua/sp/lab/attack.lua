-- lab.attack: the attackers of recipes/demo.lua. Each attack is a table: what is
-- tried; `run`, which gives the attacker's exit status and all that he was told;
-- `status`, which that must be (nil: a foreign program's, anything but 0); `step` and
-- `reason`, why it is refused; and `log`, the file of the victim's in which `seen`
-- must stand in one line, and `over`, if the next one has to wait for that. One that is not refused, or that the operator cannot see,
-- ends the demo.
local fd = require "sp.core.fd"
local loop = require "sp.loop"
local pipeline = require "sp.pipeline"
local process = require "sp.process"

local attack = {}

-- Sides of the laboratory that are attacked, all at the same time.
local groups = { "radius", "trap", "permit", "router", "monitor", "wire" }

local function failed(...) error({ error = "peer", detail = string.format(...) }, 0) end

-- A command in a party's network, the text as its input: its status, and what it said.
-- open: the input has no end until the command has.
function attack.run(lab, party, words, text, open)
  local what, w = lab:command(party, words), nil
  what.both = true
  if text then
    what.stdin, w = fd.pipe()
    assert(pipeline.write(w, text))
    if not open then w:close() end
  end
  local said, status = process.run(what, loop.deadline(30))
  if text then what.stdin:close() end
  if open then w:close() end
  return status, said or ""
end

-- A permit for a session of alice's, as the monitor's own key signs it.
function attack.permit(lab, session, dial, ...)
  local _, text = attack.run(lab, "mon", { "mkpermit", lab:path "keys/permit.key", "session=" .. session.session, "user=alice",
    "router=router1", "serial=" .. session.serial, "workstation=10.50.0.5", "dial=" .. dial, ... })
  return (text:gsub("\n", ""))
end

-- A server of the attacker's: runs until the variable that holds it ends, and has said `ready` by then.
-- text: its input, which has no end.
function attack.serve(lab, party, words, ready, text)
  local what, out <const>, w = lab:command(party, words), fd.pipe()
  local input <close>, text_w = fd.pipe()
  assert(pipeline.write(text_w, text or ""))
  what.stdin, what.stdout, what.stderr = input, w, w
  local p = assert(process.spawn(what))
  w:close()
  local deadline, said = loop.deadline(10), ""
  while not said:find(ready) do
    local part = loop.wait(deadline, { fd = out, events = "r" }) and out:read() or ""
    if part == "" then
      p:stop(1)
      failed("%s is not ready: %s", words[1], said)
    end
    said = said .. part
  end
  p.input, p.output = text_w, out -- open as long as the process is held
  return p, said
end

local function size(path)
  local f <close> = io.open(path)
  return f and f:seek("end") or 0
end

local function has_line(path, from, seen)
  local f <close> = io.open(path)
  if not f then return false end
  f:seek("set", from)
  for line in f:lines() do
    local all = true
    for _, text in ipairs(seen) do all = all and line:find(text, 1, true) end
    if all then return true end
  end
  return false
end

-- Looked for until it stands there; whoever tells one refusal a second gets another one to tell.
local function seen(path, from, a)
  local deadline = loop.deadline(a.again and 1.1 or 10)
  repeat
    if has_line(path, from, a.seen) and (not a.over or has_line(path, from, a.over)) then return true end
  until loop.now() > deadline or loop.wait(loop.deadline(0.02))
  return false
end

local function judge(a, status, said)
  local right = a.status and status == a.status or not a.status and status ~= 0
  if not right then failed("attack: %s: wanted exit %s, got %s: %s", a.what, a.status or "other than 0", status, said) end
  for _, text in ipairs(a.told or {}) do
    if not said:find(text, 1, true) then failed("attack: %s: %s is not in what is told: %s", a.what, text, said) end
  end
end

local function try(lab, a)
  local path = lab:path("log/" .. a.log)
  for _ = 1, a.again or 1 do
    local from = a.from or size(path)
    local status, said = a.run()
    judge(a, status, said)
    if seen(path, from, a) then return end
  end
  failed("attack: %s: %s is not in %s", a.what, table.concat(a.seen, " "), a.log)
end

-- One after the other, in the order of the list.
local function try_all(lab, name, session)
  local list = require("sp.lab.attack_" .. name)(lab, session)
  for _, a in ipairs(list) do try(lab, a) end
  if list.finish then list.finish() end
  return list
end

-- session.alice, session.carol, session.back: who is connected meanwhile, and stays so
-- (lab.demo). attack_keys adds what was stolen.
-- How many were refused and seen; each is said.
function attack.all(lab, session, say)
  local task <close>, n = setmetatable({}, { __close = function(all)
    for _, t in ipairs(all) do loop.cancel(t) end
  end }), 0
  require("sp.lab.attack_keys").take(lab, session)
  for i, name in ipairs(groups) do task[i] = loop.task(try_all, lab, name, session) end
  if not loop.join(loop.deadline(120), table.unpack(task)) then failed "the attackers do not come to an end" end
  for _, t in ipairs(task) do
    for _, a in ipairs(t.result[1]) do
      say("  %s: %sstep %s: %s (%s)", a.what, a.status and "exit " .. a.status .. ", " or "", a.step, a.reason, a.log)
      n = n + 1
    end
  end
  return n
end

return attack
