#!/usr/bin/env bats
# What a call can lose under way: the called side, the router's device.
load common
load call

setup_more() { call_up; }

@test "a called side that answers no more is noticed within three intervals of the keep-alive, and not after two" {
	nas_up --auth "$AUTH" --echo 1
	dialed S1 first-secret tcp:198.51.100.11:5000
	local ras from after
	ras=$(running sp1 sp-ras)
	rest 300 # between two questions
	from=$(now_ms)
	kill -STOP "$ras"
	until_true 9 grep -q 'state=down.*reason=lost-service' nas.out
	after=$(logged_after "$from" nas.log reason=lost-service)
	echo "noticed after $after ms"
	[ "$after" -gt 2000 ]; [ "$after" -le 3250 ] # the clock has its say in tests/unit/ppp.c; a busy machine looks at it a little later
	until_gone "$DIAL_PID"
	kill -CONT "$ras"
	grep -q 'error=peer.*step=326' S1.out
	until_true 5 nothing_left
}

@test "the device of a call is deleted: the call ends, and the router does not spin" {
	nas_up --auth "$AUTH"
	dialed S1 first-secret tcp:198.51.100.11:5000
	on nas ip link delete "$(on nas ip -o link show type tun | sed 's/.*: \(sp[0-9]*\):.*/\1/')"
	until_true 5 grep -q 'state=down.*reason=nas-error' nas.out
	until_gone "$DIAL_PID"
	grep -q 'error=.*the device was deleted' S1.out
	until_true 5 nothing_left
}
