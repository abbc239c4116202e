#!/usr/bin/env bats
# sp-alloc with a real monitor: what it gets, refusals, the heartbeat, the lease's end.
load common
load monitor

setup_more() {
	monitor_store; monitor_keys; monitor
	export SP_CONFIG=$T/sp.conf
	printf '[sp-alloc]\nmonitor = unix:%s/m\n' "$T" >sp.conf
}

leases() { sp-db --db db dump leases | wc -l; }
no_lease() { [ "$(leases)" = 0 ]; }
one_lease() { [ "$(leases)" = 1 ]; }

# holds NAME RECORD COMMAND...: starts it on a fifo, what it writes first is in NAME.rec; HOLDER is
# its process. It is held until let_go.
holds() {
	local name=$1 in=$2; shift 2
	mkfifo "$name"
	"$@" <<<"$in" >"$name" 2>"$name.err" & HOLDER=$!
	PIDS+=("$HOLDER")
	exec 8<"$name"
	IFS= read -rt 10 -u 8 line && printf '%s\n' "$line" >"$name.rec"
}
let_go() { exec 8<&-; }

@test "a router is allocated, the record has all that sp-dial needs" {
	holds a "$(rec system=A1 serial=000187260123 "token=$alice")" sp-alloc --log log --workstation 10.9.9.9
	[ "$(field hold <a.rec)" = alloc ]; [ "$(field serial <a.rec)" = 000187260123 ]
	[ "$(field router <a.rec)" = boston ]; [ "$(field router_address <a.rec)" = 127.0.0.1 ]; [ "$(field router_port <a.rec)" = 2301 ]
	[ "$(field dial <a.rec)" = tcp:127.0.0.1:7000 ]; [ "$(field secret <a.rec)" = s3cret-of-A1 ]
	[ "$(field dial2 <a.rec)" = tcp:192.0.2.9:1 ]; [ "$(field phone2 <a.rec)" = +16175550142 ]
	[ -n "$(field session <a.rec)" ]; [ -n "$(field lease <a.rec)" ]; [ -n "$(field lease_until <a.rec)" ]
	[ "$(field step <log | tr '\n' ' ')" = "311 314 " ]
	never grep -q s3cret log
	never grep -qF "${alice:0:20}" log
	one_lease
	let_go
	until_gone "$HOLDER"
	no_lease
	[ "$(tail -n 1 log | field event)" = released ]
	[ ! -s a.err ]
}

@test "a system that somebody is connected to is busy, and says who" {
	holds a "$(rec system=A1 "token=$alice")" sp-alloc --workstation 10.9.9.9
	run --separate-stderr sp-alloc <<<"$(rec system=A1 user=alice "token=$alice")"
	[ "$status" = 5 ]
	[ "$(field error <<<"$output")" = busy ]; [ "$(field step <<<"$output")" = 313 ]
	[ "$(field busy_session <<<"$output")" = "$(field session <a.rec)" ]
	[ "$(field busy_user <<<"$output")" = alice ]; [ "$(field busy_workstation <<<"$output")" = 10.9.9.9 ]
	[ -z "$(field session <<<"$output")" ]
	[[ $stderr == *"step 313"* ]]
	let_go
}

@test "no token, no grant, a router that may not" {
	run --separate-stderr sp-alloc <<<"$(rec system=A1)"
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 307 ]
	run --separate-stderr sp-alloc <<<"$(rec system=A1 "token=$carol")"
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 313 ]
	run --separate-stderr sp-alloc --router nowhere <<<"$(rec system=A1 "token=$alice")"
	[ "$status" != 0 ]; [ "$(field step <<<"$output")" = 313 ]
	no_lease
	holds a "$(rec system=A1 "token=$alice")" sp-alloc --router hamburg
	[ "$(field router <a.rec)" = hamburg ]
	let_go
}

@test "the heartbeat keeps the lease for longer than its time" {
	kill "$MONITOR"; until_gone "$MONITOR"
	monitor --lease-seconds 1
	holds a "$(rec system=A1 "token=$alice")" sp-alloc
	local until; until=$(sp-db --db db dump leases | field lease_until)
	until_true 10 sh -c '[ "$(date -u +%FT%TZ)" \> "'"$(date -u -d "$until + 2 seconds" +%FT%TZ)"'" ]'
	one_lease
	kill -0 "$HOLDER"
	let_go
	until_gone "$HOLDER"
	no_lease
}

@test "killed with -9, its lease expires" {
	kill "$MONITOR"; until_gone "$MONITOR"
	monitor --lease-seconds 1
	holds a "$(rec system=A1 "token=$alice")" sp-alloc
	kill -9 "$HOLDER"
	one_lease
	until_true 6 no_lease
	let_go
}

@test "a monitor that goes away and comes back ends nothing" {
	kill "$MONITOR"; until_gone "$MONITOR"
	monitor --lease-seconds 2
	holds a "$(rec system=A1 "token=$alice")" sp-alloc
	local until; until=$(field lease_until <a.rec)
	kill "$MONITOR"; until_gone "$MONITOR"
	until_true 10 grep -q 'holding on' a.err
	kill -0 "$HOLDER"
	monitor --lease-seconds 2 8<&-
	until_true 10 sh -c "sp-db --db db dump leases | grep -qv $until"
	one_lease
	let_go
	until_gone "$HOLDER"
	no_lease
}

@test "a monitor that has given the lease up ends the session, with a record" {
	kill "$MONITOR"; until_gone "$MONITOR"
	monitor --lease-seconds 1
	holds a "$(rec system=A1 "token=$alice")" sp-alloc
	local session; session=$(field session <a.rec)
	coproc socat - "UNIX-CONNECT:$T/m" 3>&-
	PIDS+=("$COPROC_PID")
	rec op=release "token=$alice" "lease=$(field lease <a.rec)" >&"${COPROC[1]}"
	IFS= read -rt 10 -u "${COPROC[0]}" line; [[ $line == *done=1* ]]
	IFS= read -rt 10 -u 8 line
	[ "$(field session <<<"$line")" = "$session" ]; [ "$(field error <<<"$line")" = denied ]
	until_gone "$HOLDER"
	let_go
}

@test "a monitor that is gone at the end does not keep us" {
	holds a "$(rec system=A1 "token=$alice")" sp-alloc
	kill "$MONITOR"; until_gone "$MONITOR"
	let_go
	until_gone "$HOLDER"
	grep -q 'unable to release the lease' a.err
}

@test "a reader that stays and a monitor that is silent: over less than 5 seconds after a signal" {
	local round=0 # the reader's two seconds and the release's three are not one after the other
	stopped() {
		holds "a$((++round))" "$(rec system=A1 "token=$alice")" sp-alloc
		kill -STOP "$MONITOR"
		kill "$HOLDER"; wait "$HOLDER"
		kill -CONT "$MONITOR"; let_go
		grep -q 'unable to release the lease' "a$round.err"
		until_true 5 no_lease # it had been asked
	}
	within 4950 stopped
}

@test "an allocation that nobody waits for any more is given back" {
	kill -STOP "$MONITOR"
	mkfifo a
	sp-alloc <<<"$(rec system=A1 "token=$alice")" >a & HOLDER=$!
	PIDS+=("$HOLDER")
	exec 5<a
	until_true 5 sh -c "ss -xp | grep -q 'pid=$HOLDER,'"
	exec 5<&-
	kill -CONT "$MONITOR"
	until_gone "$HOLDER"
	no_lease
}
