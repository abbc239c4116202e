#!/usr/bin/env bats
# A call through a terminal server: sp-nas by telnet to a real ser2net, from there over a cable of two
# ptys to the service processor; TCP/IP on top.
load common
load call

setup_more() {
	call_up
	socat pty,raw,echo=0,link=port pty,raw,echo=0,link=far 2>cable.err 3>&- & PIDS+=($!)
	until_true 5 test -e port -a -e far
	printf 'connection: &a\n  accepter: telnet(rfc2217),tcp,198.51.100.11,7001\n  connector: serialdev,%s/port,19200n81,local\n' "$T" >ser2net.yaml
	ip netns exec "${NS}sp1" ser2net -n -d -c ser2net.yaml 2>ser2net.err 3>&- & SER2NET=$!; PIDS+=("$SER2NET")
	until_true 5 listening
	server cable ip netns exec "${NS}sp1" sp-answer "tty:$T/far" -- \
		sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --interface ras0 --secret-file "$T/sp1.secret"
}

listening() { on sp1 ss -Hltn 'sport = :7001' | grep -q .; }

# call_after_call DIAL: two of them, each to TCP/IP with the service processor, each hung up before the next.
call_after_call() {
	local i
	for i in S1 S2; do
		dialed $i first-secret "$1"
		ip -n "${NS}sp1" route add 10.50.0.5/32 dev ras0
		[ "$(on ws curl -sS --max-time 5 "http://$ALIAS:8080/")" = "I am sp1" ]
		kill "$DIAL_PID"; until_gone "$DIAL_PID"
		until_true 5 nothing_left
		until_true 5 grep -qx "call=${i#S}.state=ended.*" cable.out
	done
	[ "$(grep -c 'state=down.*reason=user-request' nas.out)" = 2 ]
}

@test "a telnet: line of sp-nas leads to TCP/IP with the service processor, call after call" {
	nas_up --auth "$AUTH" --permit-dial 'telnet:198.51.100.*'
	call_after_call 'telnet:198.51.100.11:7001?speed=115200'
	[ "$(field speed <S1.out)" = 115200 ]
}

@test "a terminal server that goes away is a lost carrier" {
	nas_up --auth "$AUTH" --permit-dial 'telnet:198.51.100.*'
	dialed S1 first-secret telnet:198.51.100.11:7001
	kill "$SER2NET"
	until_true 10 grep -q 'state=down.*reason=lost-carrier' nas.out
	router_free() { [ "$(devices nas)" = 0 ] && [ "$(routes)" = 0 ]; } # the other side has a cable, and notices later
	until_true 5 router_free
}

@test "the same cable at a port of the router's own: a tty: line leads to TCP/IP, and is free afterwards" {
	kill "$SER2NET"; until_gone "$SER2NET"
	nas_up --auth "$AUTH" --permit-dial "tty:$T/*"
	call_after_call "tty:$T/port?speed=115200"
}
