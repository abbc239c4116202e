#!/usr/bin/env bats
# A router with a hundred calls at once, to systems that have all the same address: users are checked
# by a real FreeRADIUS, and nothing is left when the calls have ended, or have not come to anything.
# A thousand: tests/matrix.
load common
load thousand

setup_more() { thousand_up; }
teardown_more() { reals_down "$REAL"; }

@test "a hundred calls are up at once, each by its alias; all end, and nothing is left" { all_up 100 5; all_down 100 5; }

@test "two hundred calls that come to nothing leave nothing: every line and every alias is good for another" { nothing_of_broken 40; }

@test "a call that is flooded, and floods, takes nothing from another one" {
	router --auth "$AUTH"
	real $((++REAL))
	until_true 10 all_answer
	dialed S1 first-secret tcp:198.51.100.11:5000
	ip -n "${NS}sp1" route add 10.50.0.5/32 dev ras0
	call_to "unix:$T/r1" >all.calls
	callers all 1
	fetch
	unhurried "$ALIAS" 1 "$(alias_of 1)" both
}
