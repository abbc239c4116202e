#!/usr/bin/env bats
# What a call can lose under way: the called side, the router's device.
load common
load call

setup_more() { call_up; }

@test "a called side that answers no more is noticed by the keep-alive within 15 s" {
	nas_up --auth "$AUTH"
	dialed S1 first-secret tcp:198.51.100.11:5000
	local ras from=$SECONDS
	ras=$(running sp1 sp-ras)
	kill -STOP "$ras"
	until_true 16 grep -q 'state=down.*reason=lost-service' nas.out
	echo "noticed after $((SECONDS - from)) s"
	[ $((SECONDS - from)) -le 15 ]
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
