#!/usr/bin/env bats
# The states of a router's lines on their way: record, notification, record, monitor, store, and what
# the monitor makes of them when it chooses a router.
load common
load monitor

setup_more() {
	umask 077
	monitor_store; monitor_keys; monitor
	export SP_CONFIG=$T/sp.conf
	printf '[sp]\nmonitor = unix:%s/m\n[sp-state]\n' "$T" >sp.conf
	connect 1
}

line() { rec router=boston "line=$1" "line_state=$2" "${@:3}"; }
told() { ask 1 op=line router=boston "line=$1" "line_state=$2" "${@:3}"; }
row() { sp-db --db db dump line_states | grep "line=$1	"; }

@test "from a router's record to the monitor's store: as inform, as record, as row" {
	rec user=router1 auth_password=authpass123 priv_password=privpass123 >users
	server trapd sp-trapd --listen udp:127.0.0.1:0 --user-file users --log trapd.log
	{ line tty1 idle; line tty2 idle; line tty1 dialing "phone=0, 1 617 5550199"; line tty2 failed reason=port-error "detail=no answer"; } |
		sp-trap --to "udp:127.0.0.1:$PORT" --user-file users --log trap.log >acknowledged
	[ "$(field trap_acknowledged <acknowledged | sort | uniq -c | tr -s ' ')" = " 4 1" ]
	sp-state --log state.log <trapd.out >state.out
	[ "$(field trap <state.out | sort | uniq -c | tr -s ' ')" = " 4 lineState" ]
	[ "$(grep -c event=posted state.log)" = 4 ]
	[[ $(row tty1) == "$(line tty1 dialing "phone=0, 1 617 5550199")	since=20"* ]]
	[[ $(row tty2) == "$(line tty2 failed reason=port-error "detail=no answer")	since=20"* ]]
	grep -q 'step=338	event=line	router=boston	line=tty2	line_state=failed	reason=port-error' mon.log
}

@test "told again it changes nothing; only its state sets since anew" {
	[ "$(told tty1 idle)" = done=1 ]
	sqlite3 db-live "UPDATE line_states SET since='2026-01-01T00:00:00Z'"
	[ "$(told tty1 idle)" = done=1 ]
	grep -q event=line-known mon.log
	told tty1 idle detail=tested
	[ "$(row tty1 | field since)" = 2026-01-01T00:00:00Z ]; [ "$(row tty1 | field detail)" = tested ]
	told tty1 dialing phone=1
	[ "$(row tty1 | field since)" != 2026-01-01T00:00:00Z ]; [ -z "$(row tty1 | field detail)" ]
}

@test "refused: from others than managers, of routers there are not, states that are none" {
	[[ $(told tty1 asleep) == *error=record*step=338* ]]
	[[ $(ask 1 op=line router=lyon line=tty1 line_state=idle) == *error=peer*step=338*"no such router"* ]]
	[[ $(ask 1 op=line router=boston line_state=idle) == *error=record*step=338* ]]
	[[ $(told tty1 idle "detail=$(printf '%2000s' x)") == *error=record*step=338* ]]
	certificates
	tls
	connect_as 2 alice
	[[ $(ask 2 op=line router=boston line=tty1 line_state=idle) == *error=denied*step=338* ]]
	connect_as 3 manager
	[ "$(ask 3 op=line router=boston line=tty1 line_state=idle)" = done=1 ]
	[ "$(sp-db --db db dump line_states | wc -l)" = 1 ]
}

@test "a router has no more lines than a router can have: more of them are refused" {
	sqlite3 db-live "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 1024)
		INSERT INTO line_states(router, line, line_state, phone, reason, detail, since) SELECT 'boston', 'x' || i, 'idle', '', '', '', '' FROM n"
	[[ $(told x1025 idle) == *error=peer*step=338*"1024 lines"* ]]
	[ "$(told x7 failed)" = done=1 ]
	[ "$(ask 1 op=line router=hamburg line=x1025 line_state=idle)" = done=1 ]
}

@test "a line that failed is not given; a router without one that works is full" {
	told tty1 failed reason=port-error
	alloc 1 "$alice" A1 router=boston
	[ "$(field line <<<"$ANSWER")" = tty2 ]
	[[ $(ask 1 op=alloc "token=$alice" system=A2 router=boston) == *error=busy*step=313*full* ]]
	told tty1 busy # in use by another program is not failed
	alloc 1 "$alice" A2 router=boston
	[ "$(field line <<<"$ANSWER")" = tty1 ]
}

@test "a router that lists no lines takes as many calls as it says it has" {
	ask 1 op=line router=hamburg line=m1 line_state=idle
	ask 1 op=line router=hamburg line=m2 line_state=idle
	ask 1 op=line router=hamburg line=m3 line_state=failed
	alloc 1 "$alice" A1 router=hamburg
	alloc 1 "$alice" A2 router=hamburg
	[ "$(field router <<<"$ANSWER")" = hamburg ]
	[[ $(ask 1 op=alloc "token=$alice" system=G1 router=hamburg) == *error=busy*step=313*full* ]]
}

@test "a store from before lines were kept is brought up to date by who writes it" {
	kill "$MONITOR"; until_gone "$MONITOR"
	sqlite3 db-live "DROP TABLE line_states; DROP TABLE permits; DROP INDEX leases_ticket; ALTER TABLE leases DROP COLUMN ticket;
		DROP INDEX leases_inside; ALTER TABLE leases DROP COLUMN inside; ALTER TABLE calls DROP COLUMN ticket; ALTER TABLE calls DROP COLUMN tunnel; PRAGMA user_version=3"
	run -8 sp-db --db db dump leases
	[[ $output == *"has version 3, this program knows 8"* ]]
	monitor
	connect 4
	[ "$(ask 4 op=line router=boston line=tty1 line_state=idle)" = done=1 ]
	[ -n "$(row tty1)" ]
}
