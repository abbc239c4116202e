#!/usr/bin/env bats
# The wall on a service processor with a customer's network and his own rules: what a host there
# reaches before, during and after a session, and what is left when somebody is killed.
load common

S() { ip netns exec "$NS-s" "$@"; }
C() { ip netns exec "$NS-c" "$@"; }

setup_more() {
	NS=wl$$-$BATS_TEST_NUMBER
	ip netns add "$NS-s"
	ip netns add "$NS-c"
	ip -n "$NS-s" link set lo up
	ip -n "$NS-s" link add eth0 type veth peer name eth0 netns "$NS-c"
	ip -n "$NS-s" addr add 10.1.1.1/24 dev eth0
	ip -n "$NS-c" addr add 10.1.1.2/24 dev eth0
	ip -n "$NS-s" link set eth0 up
	ip -n "$NS-c" link set eth0 up
	S nft -f - <<-'END'
		table inet customer {
			chain input { type filter hook input priority 0; tcp dport 25 drop; }
		}
		table ip translation {
			chain in { type nat hook prerouting priority -100; tcp dport 8443 redirect to :443; }
		}
	END
	local port
	for port in 22 443 8080; do
		ip netns exec "$NS-s" socat "TCP-LISTEN:$port,reuseaddr,fork" SYSTEM:"echo port $port" 3>&- & PIDS+=($!)
		until_true 5 reads $port
	done
}

teardown_more() {
	ip netns del "$NS-s"
	ip netns del "$NS-c"
}

