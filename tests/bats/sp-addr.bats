#!/usr/bin/env bats
# sp-addr with a real monitor that is told the states by sp-state: agreement, ends, the rate.
load common
load monitor

setup_more() {
	monitor_store; monitor_keys; monitor
	export SP_CONFIG=$T/sp.conf
	printf '[sp]\nmonitor = unix:%s/m\n[sp-alloc]\n[sp-addr]\n[sp-state]\n' "$T" >sp.conf
	mkfifo leased
	sp-alloc <<<"$(rec system=A1 "token=$alice")" >leased & PIDS+=($!)
	exec 7<leased
	IFS= read -rt 10 -u 7 ALLOCATED
	SESSION=$(field session <<<"$ALLOCATED")
}

# state STATE [FIELD...]: the network manager tells the monitor.
state() { rec "session=$SESSION" router=boston line=tty1 "state=$@" | sp-state >/dev/null; }
up() { rec "session=$SESSION" router=boston line=tty1 state=up alias=10.200.0.7 sp_address=192.0.2.1 speed=33600 "$@" | sp-state >/dev/null; }
# dialed [ALIAS]: the record as it comes from sp-dial. alone: without hold=, so that the input's end
# is only its end.
dialed() { printf '%s\t%s\n' "$ALLOCATED" "$(rec "alias=${1:-10.200.0.7}" speed=33600 state=connected hold=alloc,dial)" | sed 's/\thold=alloc\t/\t/'; }
alone() { dialed "$@" | sed 's/\thold=[^\t]*//'; }

# addr ARGUMENT...: starts sp-addr on a fifo; its records come on descriptor 8; HOLDER is its process.
addr() {
	mkfifo in out
	sp-addr --log log "$@" <in >out 2>err 7<&- & HOLDER=$!
	PIDS+=("$HOLDER")
	exec 6>in 8<out
	dialed >&6
}
hear_one() { IFS= read -rt 10 -u 8 line; }

@test "the last state is told first: address, rate, who keeps to it" {
	up
	addr --rate-by router
	hear_one
	[ "$(field address <<<"$line")" = 10.200.0.7 ]; [ "$(field sp_address <<<"$line")" = 192.0.2.1 ]
	[ "$(field speed <<<"$line")" = 33600 ]; [ "$(field line <<<"$line")" = tty1 ]
	[ "$(field rate <<<"$line")" = 33600 ]; [ "$(field rate_by <<<"$line")" = router ]
	[ "$(field hold <<<"$line")" = alloc,dial,addr ]
	[ "$(field step <log | tr '\n' ' ')" = "339 340 " ]
	exec 8<&-
	until_gone "$HOLDER"
}

@test "it waits for the state to come" {
	addr --rate-by none
	state dialing
	state connected speed=33600
	up
	hear_one
	[ "$(field address <<<"$line")" = 10.200.0.7 ]; [ "$(field rate_by <<<"$line")" = none ]
	[ -z "$(field rate <<<"$line")" ]
	exec 6>&-
	until_gone "$HOLDER"
}

@test "an alias that differs from the router's word is the peer's failure at step 339" {
	up
	run --separate-stderr sp-addr <<<"$(alone 10.200.0.8)"
	[ "$status" = 6 ]
	[ "$(field error <<<"$output")" = peer ]; [ "$(field step <<<"$output")" = 339 ]
	[[ $(field detail <<<"$output") == *10.200.0.8*10.200.0.7* ]]
	[ -z "$(field address <<<"$output")" ]
}

@test "an up without an alias is the same" {
	rec "session=$SESSION" router=boston line=tty1 state=up | sp-state >/dev/null
	run --separate-stderr sp-addr <<<"$(alone)"
	[ "$status" = 6 ]; [ "$(field step <<<"$output")" = 339 ]
}

@test "a session that goes down instead of up fails with its reason" {
	addr
	state down reason=busy
	hear_one
	[ "$(field error <<<"$line")" = busy ]; [ "$(field step <<<"$line")" = 339 ]; [ "$(field reason <<<"$line")" = busy ]
	wait "$HOLDER" || status=$?
	[ "$status" = 5 ]
}

@test "a session that never is up ends with the deadline" {
	run --separate-stderr sp-addr --timeout 0.3 <<<"$(alone)"
	[ "$status" = 3 ]; [ "$(field error <<<"$output")" = timeout ]; [ "$(field step <<<"$output")" = 339 ]
}

@test "a session that breaks is told by a second record, one that is hung up ends quietly" {
	up
	addr --rate-by none
	hear_one
	state down reason=lost-carrier
	hear_one
	[ "$(field error <<<"$line")" = peer ]; [ "$(field session <<<"$line")" = "$SESSION" ]
	wait "$HOLDER" || status=$?
	[ "$status" = 6 ]
}

@test "one that is hung up ends quietly" {
	up
	addr --rate-by none
	hear_one
	state down reason=user-request
	run ! hear_one
	wait "$HOLDER"
	[ ! -s err ]
}

@test "a monitor that goes away ends nothing, the end is seen when it is back" {
	up
	addr --rate-by none
	hear_one
	kill "$MONITOR"; until_gone "$MONITOR"
	monitor 6>&- 7<&- 8<&-
	kill -0 "$HOLDER"
	state down reason=lost-carrier
	hear_one
	[ "$(field error <<<"$line")" = peer ]
}

@test "somebody else's session is not shown" {
	up
	certificates
	tls
	(umask 077; cat carol.key carol.crt >carol.pem)
	run --separate-stderr sp-addr --monitor "tls:127.0.0.1:$PORT" --ca ca.crt --identity carol.pem <<<"$(alone)"
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 339 ]
}

@test "--rate-by takes three words, and workstation is something to hold" {
	run sp-addr --rate-by me </dev/null
	[ "$status" = 2 ]
	run sp-addr --rate-by workstation --no-hold </dev/null
	[ "$status" = 2 ]
	up
	run sp-addr --no-hold <<<"$(alone)"
	[ "$status" = 0 ]; [ "$(field rate_by <<<"$output")" = router ]
}
