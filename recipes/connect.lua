-- connect: from a service ticket to TCP/IP with a service processor. The
-- stages run side by side, records go from each to the next; when the last one
-- ends, or its reader, each undoes what it held.
local sp = require "sp"
local criteria = require "sp.criteria"
local pick = require "sp.pick"
local redial = require "sp.redial"
local show = require "sp.show"

local opt = sp.options(criteria.with {
  name = "sp connect", operands = "[FILE|-] [-- COMMAND ...]",
  summary = "reach the system that a service ticket (or an option) names; hold the session\nuntil COMMAND, the reader of the output or the session ends",
  { "user", "NAME", "who connects: NAME, DOMAIN\\NAME or NAME@REALM" },
  { "domain", "NAME", "the user's domain" },
  { "group", "NAME", "as a member of which group" },
  { "password-file", "FILE", "the password is its first line" },
  { "password-fd", "N", "the password is read from this descriptor" },
  { "code-file", "FILE", "the one-time code, if it is asked for, is its first line" },
  { "code-fd", "N", "the one-time code is read from this descriptor" },
  { "group-password", false, "the group has a password: ask for it, too" },
  { "group-password-file", "FILE", "the group's password is its first line" },
  { "group-password-fd", "N", "the group's password is read from this descriptor" },
  { "router", "NAME", "this router and no other" },
  { "workstation", "ADDRESS", "what others are told where the user is" },
  { "proxy", "ADDRESS", "through the gateway's proxy there, without root: tls:HOST:PORT" },
  { "rate-by", "WHO", "who keeps to the line's speed: workstation, router or none" },
  { "first", false, "of several systems that match take the first" },
  { "redial", "N", "call again up to N times when the line was lost or is taken (0)" },
  { "max", "N", "at most N sessions (1)" },
  { "timeout", "SECONDS", "give up when not ready by then (120)" },
}, { ... })
local max, times = opt.max or 1, opt.redial or 0
if opt.command and max > 1 then sp.fail("usage", "a command has one session: --max 1") end
local input, ticket = criteria.input(opt)

-- The password, asked for once: each stage that needs it reads it from a pipe. A code and a
-- group's password are the log-in's alone, which asks for them when it knows that there is one.
local password <close> = sp.password("Password: ", opt["password-file"], opt["password-fd"])

local function stage(name, ...)
  return { name, table.unpack(sp.words(opt, ...)) }
end

local function knowing(what, ...)
  what.fds = { [3] = assert(password:pipe()) }
  table.move({ "--password-fd", "3" }, 1, 2, #what + 1, what)
  for i, name in ipairs { ... } do -- options with a descriptor of ours
    what.fds[3 + i] = opt[name]
    if opt[name] then table.move({ "--" .. name, tostring(3 + i) }, 1, 2, #what + 1, what) end
  end
  return what
end

local meant = {} -- the systems that were meant the first time: a redial begins with them
return redial.run(times, function(n)
  local stages = { input = redial.input(meant, n) or input, log = show.new() }
  if n == 0 then
    stages[1] = { "sp-ticket", ticket }
    stages[2] = knowing(stage("sp-login", "user", "domain", "group", "code-file", "group-password", "group-password-file"),
      "code-fd", "group-password-fd")
    stages[3] = stage "sp-search"
    stages[4] = pick.stage(max, opt.first, function(r) meant[#meant + 1] = r end)
  end
  table.move({
    stage("sp-alloc", "workstation", "proxy", "router", "max"),
    { "sp-login", "--code" }, -- where the router wants one in place of the password
    knowing(stage("sp-dial", "group", "max")),
    stage("sp-addr", "rate-by", "max"),
    stage("sp-route", "max"),
  }, 1, 5, #stages + 1, stages)
  local chain <close> = sp.pipeline(stages)
  if n == times then password:clear() end -- no call will come that needs it
  return show.hold(chain, sp.deadline(tonumber(opt.timeout or 120)), opt.command)
end)