# reads PORT [ADDRESS]: from the customer's network; shut PORT: it does not, and the wall counts it.
reads() { [[ $(C socat -u "TCP:${2:-10.1.1.1}:$1,connect-timeout=2" - 2>/dev/null) == "port "* ]]; }
shut() {
	local before; before=$(counted walled)
	never C socat -u "TCP:10.1.1.1:$1,connect-timeout=0.5" - || return 1
	[ "$(counted walled)" -gt "$before" ]
}
counted() { S nft list counter inet sp_wall "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
counts() { [ "$(counted "$1")" -gt "$2" ]; }

# What the machine is like, but for what is counted: rules of all tables, or of all but the wall's.
machine() {
	S nft list ruleset | sed 's/packets .*//'
	S ip -o link | sed 's/^[0-9]*: //'
	S ip route; S ip rule; S ss -Hlntu
}
others() { machine | awk '/^table inet sp_wall/ { ours = 1 } !ours; /^}/ { ours = 0 }'; }

# base: as the service loads it. session NAME [PORTS [SECONDS]]: its records in NAME.out, packets for it by NAME.in.
base() { server answer ip netns exec "$NS-s" sp-answer --wall unix:line -- sh -c 'cat <&3 >&3'; }
session() {
	mkfifo "$1.in"
	server "$1" sh -c 'exec "$@" <>"$0.in"' "$1" ip netns exec "$NS-s" "$BUILD/tests/tool/wall" 10.50.0.5 10.99.0.7 "${2:-tcp/22,tcp/443}" tcp/443 "${3:-600}"
}
syn() { echo "$2 tcp 10.50.0.5 $3 $4" >"$1.in"; } # NAME link|tunnel FROM-PORT PORT

@test "a walled port is shut to the customer's network while a session is up; all else is as before" {
	others >before
	base
	others | cmp - before
	machine >ready
	reads 443; reads 8443
	session call
	shut 443; shut 8443
	reads 22; reads 8080
	never S socat -u TCP:127.0.0.1:443,connect-timeout=0.5 -
	S nft list table inet customer | grep -q 'tcp dport 25 drop'
	kill "$SERVER_PID"; wait "$SERVER_PID"
	reads 443; reads 8443
	until_true 5 eval 'machine | cmp - ready'
}

@test "through the tunnel its ports are open, from the link none is; the customer's network is not reached" {
	base
	session call
	local before; before=$(counted link_in)
	syn call link 1001 22
	syn call link 1002 443
	until_true 5 counts link_in $((before + 1))
	before=$(counted tunnel_in)
	syn call tunnel 1003 8080
	until_true 5 counts tunnel_in "$before"
	syn call tunnel 1004 443
	until_true 5 grep -q 'out=tunnel	proto=6	sport=443	dport=1004	flags=18' call.out
	[ "$(grep -c ^out= call.out)" = 1 ]
	S sysctl -q net.ipv4.ip_forward=1
	ip -n "$NS-s" route add 10.9.0.1 dev ras0
	ip -n "$NS-c" route add 10.9.0.1 via 10.1.1.1
	before=$(counted forwarded)
	C socat -u - UDP:10.9.0.1:4343 <<<knock
	until_true 5 counts forwarded "$before"
	[ "$(grep -c ^out= call.out)" = 1 ]
}

@test "a connection that was there is cut off, and goes on when the session is over" {
	S socat -u TCP-LISTEN:8081,reuseaddr OPEN:heard,creat,append 3>&- & PIDS+=($!)
	base
	mkfifo in; exec 7<>in
	until_true 5 eval 'S ss -Hlnt | grep -q :8081'
	C socat -u - TCP:10.1.1.1:8081 <in 3>&- & PIDS+=($!)
	echo one >&7
	until_true 5 grep -q one heard
	mkfifo call.in
	server call sh -c 'exec "$@" <>call.in' - ip netns exec "$NS-s" "$BUILD/tests/tool/wall" 10.50.0.5 10.99.0.7 tcp/22 tcp/8081 600
	local before; before=$(counted walled)
	echo two >&7
	until_true 5 counts walled "$before"
	never grep -q two heard
	kill "$SERVER_PID"; wait "$SERVER_PID"
	until_true 20 grep -q two heard
	exec 7>&-
}

@test "killed with -9: link and tunnel stay shut, the walled port opens with the time-out" {
	base
	session call tcp/22 3
	shut 443
	kill -9 "$SERVER_PID"; wait "$SERVER_PID" || :
	session next - # devices of the same names, which nobody opens
	[ "$(field link <next.out) $(field tunnel <next.out)" = "ras0 spg0" ]
	local link tunnel; link=$(counted link_in) tunnel=$(counted tunnel_in)
	syn next link 1001 22
	syn next tunnel 1002 22
	until_true 5 counts link_in "$link"
	until_true 5 counts tunnel_in "$tunnel"
	until_true 10 reads 443
	until_true 10 eval '! S nft list table inet sp_wall | grep -q elements'
	syn next tunnel 1003 22
	until_true 5 counts tunnel_in $((tunnel + 1))
	never grep -q ^out= next.out
}

@test "the service is killed with -9: the base stays; a session goes on" {
	base
	local answer=$SERVER_PID
	session call
	kill -9 "$answer"; wait "$answer" || :
	session next -
	local before; before=$(counted tunnel_in)
	syn next tunnel 1001 22
	until_true 5 counts tunnel_in "$before"
	never grep -q ^out= next.out
	syn call tunnel 1001 22
	until_true 5 grep -q 'out=tunnel	proto=6	sport=22' call.out
}

@test "a hole in the wall: the session is not given out, and nothing of it is left" {
	base
	S nft insert rule inet sp_wall from_link tcp dport 22 accept
	machine >before
	mkfifo call.in
	run -8 S "$BUILD/tests/tool/wall" 10.50.0.5 10.99.0.7 tcp/22 tcp/443 600 <>call.in
	[[ $output == "error=wall	detail=let through: "*", from the link" ]]
	until_true 5 eval 'machine | cmp - before'
	reads 443
}

@test "somebody flushes all rules: the session ends, and the wall stands again" {
	base
	session call
	S nft flush ruleset
	local rc=0; wait "$SERVER_PID" || rc=$?
	[ "$rc" = 6 ]
	grep -q 'error=wall	detail=nftables: ' call.out
	until_true 5 eval 'S nft list chain inet sp_wall pre | grep -q ras'
	session next -
	local before; before=$(counted link_in)
	syn next link 1001 22
	until_true 5 counts link_in "$before"
	never grep -q ^out= next.out
	grep -q ^ready= answer.out
}
