-- demo: the whole handshake, every party a process in a network of its own.
-- Two users reach two systems that have the same address, both at once; others are refused, each at the step where
-- it belongs. Then the same over modems of a telephone exchange, with noise and a lost carrier, and over a line that
-- the system opened itself; attackers are refused meanwhile; nothing is left behind.
-- The last line is a record, and the exit status 0 only if all of it is true.
local sp = require "sp"
local attack = require "sp.lab.attack"
local lab = require "sp.lab"
local demo = require "sp.lab.demo"
local lines = require "sp.lab.lines"
local steps = require "sp.lab.steps"
local say = demo.say

local folder = ({ ... })[1] or ("/tmp/sp-demo." .. sp.now())

say "The laboratory: security server, monitor, network manager, RADIUS and domain server,"
say "router, two customers' service processors with the same address, and a workstation."
local l <close> = lab.up { dir = folder, tickets = true, gate = true }

say "\nWho is refused, and where:"
local wrong = l:path "wrong"
assert(sp.save(wrong, "not the password\n"))
demo.refused(l, "alice", 4, 305, "--serial", "0123", "--password-file", wrong)
demo.refused(l, "erin", 4, 305, "--customer", "initech", "--code-file", wrong)
demo.refused(l, "erin", 4, 305, "--customer", "initech", "--group", "cleared", "--group-password-file", wrong)
demo.refused(l, "erin", 1, nil, "--customer", "initech")
demo.refused(l, "carol", 1, nil, "--serial", "0123")
demo.refused(l, "bob", 4, 322, "--serial", "0123", "--ticket", "T-1001")
demo.refused(l, "dave", 4, 333, "--serial", "0123", "--ticket", "T-1001")
demo.refused(l, "alice", 4, 313, "--serial", "0123", "--ticket", "T-1000")
demo.refused(l, "erin", 1, nil, "--customer", "globex")
demo.may(l, "erin", "cleared", { ["globex-1"] = "deny, by outside%-window user=erin", ["initech-1"] = "allow, by group=cleared .*ports=tcp/80:both" })

say "\nTwo users, two systems, both at once:"
local acme <close> = demo.connect(l, "alice", l:path "ticket.json")
local globex <close> = demo.connect(l, "carol", "--customer", "globex", "--ticket", "T-1002")

say "\nStep by step, each as its own party reported it:"
steps.show(l, acme.record.session, say)

say "\nA page from each, and a connection back:"
demo.page(acme, "sp1")
demo.page(globex, "sp2")
demo.radius(l)
local sessions = demo.up(l)
demo.refused(l, "dave", 5, 313, "--serial", "0123", "--ticket", "T-1001")

demo.hang_up(acme, globex)

say "\nNobody answers on the direct lines now: the same systems by modem, 33600 bit/s; and one"
say "behind a firewall that lets nobody in, which holds a connection to the router:"
for _, party in ipairs { "sp1", "sp2" } do lines.stop(l, party) end
local one <close> = demo.connect(l, "alice", "--serial", "0123", "--ticket", "T-1001")
local two <close> = demo.connect(l, "carol", "--customer", "globex", "--ticket", "T-1002", "--redial", "2")
local three <close> = demo.connect(l, "erin", "--customer", "initech", "--ticket", "T-1002", "--group", "cleared", "--group-password-file", l:path "group/cleared")
demo.page(three, "sp3")
lines.tell(l, { op = "fault", number = lines.number(one.record.line), fault = "noise", after = "4000", bytes = "300" })
demo.log(one, "sp1", "noise")
demo.redialed(two, function()
  lines.tell(l, { op = "fault", number = lines.number(two.record.line), fault = "drop", after = "0", count = "1" })
end)
demo.page(two)

say "\nMeanwhile attackers: what each tries, where it is refused, why, and in whose log that is:"
local attacks = attack.all(l, { alice = one, carol = two, back = three }, say)

say "\nThe end:"
demo.hang_up(one, two, three)
local left = demo.left(l)
demo.noise(one, two, three)
local seen, count = steps.seen(l)
local missing = steps.missing(seen)
local stubborn = l:down()
local ok = missing == "" and sessions == 2 and left == 0 and stubborn == 0
sp.put(sp.record {
  { "result", ok and "ok" or "failed" }, { "steps", tostring(count) }, { "setup_ms", tostring(acme.ms) },
  { "sessions", tostring(sessions) }, { "modem_ms", tostring(one.ms) }, { "redials", two.record.redial }, { "back_ms", tostring(three.ms) }, { "attacks", tostring(attacks) },
  { "left", tostring(left + stubborn) }, { "missing", missing ~= "" and missing or nil },
})
return ok and 0 or 6
