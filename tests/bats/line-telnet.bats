#!/usr/bin/env bats
# telnet: lines: a real ser2net before a cable, which is a pair of ptys.
load common
load telnet

@test "all bytes go through as they are, both ways" {
	cable
	terminal_server 'telnet(rfc2217)'
	every_byte >sent
	cat far >there & PIDS+=($!)
	line "telnet:127.0.0.1:$PORT?speed=33600"
	grep -qx "up peer=127.0.0.1:$PORT speed=33600 protocol=" events
	cat sent >hold
	until_true 5 size_is there "$(stat -c %s sent)"
	cmp sent there
	cat sent >far
	until_true 5 size_is got "$(stat -c %s sent)"
	cmp sent got
	kill "$LINE"
	until_true 5 grep -qx 'down reason= detail=hung up' events
}

@test "the port's speed is left alone, or set where baud= says so" {
	cable
	terminal_server 'telnet(rfc2217)'
	line "telnet:127.0.0.1:$PORT"
	[ "$(stty -F port speed)" = 19200 ]
	kill "$LINE"; until_gone "$LINE"
	line "telnet:127.0.0.1:$PORT?baud=57600"
	[ "$(stty -F port speed)" = 57600 ]
}

@test "a server without RFC 2217 is a line, too" {
	cable
	terminal_server telnet
	every_byte >sent
	line "telnet:127.0.0.1:$PORT?baud=9600"
	cat sent >far
	until_true 5 size_is got "$(stat -c %s sent)"
	cmp sent got
	[ "$(stty -F port speed)" = 19200 ]
}

@test "who reads slowly makes the other side wait, and loses nothing" {
	cable
	terminal_server 'telnet(rfc2217)'
	head -c 8000000 /dev/urandom >sent
	line -d 1000 "telnet:127.0.0.1:$PORT"
	cat sent >far 7>&- & FEEDER=$!
	PIDS+=("$FEEDER")
	until_true 5 size_is got 1000
	resident() { awk '/VmRSS/ { print $2 }' "/proc/$LINE/status"; }
	run timeout 1 tail --pid="$FEEDER" -f /dev/null
	[ "$status" = 124 ]
	[ "$(resident)" -lt 16000 ]
	exec 7>&-
	until_true 30 size_is got 8000000
	cmp sent got
}

@test "a port that somebody has is busy; one that is not there has no carrier" {
	cable
	terminal_server 'telnet(rfc2217)'
	line "telnet:127.0.0.1:$PORT"
	run "$BUILD/tests/tool/circuit" "telnet:127.0.0.1:$PORT" </dev/null
	echo "$output"
	[[ $output == *'down reason=busy'* ]]
	run "$BUILD/tests/tool/circuit" telnet:127.0.0.1:1 </dev/null
	[[ $output == 'down reason=no-carrier detail=unable to connect: Connection refused' ]]
}

@test "the end of the connection is the end of the line" {
	cable
	terminal_server 'telnet(rfc2217)'
	line "telnet:127.0.0.1:$PORT"
	printf last >far
	until_true 5 grep -q last got
	kill "$SER2NET"
	until_true 5 grep -qx end events
	until_true 5 grep -q '^down reason= ' events
}

@test "as an answering side: what arrives first is the call, and then the next" {
	cable
	terminal_server 'telnet(rfc2217)'
	server a sp-answer "telnet:127.0.0.1:$PORT" -- sh -c 'read -r x <&3; echo "got $x" >&3; read -r x <&3'
	exec 8<>far
	echo one >&8
	read -rt 5 answer <&8; [ "$answer" = "got one" ]
	echo end >&8
	until_true 5 grep -q $'^call=1\tstate=ended' a.out
	again() { echo two >&8; read -rt 1 answer <&8 && [[ $answer == "got two" ]]; }
	until_true 10 again
	exec 8>&-
	kill "$SERVER_PID"; until_gone "$SERVER_PID"
	[ ! -s a.err ]
}

@test "an answering side says once that its server is away, and finds it again" {
	cable
	terminal_server 'telnet(rfc2217)'
	kill "$SER2NET"
	until_true 5 gone "$SER2NET"
	server a sp-answer "telnet:127.0.0.1:$PORT" -- sh -c 'head -n 1 <&3'
	until_true 5 grep -q 'does not work: unable to connect' a.err
	ser2net -n -d -c ser2net.yaml 2>ser2net.err 3>&- & PIDS+=($!)
	said() { echo hello >far; grep -q hello a.out; }
	until_true 20 said
	[ "$(wc -l <a.err)" = 1 ]
}
