#!/usr/bin/env bats
# sp-state with real monitors: posted to each, kept while one is away, losses counted, watched.
load common
load monitor

setup_more() {
	monitor_store; monitor_keys; monitor
	export SP_CONFIG=$T/sp.conf
	printf '[sp]\nmonitor = unix:%s/m\n[sp-alloc]\n[sp-state]\n' "$T" >sp.conf
	(umask 077; echo "$alice" >token)
	mkfifo leased
	sp-alloc <<<"$(rec system=A1 "token=$alice")" >leased & PIDS+=($!)
	exec 7<leased
	IFS= read -rt 10 -u 7 line
	SESSION=$(field session <<<"$line")
}

state() { rec "session=$SESSION" router=boston line=tty1 "state=$1" "${@:2}"; }
call() { sp-db --db db dump calls | grep "session=$SESSION" | field "$1"; }

states() { field state <log | tr '\n' ' '; }

@test "states are posted and passed on, all records are" {
	{ rec ready=sp-trapd port=162; state dialing made_up=x; rec trap=linkUp source=10.0.0.1; state up alias=10.200.0.7; } >in
	run --separate-stderr sp-state --log log <in
	[ "$status" = 0 ]; [ "$output" = "$(cat in)" ]; [ -z "$stderr" ]
	[ "$(field state <log | tr '\n' ' ')" = "dialing up " ]
	[ "$(call alias)" = 10.200.0.7 ]
}

@test "what a monitor refuses is said, and is the exit status" {
	run --separate-stderr sp-state <<<"$(rec session=none router=boston state=up)"
	[ "$status" = 6 ]; [ "$output" = "$(rec session=none router=boston state=up)" ]
	[[ $stderr == *"session none"* ]]
}

@test "a monitor that is away gets it when it is back, in order" {
	kill "$MONITOR"; until_gone "$MONITOR"
	mkfifo in
	sp-state --log log <in >out 2>err & local pid=$!
	PIDS+=("$pid")
	exec 5>in
	state dialing >&5
	state connected speed=33600 >&5
	state up alias=10.200.0.7 >&5
	until_true 5 grep -q 'does not answer' err
	until_true 5 has_lines 3 out
	monitor 5>&- 7<&-
	until_true 10 grep -q 'answers again' err
	until_true 5 gives "dialing connected up " states
	exec 5>&-
	wait "$pid"
	[ "$(call alias)" = 10.200.0.7 ]
	[ -z "$(field lost <out)" ]
}

@test "what is more than the spool is lost, the oldest first, and counted" {
	kill "$MONITOR"; until_gone "$MONITOR"
	mkfifo in
	sp-state --spool 2 --log log <in >out 2>err & local pid=$!
	PIDS+=("$pid")
	exec 5>in
	for i in 1 2 3 4; do state connected speed=$i; done >&5
	state up alias=10.200.0.7 >&5
	until_true 5 has_lines 5 out
	until_true 5 grep -q 'does not answer' err
	monitor 5>&- 7<&-
	until_true 10 grep -q '^lost=' out
	exec 5>&-
	wait "$pid" || status=$?
	[ "$status" = 6 ]
	[ "$(field lost <out)" = 3 ]; [ "$(field monitor <out)" = "unix:$T/m" ]
	[ "$(call alias)" = 10.200.0.7 ]
}

@test "at the end of input it tries on until the deadline, then counts the loss" {
	run --separate-stderr sp-state --timeout 2 --monitor "unix:$T/m" --monitor "unix:$T/nowhere" <<<"$(state up alias=10.200.0.7)"
	[ "$status" = 6 ]
	[ "${lines[1]}" = "$(rec lost=1 "monitor=unix:$T/nowhere")" ]
	[ "$(call alias)" = 10.200.0.7 ]
}

