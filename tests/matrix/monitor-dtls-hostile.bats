#!/usr/bin/env bats
# sp-monitor by datagram and strangers: who shows no cookie leaves nothing, who shows one little, and for ten seconds.
load ../bats/common
load ../bats/monitor
load ../bats/dtls

setup_more() { dtls_setup; }

hello() { "$BUILD/tests/tool/dtls-hello" "$PORT" "$@"; }
descriptors() { find "/proc/$MONITOR/fd" -mindepth 1 | wc -l; }
memory() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$MONITOR/status"; }

@test "10,000 who show no cookie: a short answer each, and nothing is left; others are served" {
	dtls
	run -0 find_it
	hello 2000 plain >/dev/null
	local was mem more=0 i
	was=$(descriptors) mem=$(memory)
	"$BUILD/tests/tool/dtls-hello" "$PORT" 10000 plain >counts 3>&- & local flood=$!
	PIDS+=("$flood")
	for i in 1 2 3; do run -0 find_it; done
	wait "$flood"
	[ "$(field answered <counts)" -ge 9900 ]
	[ "$(field largest <counts)" -lt 100 ]
	hello 10000 spoofed >/dev/null
	run -0 find_it
	until_true 5 eval '[ "$(descriptors)" -le '"$was"' ]'
	[ $(($(memory) - mem)) -lt 1024 ]
	never grep -q -e "event=refused" -e "event=too-many" mon.log
}

@test "who shows a cookie and no more: so many of one address, and for ten seconds" {
	dtls --strangers 3
	run -0 find_it
	"$BUILD/tests/tool/dtls-hello" "$PORT" 5 cookie >counts 3>&- & PIDS+=($!)
	until_true 20 grep -q sent= counts
	[ "$(field answered <counts)" = 5 ]; [ "$(field largest <counts)" -lt 100 ]
	grep -q "step=307.*event=too-many.*from=127.0.0.1" mon.log
	foreign 1 alice -bind 127.0.0.2:0
	[ "$(ask 1 id=1 op=search serial=42 | systems)" = "B1 " ]
	until_true 30 grep -q "event=refused.*detail=timed out" mon.log
	until_true 5 find_it
}

@test "noise: no answer to any of it, and others are served" {
	dtls
	hello 3000 noise >counts
	[ "$(field answered <counts)" = 0 ]
	run -0 find_it
	head -c 60000 /dev/urandom | socat -u -b 60000 - "UDP:127.0.0.1:$PORT"
	printf '' | socat -u - "UDP:127.0.0.1:$PORT"
	run -0 find_it
	[ "$(sort -u <(field event <mon.log) | tr '\n' ' ')" = "filtered question sent " ]
}

@test "what others send in the name of a peer is not heard: his association goes on, in its handshake too" {
	dtls
	foreign 1 alice -bind 127.0.0.1:24566 -nbio # it would wait for more after what it does not hear
	[ "$(ask 1 id=1 op=search serial=42 | systems)" = "B1 " ]
	hello 20 as:24566
	[ "$(ask 1 id=2 op=search serial=42 | systems)" = "B1 " ]
	never grep -q "event=refused" mon.log
	hello 20 as:24568
	foreign 2 carol -bind 127.0.0.1:24568 -nbio
	[ "$(ask 2 id=1 op=search serial=000299 | systems)" = "G1 " ]
}

@test "a client of the same address and port that begins anew takes the place of the one that died" {
	dtls
	foreign 1 alice -bind 127.0.0.1:24567
	[ "$(ask 1 id=1 op=search serial=42 | systems)" = "B1 " ]
	kill -9 "$CLIENT"; until_gone "$CLIENT"
	foreign 2 carol -bind 127.0.0.1:24567
	[ "$(ask 2 id=1 op=search serial=000299 | systems)" = "G1 " ]
}

@test "guesses by datagram come later and later, as over TLS" {
	dtls --fail-delay 60
	foreign 1 bob
	local i
	for i in 1 2 3; do [[ $(ask 1 id=$i op=alloc system=S$i) == *error=denied*step=313* ]]; done
	say 1 id=4 op=alloc system=S4
	foreign 2 carol
	[[ $(ask 2 id=1 op=alloc system=none) == *error=denied*step=313* ]]
	never read -t 0 -u 53
}
