#!/usr/bin/env bats
# Modems of the exchange behind a terminal server: telnet: with modem=yes.
load common
load pstn
load telnet

setup_more() {
	exchange -m 5550100 -m 5550142
	terminal_server 'telnet(rfc2217)' d/5550100
	NEAR="telnet:127.0.0.1:$PORT?modem=yes"
}

@test "a call: dialed through the terminal server, bytes both ways, hung up, and the next" {
	server a sp-answer modem:d/5550142 -- sh -c 'cat <&3 >&3'
	local i
	for i in 1 2; do
		line "$NEAR&dial=5550142" 30
		cat events
		[[ $(tail -n 1 events) == 'up peer=5550142 speed=33600 '* ]]
		[ "$(head -n 2 events | tr '\n' ' ')" = "initialising dialing " ]
		every_byte | tee sent >&7
		until_true 10 size_is got "$(stat -c %s sent)"
		cmp sent got
		kill "$LINE"
		until_true 15 grep -qx 'down reason= detail=hung up' events
		event "call=$i.*event=ended" 15
	done
}

@test "what the modem says of the far end is the reason" {
	order op=fault number=5550142 fault=busy
	line "$NEAR&dial=5550142" 30
	grep -q '^down reason=busy' events
	line "$NEAR&dial=5559999" 30
	grep -q '^down reason=no-' events
	line "$NEAR" 30
	grep -qE '^(no|down)' events
}

@test "a modem behind a terminal server answers, call after call" {
	server a sp-answer "$NEAR" -- sh -c 'echo "hello $SP_SPEED" >&3; read -r x <&3'
	listen 6 5550142
	local i
	for i in 1 2; do
		ring() { at 6 E0S12=2H0 && printf 'ATD5550100\r' >&6 && until_true 3 times 6 "hello 33600" "$1"; }
		until_true 30 ring $i
		until_true 5 grep -q $'^call='$i$'\tstate=ringing.*speed=33600' a.out
		echo bye >&6
		until_true 15 grep -q $'^call='$i$'\tstate=ended' a.out
	done
}