# long N STATE: a state record of N bytes.
long() {
	local r
	r=$(state "$2" sp_address=)
	printf '%s%*s\n' "$r" $(($1 - ${#r})) '' | tr ' ' a
}

@test "a record too long for a question is refused, and holds up none behind it" {
	{ long 65486 dialing; long 65487 connected; long 65527 connected; long 65528 connected; long 65536 connected; state up alias=10.200.0.7; } >in
	run --separate-stderr sp-state --log log <in
	[ "$status" = 7 ]
	[ "$output" = "$(cat in)" ]
	[ "$(grep -c "^sp-state: session $SESSION: .*too long to be posted" <<<"$stderr")" = 4 ]
	[ "$(wc -l <<<"$stderr")" = 5 ]
	[[ $stderr == *"unix:$T/m: session $SESSION: a value is too long"* ]] # it was asked about the longest
	[ "$(grep event=posted log | field state)" = up ]
	[ "$(grep event=refused log | field state | sort | uniq -c | tr -s ' \n' ' ')" = " 4 connected 1 dialing " ]
	[ "$(call alias)" = 10.200.0.7 ]
}

@test "a reader that is gone does not keep it from posting" {
	mkfifo in out
	sp-state <in >out 2>err & local pid=$!
	PIDS+=("$pid")
	exec 5>in 6<out
	state dialing >&5
	IFS= read -rt 5 -u 6 line
	exec 6<&-
	state connected >&5
	state up alias=10.200.0.7 >&5
	until_true 5 gives 10.200.0.7 call alias
	exec 5>&-
	wait "$pid"
	grep -q 'nobody reads' err
}

@test "SIGTERM ends it, what is kept has a moment yet" {
	mkfifo in
	sp-state <in >out & local pid=$!
	PIDS+=("$pid")
	exec 5>in
	state up alias=10.200.0.7 >&5
	until_true 5 test -s out
	kill "$pid"
	wait "$pid"
	[ "$(call alias)" = 10.200.0.7 ]
	exec 5>&-
}

@test "a session is watched until it is down, the last state first" {
	state connected speed=33600 | sp-state >/dev/null
	sp-state --watch "$SESSION" --token-file token >seen & local pid=$!
	PIDS+=("$pid")
	until_true 5 grep -q state=connected seen
	state up alias=10.200.0.7 | sp-state >/dev/null
	until_true 5 grep -q state=up seen
	state down reason=lost-carrier | sp-state >/dev/null
	wait "$pid" || status=$?
	[ "$status" = 6 ]
	[ "$(field state <seen | tr '\n' ' ')" = "connected up down " ]
	[ "$(field session <seen | sort -u)" = "$SESSION" ]
}

@test "over TLS a manager's certificate is needed" {
	certificates
	tls
	local to=(--monitor "tls:127.0.0.1:$PORT" --ca ca.crt)
	run --separate-stderr sp-state "${to[@]}" --timeout 1 <<<"$(state up alias=10.200.0.7)"
	[ "$status" = 4 ]
	run --separate-stderr sp-state "${to[@]}" --cert alice.crt --key alice.key <<<"$(state up alias=10.200.0.7)"
	[ "$status" = 4 ]
	run --separate-stderr sp-state "${to[@]}" --cert manager.crt --key manager.key <<<"$(state up alias=10.200.0.7)"
	[ "$status" = 0 ]; [ "$(call alias)" = 10.200.0.7 ]
}

@test "malformed input, no input, closed input, one byte at a time, a full disk" {
	run --separate-stderr sp-state <<<"$(printf 'nothing\n%s' "$(state dialing)")"
	[ "$status" = 7 ]; [[ $stderr == *"stdin: line 1: "* ]]; [ "$output" = "$(state dialing)" ]
	run --separate-stderr sp-state </dev/null
	[ "$status" = 1 ]; [ -z "$output$stderr" ]
	run --separate-stderr bash -c 'sp-state >/dev/full' <<<"$(state up alias=10.200.0.7)"
	[ "$status" = 8 ]; [ "$(call alias)" = 10.200.0.7 ]
	run --separate-stderr bash -c 'sp-state <&-'
	[ "$status" = 8 ]; [[ $stderr == *"unable to read stdin"* ]]
	run -0 --separate-stderr sp-state --log log < <(state connected speed=2400 | dd bs=1 status=none)
	[ "$output" = "$(state connected speed=2400)" ]; [ -z "$stderr" ]; [ "$(grep event=posted log | field state)" = connected ]
	run sp-state --watch S --monitor "unix:$T/m" --token-file token
	[ "$status" = 4 ]
}
