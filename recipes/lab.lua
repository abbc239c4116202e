-- lab: a laboratory of all parties on this machine, to try and to show things in.
local sp = require "sp"
local lab = require "sp.lab"

local spec = {
  name = "sp lab", operands = "up|run|down|exec|shell|left [PARTY] [-- COMMAND]",
  summary = [[
  up      build it and start every party; it stays until `down`
  run     the same, until a signal comes
  down    end every party and remove everything, also after a crash
  exec    run COMMAND in the network of PARTY (ws sec gw mon nm aaa ldap nas sp1 sp2 sp3)
  shell   a shell at the workstation (or at PARTY)
  left    what is left of sessions: one record each, none is good]],
  { "dir", "FOLDER", "where its files are (/run/sp-lab)" },
  { "permit-life", "SECONDS", "up, run: how long a permit lasts that is not renewed (3600)" },
  { "gate", false, "up, run: everything between workstation and systems goes through a gateway" },
  { "keep", false, "down: leave the folder" },
}
local opt = sp.options(spec, { ... })
local dir = opt.dir or "/run/sp-lab"
if not dir:find("^/") then dir = os.getenv("PWD") .. "/" .. dir end
local life = math.tointeger(tonumber(opt["permit-life"] or 3600))
local verb = {}

local function announce(l)
  sp.put(sp.record { { "ready", "lab" }, { "dir", l.dir }, { "prefix", l.prefix }, { "config", l:path "sp.conf" } })
end

function verb.up()
  announce(lab.up { dir = dir, survive = true, keep = opt.keep, permit_life = life, gate = opt.gate })
end

function verb.run()
  local l <close> = lab.up { dir = dir, keep = opt.keep, permit_life = life, gate = opt.gate }
  announce(l)
  sp.wait()
end

function verb.down()
  lab.open(dir):down(opt.keep)
end

function verb.exec()
  local l = lab.open(dir)
  if not opt[2] or not opt.command or #opt.command == 0 then sp.fail("usage", "sp lab exec PARTY -- COMMAND") end
  if not l:has(opt[2]) then sp.fail("usage", "there is no party " .. opt[2] .. " (sp lab --help)") end
  local p <close>, why = sp.spawn(l:command(opt[2], opt.command))
  if not p then sp.fail("system", why) end
  local ok, got = pcall(p.wait, p)
  if ok then return got end
  if not got.signal then error(got, 0) end
  if not sp.tty(0) then p:kill(got.signal) end -- a terminal has told it already
  return p:wait()
end

function verb.shell()
  opt[2], opt.command = opt[2] or "ws", { os.getenv("SHELL") or "/bin/sh" }
  return verb.exec()
end

function verb.left()
  local left = lab.open(dir):left()
  for _, r in ipairs(left) do sp.put(r) end
  return #left == 0 and 0 or 5
end

if not life or life < 1 then sp.fail("usage", "--permit-life " .. opt["permit-life"] .. ": not a number of seconds") end
if not verb[opt[1]] then sp.fail("usage", "sp lab " .. spec.operands) end
return verb[opt[1]]()
