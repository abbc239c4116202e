#!/usr/bin/env bats
# Whoever of the two ends of a route, or its guard, is killed with -9: nothing stays.
load common
load route

@test "killed with -9 at the workstation: the route is gone" {
	service
	ask
	ready
	kill -9 "$ASKER"
	until_true 5 clean
}

@test "the service killed with -9: route and rule are gone" {
	service
	ask
	ready
	kill -9 "$SERVER_PID"
	until_true 5 clean
}

@test "killed with its guard: the next start deletes the rule of a link that is gone" {
	service
	ask
	ready
	kill -9 "$(pgrep -P "$SERVER_PID")" "$SERVER_PID"
	until_gone "$SERVER_PID"
	[ -n "$(rules)" ]
	ip -n "$NS-s" link del ras0
	[ -z "$(routes)" ]
	wire ras1 call1
	ip -n "$NS-s" addr add 192.0.2.1/32 dev ras1
	LINK=$(rec interface=ras1 address=192.0.2.1)
	service
	clean
}

@test "a rule left behind by a link that is still there is taken over" {
	service
	ask
	ready
	kill -9 "$(pgrep -P "$SERVER_PID")" "$SERVER_PID"
	until_gone "$SERVER_PID"
	ip -n "$NS-s" route flush table 4341
	service
	ask
	ready
	[ "$(rules | wc -l)" = 1 ]
	kill "$ASKER"; wait "$ASKER"
	until_true 5 clean
}
