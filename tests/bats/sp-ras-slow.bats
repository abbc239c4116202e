#!/usr/bin/env bats
# A link over a slow line: what TCP is told when a connection begins, and typing beside a transfer.
load common
load ras

slow() { # OPTION...: both ends know that the line has 33600 bit/s
	mkfifo idle; exec 8<>idle # what nobody says anything on
	export SP_SPEED=33600
	answer ./ras --interface ras7 "$@"
	dial --interface c7 --as-it-is --line "unix:line?speed=33600"
	up
	ip netns exec "$NS" busybox nc -l -p 9000 <idle >got 3>&- & PIDS+=($!)
	until_true 5 listens
}

listens() { ip netns exec "$NS" ss -ltn | grep -q :9000; }
established() { ip netns exec "$1" ss -tinH state established | grep -q mss:; }
connection() { # both ends' view of the one connection
	ip netns exec "$NS-c" busybox nc 192.0.2.1 9000 <idle 3>&- & PIDS+=($!)
	until_true 5 established "$NS"
	until_true 5 established "$NS-c"
	ip netns exec "$NS" ss -tinH state established >near
	ip netns exec "$NS-c" ss -tinH state established >far
}

@test "a connection over a slow line has small segments and no timestamps" {
	slow
	[ "$(field speed <out)" = 33600 ]
	connection
	cat near far
	grep -q ' mss:536 ' near # with timestamps it would be 12 less
	grep -q ' mss:536 ' far
}

@test "both can be left away" {
	slow --no-mss-clamp --no-timestamp-blank
	connection
	cat near far
	grep -q ' mss:1448 ' near
	grep -q ' mss:1448 ' far
}

@test "beside a transfer a ping does not wait for what is queued" {
	slow
	head -c 200000 /dev/urandom >data
	ip netns exec "$NS-c" busybox nc 192.0.2.1 9000 <data 3>&- & PIDS+=($!)
	until_true 10 test -s got
	ip netns exec "$NS-c" ping -q -c 15 -i 0.4 192.0.2.1 >ping
	cat ping
	[ "$(wc -c <got)" -lt 200000 ] # it was beside it all the time
	grep -q ' 0% packet loss' ping
	avg=$(sed -n 's|^rtt.*= [^/]*/\([0-9]*\).*|\1|p' ping)
	[ "$avg" -lt 1000 ] # a FIFO of the kernel's holds many seconds
}

@test "smaller segments alone" {
	slow --no-timestamp-blank
	connection
	grep -q ' mss:524 ' near
}

@test "no timestamps alone" {
	slow --no-mss-clamp
	connection
	grep -q ' mss:1460 ' near
}
