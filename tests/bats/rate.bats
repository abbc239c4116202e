#!/usr/bin/env bats
# The rate that sp-addr sets in the kernel, in a network namespace of its own: set, undone at its
# end, and undone by its guard when it is killed with -9.
load common
load monitor
load owes

NS=spr$$
setup_more() {
	ip netns add "$NS"
	ip -n "$NS" link set lo up
	ip -n "$NS" link add d0 type veth peer name d1
	ip -n "$NS" addr add 10.1.0.1/24 dev d0
	ip -n "$NS" link set d0 up
	ip -n "$NS" route add 10.200.0.0/24 via 10.1.0.2 dev d0 onlink
	monitor_store; monitor_keys; monitor
	export SP_CONFIG=$T/sp.conf
	printf '[sp]\nmonitor = unix:%s/m\n[sp-alloc]\n[sp-addr]\n[sp-state]\n' "$T" >sp.conf
	mkfifo leased out
	sp-alloc <<<"$(rec system=A1 "token=$alice")" >leased & PIDS+=($!)
	exec 7<leased
	IFS= read -rt 10 -u 7 ALLOCATED
	rec "session=$(field session <<<"$ALLOCATED")" router=boston line=tty1 state=up alias=10.200.0.7 speed=33600 | sp-state >/dev/null
	printf '%s\t%s\n' "$ALLOCATED" "$(rec alias=10.200.0.7)" | sed 's/\thold=alloc\t/\t/' >dialed
}
teardown_more() { ip netns del "$NS"; }

paced() { ip netns exec "$NS" tc class show dev d0 | grep -q "rate 33600bit"; }
unpaced() { ! ip netns exec "$NS" tc qdisc show dev d0 | grep -q htb; }

addr() {
	ip netns exec "$NS" sp-addr "$@" <dialed >out 2>err 7<&- & HOLDER=$!
	PIDS+=("$HOLDER")
	exec 8<out
	IFS= read -rt 10 -u 8 line
}

@test "the workstation keeps to the line's speed until the end" {
	addr
	[ "$(field rate <<<"$line")" = 33600 ]; [ "$(field rate_by <<<"$line")" = workstation ]
	paced
	exec 8<&-
	until_gone "$HOLDER"
	unpaced
}

@test "killed with -9, its guard undoes the rate" {
	addr --rate-by workstation
	paced
	kill -9 "$HOLDER"
	until_true 5 unpaced
}

@test "a discipline of somebody else's is left alone" {
	ip netns exec "$NS" tc qdisc add dev d0 root handle 9: tbf rate 1mbit burst 10k latency 1s
	addr
	[ "$(field rate_by <<<"$line")" = router ]
	ip netns exec "$NS" tc qdisc show dev d0 | grep -q 'tbf 9:'
	exec 8<&-
	until_gone "$HOLDER"
	run --separate-stderr ip netns exec "$NS" sp-addr --rate-by workstation <dialed
	[ "$status" = 8 ]; [ "$(field step <<<"$output")" = 340 ]
}

@test "without the right to do so, the router keeps to it" {
	addr_as() { ip netns exec "$NS" capsh --drop=cap_net_admin -- -c "exec sp-addr $*" <dialed >out 2>err 7<&- & HOLDER=$!; PIDS+=("$HOLDER"); exec 8<out; IFS= read -rt 10 -u 8 line; }
	addr_as
	[ "$(field rate_by <<<"$line")" = router ]; [ "$(field rate <<<"$line")" = 33600 ]
	unpaced
	exec 8<&-
}

@test "what a holder owes at its ends: each time the rate is undone" {
	holder_owes "$(cat dialed)" addr unpaced ip netns exec "$NS" sp-addr --rate-by workstation --log rate.log
	[ "$(grep -c rate_by=workstation rate.log)" = 3 ]
}
