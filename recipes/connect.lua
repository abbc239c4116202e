-- connect: from a service ticket to TCP/IP with a service processor. The
-- stages run side by side, records go from each to the next; when the last one
-- ends, or its reader, each undoes what it held.
local sp = require "sp"
local pick = require "sp.pick"
local show = require "sp.show"

local opt = sp.options({
  name = "sp connect", operands = "[FILE|-] [-- COMMAND ...]",
  summary = "reach the system that a service ticket (or an option) names; hold the session\nuntil COMMAND, the reader of the output or the session ends",
  { "serial", "DIGITS", "first or last digits of the serial number" },
  { "customer", "TEXT", "part of the customer's name" },
  { "site", "ID", "the customer's site" },
  { "phone", "NUMBER", "the service processor's telephone number" },
  { "model", "NAME", "model of the system" },
  { "region", "NAME", "region of the site" },
  { "user", "NAME", "who connects: NAME, DOMAIN\\NAME or NAME@REALM" },
  { "domain", "NAME", "the user's domain" },
  { "group", "NAME", "as a member of which group" },
  { "password-file", "FILE", "the password is its first line" },
  { "password-fd", "N", "the password is read from this descriptor" },
  { "router", "NAME", "this router and no other" },
  { "workstation", "ADDRESS", "what others are told where the user is" },
  { "rate-by", "WHO", "who keeps to the line's speed: workstation, router or none" },
  { "first", false, "of several systems that match take the first" },
  { "max", "N", "at most N sessions (1)" },
  { "timeout", "SECONDS", "give up when not ready by then (120)" },
}, { ... })
local max = math.tointeger(tonumber(opt.max or 1)) or sp.fail("usage", "--max " .. opt.max .. ": not a number")
if opt.command and max > 1 then sp.fail("usage", "a command has one session: --max 1") end

-- What the ticket says, or what the options say in its place.
local input
local criteria = sp.record()
for _, key in ipairs { "serial", "customer", "site", "phone", "model", "region" } do criteria[key] = opt[key] end
if #criteria > 0 then
  local from, to = sp.pipe()
  assert(sp.write(to, tostring(criteria) .. "\n"))
  to:close()
  input, opt[1] = from, "-"
elseif not opt[1] and sp.tty(0) then
  sp.fail("usage", "a ticket or a criterion is needed: FILE, --serial DIGITS ... (--help)")
end

-- The password, asked for once: each stage that needs it reads it from a pipe.
local password <close> = sp.password("Password: ", opt["password-file"], opt["password-fd"])

local function stage(name, ...)
  local words = sp.words(opt, ...)
  return { name, table.unpack(words) }
end

local function knowing(what)
  table.move({ "--password-fd", "3" }, 1, 2, #what + 1, what)
  what.fds = { [3] = assert(password:pipe()) }
  return what
end

local chain <close> = sp.pipeline {
  { "sp-ticket", opt[1] },
  knowing(stage("sp-login", "user", "domain", "group")),
  stage "sp-search",
  pick.stage(max, opt.first),
  stage("sp-alloc", "workstation", "router", "max"),
  knowing(stage("sp-dial", "group", "max")),
  stage("sp-addr", "rate-by", "max"),
  stage("sp-route", "max"),
  input = input, log = show.new(),
}
return show.hold(chain, sp.deadline(tonumber(opt.timeout or 120)), opt.command)
