#!/usr/bin/env bats
# sp-monitor - states come in from routers, and go out to those who watch their session.
load common
load monitor

setup_more() {
	monitor_store; monitor_keys; monitor
	connect 1
	alloc 1 "$alice" A1
}

call() { sp-db --db db dump calls | grep "^session=$SESSION" | field "$1"; }
state() { ask 1 op=state "session=$SESSION" router=boston "$@"; }
# watch NAME [TOKEN]: rows of the session go to the file NAME.
watch() {
	socat - "UNIX-CONNECT:$T/m" < <(rec id=w op=watch "session=$SESSION" ${2:+"token=$2"}; exec cat "$T/hold" 3>&- 40>&-) >"$1" 3>&- &
	WATCHER=$!
	PIDS+=("$WATCHER")
	until_true 5 grep -q . "$1"
}
states() { field state <"$1" | tr '\n' ' '; }

@test "a call from dialing to down: recorded, told to the watcher, logged, written" {
	mkfifo hold; exec 40<>hold
	watch w "$alice"
	[ "$(cat w)" = "$(rec id=w "session=$SESSION" router=boston line=tty1 phone=+16175550199 state=reserved user=alice)" ]
	[ "$(state state=dialing)" = done=1 ]
	[ "$(call state180)" = open ]; [ -n "$(call from182)" ]
	[ "$(state state=ringing)" = done=1 ]
	[ "$(sp-db --db db check calls)" = "$(rec table=calls rows=1 faults=0)" ]
	state state=connected speed=33600
	state state=up sp_address=192.0.2.1 alias=10.200.0.7 line=tty1 user=alice id=3
	state state=down reason=lost-carrier
	until_true 5 grep -q done= w
	[ "$(states w)" = "reserved dialing ringing connected up down " ]
	[ "$(tail -n 1 w)" = "$(rec id=w done=6)" ]
	grep -q "^$(rec id=w "session=$SESSION" router=boston line=tty1 phone=+16175550199 sp_address=192.0.2.1 alias=10.200.0.7 speed=33600 state=up user=alice)" w
	[ "$(call state182) $(call reason)" = "down lost-carrier" ]; [ -n "$(call up182)" ]; [ -n "$(call until182)" ]
	[ "$(call state180)" = open ]
	grep -q "step=338.*event=state.*session=$SESSION.*alias=10.200.0.7.*state=up" mon.log
	until_true 5 grep -q "^session=$SESSION.*alias=10.200.0.7.*state182=up" monitor.out
}

@test "who watches later gets the last state first; who watches the end, the end" {
	mkfifo hold; exec 40<>hold
	state state=up alias=10.200.0.7 sp_address=192.0.2.1 speed=9600
	watch w "$alice"
	[ "$(field alias <w)" = 10.200.0.7 ]; [ "$(states w)" = "up " ]
	ask 1 op=release "token=$alice" "lease=$LEASE"
	until_true 5 grep -q done=2 w
	[ "$(states w)" = "up down " ]; [ "$(field reason <w)" = user-request ]
	run -0 ask 1 op=watch "token=$alice" "session=$SESSION"
	[[ ${lines[0]} == *state=down* && ${lines[1]} == done=1 ]]
}

@test "a watch is for the session's user and for managers" {
	mkfifo hold; exec 40<>hold
	local foreign unknown
	watch manager # the same user's socket: no token is needed
	[ "$(states manager)" = "reserved " ]
	connect_stranger 2
	foreign=$(ask 2 op=watch "token=$carol" "session=$SESSION")
	unknown=$(ask 2 op=watch "token=$carol" session=nothing)
	[ "$foreign" = "$unknown" ]; [[ $foreign == *error=denied*step=339* ]]
	[[ $(ask 2 op=watch "session=$SESSION") == *error=denied*step=307* ]]
	say 2 op=watch "token=$alice" "session=$SESSION"
	[[ $(hear 2 1) == *state=reserved* ]]
}

@test "what comes late or twice changes nothing; a new dialing begins anew" {
	state state=up alias=10.200.0.7 speed=9600
	[ "$(state state=up alias=10.200.0.7 speed=9600)" = done=1 ]
	[ "$(state state=dialing)" = done=1 ]
	[ "$(call state182)" = up ]
	state state=down reason=busy
	state state=up alias=10.200.0.7
	[ "$(call state182)" = down ]
	state state=dialing
	[ "$(call state182)" = dialing ]; [ -z "$(call alias)$(call reason)$(call until182)" ]
	ask 1 op=release "token=$alice" "lease=$LEASE"
	[ "$(call state182)" = down ]
	state state=dialing
	[ "$(call state182)" = down ]
	until_true 5 grep -q state182=down monitor.out
	[ "$(grep -c state182=up monitor.out)" = 1 ]
}

@test "a router that does not know the session: by its line, else by the phone" {
	[ "$(ask 1 op=state router=boston line=tty1 state=connected)" = done=1 ]
	[ "$(call state182)" = connected ]
	[ "$(ask 1 op=state router=boston line=Async7 phone=+16175550199 state=up)" = done=1 ]
	[ "$(call state182)" = up ]
	[[ $(ask 1 op=state router=boston line=tty2 state=up) == *error=peer*step=338* ]]
	[[ $(ask 1 op=state router=hamburg line=tty1 phone=+16175550199 state=up) == *error=peer*step=338* ]]
	[[ $(ask 1 op=state line=tty1 state=up) == *error=peer*step=338* ]]
}

@test "states that cannot be: wrong router, wrong session, no state" {
	[[ $(ask 1 op=state "session=$SESSION" router=hamburg state=up) == *error=peer*step=338* ]]
	[[ $(ask 1 op=state session=nothing router=boston state=up) == *error=peer*step=338* ]]
	[[ $(state state=flying) == *error=record*step=338* ]]
	[[ $(state) == *error=record*step=338* ]]
	[ -z "$(call state182)" ]
}

@test "a reader of standard output that goes away stops nothing" {
	mkfifo out
	head -n 1 <out >/dev/null & PIDS+=($!)
	sp-monitor --db db --listen "unix:$T/n" --token-key token.pub >out 2>err 3>&- & PIDS+=($!)
	until_true 5 test -S n
	connect 2 socat - "UNIX-CONNECT:$T/n"
	[[ $(ask 2 op=alloc "token=$alice" system=G1) == *done=1* ]]
	[[ $(ask 2 op=alloc "token=$alice" system=A2) == *done=1* ]]
	[ "$(ask 2 op=search "token=$carol" | systems)" = "G1 " ]
}

@test "a state of another router, or of another user, changes nothing" {
	[[ $(ask 1 op=state "session=$SESSION" router=lyon state=up alias=10.9.9.9) == *error=peer*another\ router* ]]
	[[ $(state state=up alias=10.9.9.9 user=mallory) == *error=peer*"another user"* ]]
	[ -z "$(call alias)" ]
	[ "$(state state=up alias=10.200.0.7 'user=EMEA\\alice')" = done=1 ]
	[ "$(call alias)" = 10.200.0.7 ]
}
