#!/usr/bin/env bats
# How a call ends: whoever goes first, nothing is left.
load common
load ras

@test "the line is lost: the record again with error=, exit 6" {
	answer; dial; up
	kill -9 "$CALLER"
	ended
	status_is 6
	[ "$(tail -n 1 out | field error)" = peer ]
	no_tun
}

@test "a caller that answers no more is noticed within three intervals of the keep-alive, and not after two" {
	local from after
	answer ./ras --echo 1; dial; up
	rest 300 # between two questions
	from=$(now_ms)
	kill -STOP "$CALLER"
	ended
	kill -CONT "$CALLER"
	status_is 6
	after=$(logged_after "$from" log 'event=ended.*the caller answers no more')
	echo "noticed after $after ms"
	[ "$after" -gt 2000 ]; [ "$after" -le 3250 ] # the clock has its say in tests/unit/ppp.c; a busy machine looks at it a little later
	[ "$(tail -n 1 out | field error)" = peer ]
	no_tun
}

@test "the caller hangs up: exit 0" {
	answer; dial; up
	kill "$CALLER"
	ended
	status_is 0
	[ "$(wc -l <out)" = 1 ]
	no_tun
}

@test "our reader goes: the caller is told, exit 0" {
	cat >ras <<'EOS'
#!/bin/bash
{ sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --secret-file secret; echo $? >status; } |
	{ head -n 1 >out; until [ -e go ]; do read -rt 0.02 <> <(:); done; }
EOS
	answer; dial; up
	touch go
	ended
	status_is 0
	until_true 5 grep -q reason=peer-closed call
	no_tun
}

@test "SIGTERM: the caller is told, exit 0" {
	answer; dial; up
	kill "$(cat pid)"
	ended
	status_is 0
	until_true 5 grep -q reason=peer-closed call
	no_tun
}

@test "kill -9: no device is left, the caller notices" {
	answer; dial; up
	kill -9 "$(cat pid)"
	ended
	no_tun
	until_true 5 grep -q event=down call
}

@test "a COMMAND runs on the link and ends it" {
	answer ./ras -- ./work
	printf '#!/bin/sh\necho "$SP_INTERFACE $SP_ADDRESS" >worked\nexit 5\n' >work; chmod +x work
	dial
	ended
	[ "$(cat worked)" = "ras0 192.0.2.1" ]
	status_is 5
	until_true 5 grep -q reason=peer-closed call
}

@test "a full disk: exit 8, the caller is told" {
	sed -i 's,>out,>/dev/full,' ras
	answer; dial
	ended
	status_is 8
	until_true 5 grep -q reason=peer-closed call
	no_tun
}

@test "a device of that name exists: exit 8, step 335" {
	ip -n "$NS" tuntap add ras7 mode tun
	answer ./ras --interface ras7
	dial
	ended
	status_is 8
	[ "$(field error <out) $(field step <out)" = "system 335" ]
}

@test "a tty is a line as well" {
	socat PTY,link=a,raw,echo=0 PTY,link=b,raw,echo=0 3>&- & PIDS+=($!)
	until_true 5 test -e b
	ip netns exec "$NS" sp-ras --line tty:a --address 192.0.2.1 --peer-address 192.0.2.2 --secret-file secret >out 3>&- &
	local pid=$!
	PIDS+=("$pid")
	dial --line tty:b
	up
	kill "$CALLER"
	wait "$pid"
}

@test "what must be given, and how: exit 2 or 8 with the option's name" {
	run sp-ras --line fd:3 --address 192.0.2.1
	[ "$status" = 2 ]
	[[ $output == *--secret-file* ]]
	run sp-ras --line fd:3 --secret-file secret
	[ "$status" = 2 ]
	[[ $output == *--address* ]]
	run sp-ras --line fd:3 --address 192.0.2 --secret-file secret
	[ "$status" = 2 ]
	[[ $output == *"--address: 192.0.2 is no IPv4 address"* ]]
	run sp-ras --line fd:3 --address 192.0.2.1 --secret-file secret --echo 0.05
	[ "$status" = 2 ]
	[[ $output == *"--echo: at least 0.1"* ]]
	run sp-ras --line fd:3 --address 192.0.2.1 --secret-file secret --auth none
	[ "$status" = 2 ]
	[[ $output == *--auth* ]]
	chmod 644 secret
	run sp-ras --line fd:3 --address 192.0.2.1 --secret-file secret
	[ "$status" = 8 ]
	[[ $output == *"others than its owner"* ]]
	chmod 600 secret
	run sp-ras --line fd:77 --address 192.0.2.1 --secret-file secret
	[ "$status" = 8 ]
	[[ $output == *"error=system"* ]]
}
