#!/usr/bin/env bats
# sp-monitor - a store that another program has locked: who needs it waits a moment and is told, and nobody else waits.
load common
load monitor

setup_more() { monitor_store; monitor_keys; }
teardown_more() { [ ! -p unlock ] || echo 1<>unlock; } # the shell of an sqlite3 that was not told

# locked: by an sqlite3 that lets go when it is told to: LOCKER is its process.
locked() {
	mkfifo unlock
	printf '.bail on\nBEGIN EXCLUSIVE;\n.shell touch has_it; read go <unlock\nCOMMIT;\n' | sqlite3 db-live 2>sqlite.err 3>&- 8>&- & LOCKER=$!
	PIDS+=("$LOCKER")
	until_true 5 test -e has_it
}
unlock() { : >unlock; }
search() { [ "$(ask "$1" op=search "token=$alice" serial=42 | systems)" = "B1 " ]; }

@test "who needs no lock is answered meanwhile, and who needs it when it goes" {
	monitor
	connect 1; connect 2; connect 3
	alloc 1 "$alice" A1
	locked
	say 1 id=7 op=renew "token=$alice" "lease=$LEASE"
	say 2 op=search "token=$alice" serial=42
	IFS= read -rt 10 -u 55 row
	say 3 op=watch "session=$SESSION" "token=$alice"
	IFS= read -rt 10 -u 57 call
	never read -t 0 -u 53
	say 3 id=9 op=alloc "token=$alice" system=A2
	unlock
	[[ $(hear 1) == *"done=1	id=7" ]]
	[[ $(hear 3) == *"done=1	id=9" ]]
	[ "$(field system <<<"$row")" = B1 ]; [ "$(field session <<<"$call")" = "$SESSION" ]
	[ "$(grep -c 'event=asked.*system=A2' mon.log)" = 1 ]
	never grep -q store-failed mon.log
}

@test "who has waited long enough is told what is the matter; the lease that it holds is held on, and renewed" {
	monitor --lease-seconds 8
	connect 1
	mkfifo out
	exec 8<>out
	sp-alloc --monitor "unix:$T/m" --log log <<<"$(rec system=A1 "token=$alice")" >out 2>err 3>&- 8<&- & local pid=$!
	PIDS+=("$pid")
	IFS= read -rt 10 -u 8 line
	until_of() { sp-db --db db dump leases | field until; }
	local first; first=$(until_of)
	locked
	[ "$(ask 1 id=1 op=alloc "token=$alice" system=A2)" = "$(rec error=system step=313 "detail=another program has the monitor's store locked" id=1)" ]
	grep -q 'step=313	event=store-failed.*cause=database is locked' mon.log
	failed_twice() { [ "$(grep -c event=store-failed mon.log)" = 2 ]; }
	until_true 10 failed_twice # sp-alloc's
	unlock
	later() { [[ $(until_of) > $first ]]; }
	until_true 10 later
	kill -0 "$pid"
	never grep -q event=gone log
	exec 8<&-
	until_gone "$pid"
	[ -z "$(until_of)" ]
}

@test "a lease that has run out, and SIGTERM, while it is locked" {
	monitor --lease-seconds 4
	connect 1; connect 2
	alloc 1 "$alice" A1
	locked
	one_lease
	say 1 op=release "token=$alice" "lease=$LEASE"
	until_true 10 expired
	search 2
	kill "$MONITOR"
	until_gone "$MONITOR"
	kill -0 "$LOCKER"
	one_lease
	unlock
}
one_lease() { [ "$(sp-db --db db dump leases | wc -l)" = 1 ]; }
expired() { [[ $(sp-db --db db dump leases | field until) < $(date -u +%FT%TZ) ]]; }
