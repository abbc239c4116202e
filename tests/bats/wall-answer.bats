#!/usr/bin/env bats
# sp-answer --wall and sp-ras --wall: no call without it.
load common
load ras

S() { ip netns exec "$NS" "$@"; }
states() { awk -F'\t' '/^call=/ { print $1, $2 }' a.out | tr '\n' ' '; }

# shellcheck disable=SC2154
@test "where nftables is missing or forbidden no call is taken, and it is said why" {
	run -8 --separate-stderr S timeout 20 "$BUILD/tests/tool/no-netfilter" sp-answer --log log --wall unix:line -- true
	[ -z "$output" ]; [ ! -e line ]
	[ "$stderr" = "sp-answer: no calls are taken without the wall: nftables is missing: Protocol not supported" ]
	grep -q 'step=327	event=no wall	detail=nftables is missing' log
	run -8 --separate-stderr S timeout 20 setpriv --bounding-set=-net_admin --inh-caps=-net_admin sp-answer --wall unix:line -- true
	[ -z "$output" ]; [ ! -e line ]
	[[ $stderr == *"sp-answer: no calls are taken without the wall: nftables: "*"Operation not permitted" ]]
}

@test "a device of the customer's that would be cut off: nothing is loaded, no call is taken" {
	ip -n "$NS" link add rasberry type veth peer name other
	run -8 --separate-stderr S timeout 20 sp-answer --wall unix:line -- true
	[ "$stderr" = "sp-answer: no calls are taken without the wall: rasberry is no TUN device, and would be cut off" ]
	[ -z "$(S nft list ruleset)" ]
}

@test "the base is there before the first call, and is looked after for each" {
	server a ip netns exec "$NS" sp-answer --log alog --wall unix:line -- sh -c 'echo taken >&3'
	S nft list chain inet sp_wall pre | grep -q 'iifname "ras\*" goto from_link'
	S nft flush ruleset
	[ "$(socat -u UNIX-CONNECT:line -)" = taken ]
	S nft list chain inet sp_wall pre | grep -q 'iifname "ras\*" goto from_link'
	ip -n "$NS" link add rasberry type veth peer name other
	[ -z "$(socat -u UNIX-CONNECT:line -)" ]
	until_true 5 grep -q $'call=2\tstate=ended.*reason=denied' a.out
	[ -z "$(socat -u UNIX-CONNECT:line -)" ]
	until_true 5 grep -q $'call=3\tstate=ended.*reason=denied' a.out
	[ "$(<a.err)" = 'sp-answer: no calls are taken without the wall: rasberry is no TUN device, and would be cut off' ]
	[ "$(field event <alog | grep -c 'no wall')" = 1 ]
	ip -n "$NS" link del rasberry
	[ "$(socat -u UNIX-CONNECT:line -)" = taken ]
	grep -q '	event=wall$' alog
	kill "$SERVER_PID"; wait "$SERVER_PID"
	S nft list chain inet sp_wall pre | grep -q 'iifname "ras\*" goto from_link'
}

@test "what a security client leaves that is killed, goes with the call" {
	ip -n "$NS" link set lo up
	cat >client <<-EOS
		#!/bin/bash
		"$BUILD/tests/tool/wall" 10.50.0.5 10.99.0.7 tcp/22 tcp/443 2 <&3 >tool &
		tool=\$!
		until grep -q ready= tool; do read -rt 0.02 <> <(:) || :; done
		nft list table inet sp_wall >during
		kill -9 \$tool
	EOS
	chmod +x client
	server a ip netns exec "$NS" sp-answer --wall unix:line -- ./client
	S nft list table inet sp_wall | sed 's/packets .*//' >before
	socat -u UNIX-CONNECT:line -
	until_true 5 grep -q state=ended a.out
	grep -q 'chain walled_' during
	S nft list table inet sp_wall >after
	never grep -q walled_ after
	until_true 10 eval "S nft list table inet sp_wall | sed 's/packets .*//' | cmp - before"
}

@test "sp-ras proves the wall on its link before it gives the link out" {
	server a ip netns exec "$NS" sp-answer --wall unix:other -- true
	answer ./ras --wall
	dial
	up
	[ "$(steps)" = "329 331 332 333 336 335 " ]
	never ip netns exec "$NS-c" ping -q -c 1 -W 1 192.0.2.1
	kill "$CALLER"
	ended
	status_is 0
}

@test "without a wall, or with a hole in it, there is no link" {
	answer ./ras --wall
	dial
	ended
	status_is 8
	grep -q 'error=system	step=336	detail=the wall does not hold: nftables: ' out
	never grep -q state=up out
	no_tun
	rm -f line status log
	server a ip netns exec "$NS" sp-answer --wall unix:other -- true
	S nft insert rule inet sp_wall from_link tcp dport 22 accept
	answer ./ras --wall
	dial
	ended
	status_is 8
	grep -q 'step=336	detail=the wall does not hold: let through: a connection of the gateway.s, from the link' out
	no_tun
}
