#!/usr/bin/env bats
# The route service against those who ask for what is not theirs, or ask badly.
load common
load route

refused() { # HOST WHY [SOURCE]
	local answer; answer=$(question "$(rec op=route session=s9 "host=$1")" "${3:-}")
	[ "$answer" = "$(rec session=s9 error=denied step=342 "detail=host= is $2")" ] || { echo "$1: $answer"; return 1; }
}

@test "no route but to the connection's own source in a network of the vendor" {
	service
	refused 10.50.0.6 "not where the connection comes from"
	refused 10.50.0.5 "not where the connection comes from" 10.50.0.6
	refused 0.0.0.0 "no host"
	refused 0.0.0.0/0 "no IPv4 address"
	refused 10.50.0.5/24 "no IPv4 address"
	refused default "no IPv4 address"
	refused ::1 "no IPv4 address"
	refused '' "no IPv4 address"
	refused 127.0.0.1 "a loopback address"
	refused 224.0.0.1 "a multicast address"
	refused 255.255.255.255 "a reserved or broadcast address"
	refused 192.0.2.1 "not where the connection comes from"
	refused 10.50.0.77 "not where the connection comes from"
	ip -n "$NS-w" addr add 172.16.9.9/32 dev call0
	refused 172.16.9.9 "in no network of the vendor" 172.16.9.9
	ip -n "$NS-w" addr add 10.50.0.255/32 dev call0
	refused 10.50.0.255 "a network or broadcast address" 10.50.0.255
	clean
	[ "$(grep -c 'error=denied	step=342' svc.out)" = 15 ]
	[ "$(grep -c 'step=342	event=refused' slog)" = 15 ]
	ask
	ready
}

@test "of a link with a permit, no route but to the workstation that it names" {
	LINK+=$(printf '\tworkstation=10.50.0.6')
	service
	refused 10.50.0.5 "not the workstation of the permit"
	clean
	hold 7 10.50.0.6
	grep -q route=acknowledged held.7.out
	exec 7>&-
}

@test "other questions, more questions, nonsense" {
	service
	[[ $(question "$(rec op=search)") == *"error=record"*"op=route"* ]]
	[[ $(question "host=10.50.0.5") == *"error=record"* ]]
	[ -z "$(question nonsense)" ]
	question "$(rec op=route host=10.50.0.5; rec op=route host=10.50.0.5)" >two
	until_true 5 clean
	grep -q 'more than one question' svc.err slog
}

@test "one byte at a time is as good as at once" {
	service
	mkfifo slow; exec 8<>slow
	ip netns exec "$NS-w" socat -b 1 - TCP:192.0.2.1:4341,nodelay <&8 >answer 3>&- 9>&- & PIDS+=($!)
	local line i; line=$(rec op=route session=s1 host=10.50.0.5)
	for ((i = 0; i < ${#line}; i++)); do printf %s "${line:i:1}" >&8; rest; done
	echo >&8
	until_true 5 grep -q route=acknowledged answer
	exec 8>&-
	kill "${PIDS[-1]}"
	until_true 5 clean
}

@test "a line of 64 KiB and more ends the connection" {
	service
	{ printf 'op=route\thost='; head -c 70000 /dev/zero | tr '\0' x; echo; } |
		{ W socat -t 5 - TCP:192.0.2.1:4341 || :; } >answer
	[ ! -s answer ]
	grep -q 'line over 64 KiB' svc.err
	ask
	ready
}

@test "who is silent, or never ends the line, is dropped after 10 s; the others do not wait" {
	service
	mkfifo slow; exec 8<>slow
	ip netns exec "$NS-w" socat - TCP:192.0.2.1:4341,bind=10.50.0.6 <&8 3>&- 8>&- 9>&- & local silent=$!; PIDS+=($!)
	ip netns exec "$NS-w" socat - TCP:192.0.2.1:4341,bind=10.50.0.6 < <(while printf x; do rest; done) 3>&- 8>&- 9>&- & PIDS+=($!)
	ask
	ready
	until_true 14 is 2 grep 'asked nothing in time' svc.err
	until_gone "$silent"
	exec 8>&-
}

@test "16 connections: one more of that address is closed, one of another has the place of who asked nothing; who holds stays" {
	service
	ask
	ready
	mkfifo slow; exec 8<>slow
	local i
	for i in {1..15}; do
		ip netns exec "$NS-w" socat - TCP:192.0.2.1:4341 <&8 3>&- 8>&- 9>&- & PIDS+=($!)
	done
	until_true 5 is 16 S ss -Htn state established sport = 4341
	[ -z "$(question "$(rec op=route host=10.50.0.5)")" ]
	until_true 5 grep -q 'event=dropped.*detail=all places are taken' slog
	is 16 S ss -Htn state established sport = 4341
	[[ $(question "$(rec op=route host=10.50.0.6)" 10.50.0.6) == *route=acknowledged* ]]
	[[ $(routes) == "10.50.0.5 dev ras0"* ]]
	is 15 S ss -Htn state established sport = 4341
	exec 8>&-
}

@test "a crowd that asks nothing, or nonsense, and comes again and again: another address has its route meanwhile" {
	service
	local hex
	for hex in '' 6f703d726f757465 00ff0a; do
		ip netns exec "$NS-w" "$BUILD/tests/tool/half-open" 192.0.2.1 4341 2000 10.50.0.6 1 "$hex" >crowd.out 3>&- 8>&- 9>&- & PIDS+=($!)
		until_true 20 grep -q tried=2000 crowd.out
		ask
		ready
		kill "$ASKER" "${PIDS[-1]}"; until_gone "$ASKER"; until_gone "${PIDS[-1]}"
	done
	[ "$(wc -l <slog)" -lt 200 ]
}

@test "only the link's device: nobody of the customer's reaches the service" {
	service
	ip -n "$NS-s" link set eth1 netns "$NS-w"
	ip -n "$NS-w" link set eth1 up
	ip -n "$NS-w" addr add 10.50.0.88/24 dev eth1
	ip -n "$NS-w" route replace 192.0.2.1 via 10.50.0.77 dev eth1
	run W socat -u TCP:192.0.2.1:4341,connect-timeout=3 -
	[ "$status" != 0 ]
	[[ $output == *"refused"* ]]
}

@test "the device goes: the route goes with it, and the service when its input ends" {
	service
	ask
	ready
	ip -n "$NS-s" link del ras0
	[ -z "$(routes)" ]
	exec 9>&-
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	clean
	exec 9<>links
}
