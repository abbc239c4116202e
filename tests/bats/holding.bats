#!/usr/bin/env bats
# Holding, shown with a real lease: whoever goes first, the lease is released (or runs out), and
# nothing of the pipeline is left. sp-alloc is the first holder, the test's smallest holder others.
load common
load monitor

H=$BUILD/tests/tool/holder

setup_more() {
	monitor_store; monitor_keys; monitor --lease-seconds 2
	export SP_CONFIG=$T/sp.conf
	printf '[sp]\nmonitor = unix:%s/m\n[sp-alloc]\n' "$T" >sp.conf
	rec system=A1 serial=000187260123 "token=$alice" >found
	{ cat found; rec system=A2 "token=$alice"; } >two
}

leases() { sp-db --db db dump leases | wc -l; }
has() { [ "$(leases)" = "$1" ]; }
# alone PID: no process of that group is left
group_gone() { ! kill -0 -- "-$1" 2>/dev/null; }
# In a process group of its own, as a terminal would start it: GROUP is its id.
pipeline() { setsid bash -c "$1" 3>&- & GROUP=$!; PIDS+=("$GROUP"); }

@test "the reader ends: the lease is released" {
	sp-alloc <found | head -n 1 >out
	until_true 5 has 0
	[ "$(field hold <out)" = alloc ]
	grep -q 'event=released\|released' mon.log
}

@test "the last of several stages ends: all unwind, backwards" {
	run bash -c "sp-alloc <found | '$H' --name dial --trace trace | '$H' --name addr --trace trace -- true"
	[ "$status" = 0 ]
	has 0
	[ "$(grep stop trace | cut -d ' ' -f 1 | tr '\n' ' ')" = "addr dial " ]
}

@test "Ctrl-C reaches all stages at once: they still unwind backwards" {
	pipeline "sp-alloc --log log <found | '$H' --name dial --trace trace | '$H' --name addr --trace trace >out"
	until_true 5 test -s out
	has 1
	kill -INT -- "-$GROUP"
	until_true 5 group_gone "$GROUP"
	has 0
	[ "$(grep stop trace | cut -d ' ' -f 1 | tr '\n' ' ')" = "addr dial " ]
	[ "$(tail -n 1 log | field event)" = released ]
}

@test "a second Ctrl-C hurries a reader that does not go" {
	mkfifo never
	exec 6<>never
	again() { kill -INT -- "-$GROUP" 2>/dev/null; group_gone "$GROUP"; }
	hurried() {
		pipeline "sp-alloc <found >never"
		IFS= read -rt 10 -u 6 line
		until_true 5 again
		has 0
	}
	within 1950 hurried # one that does not go has two seconds
}

@test "kill -9 of sp-alloc: the stages after it end, the lease runs out" {
	pipeline "sp-alloc <found | '$H' --name dial --trace trace >out & wait"
	until_true 5 test -s out
	local pid; pid=$(pgrep -g "$GROUP" -x sp-alloc)
	kill -9 "$pid"
	until_true 5 grep -q 'dial stop' trace
	until_true 8 has 0
	until_true 5 group_gone "$GROUP"
	[ "$(sp-db --db db dump calls | field reason)" = session-timeout ]
}

@test "kill -9 of a later stage: what is before it unwinds at once" {
	pipeline "sp-alloc <found | '$H' --name dial --trace trace | '$H' --name addr --trace trace >out"
	until_true 5 test -s out
	kill -9 "$(pgrep -g "$GROUP" -x holder | tail -n 1)"
	until_true 5 group_gone "$GROUP"
	has 0
	grep -q 'dial stop' trace
}

@test "the end of input without hold= does not unwind" {
	mkfifo in out
	sp-alloc <in >out & local pid=$!
	PIDS+=("$pid")
	exec 5>in 6<out
	cat found >&5
	IFS= read -rt 10 -u 6 line
	exec 5>&-
	run ! until_true 1 gone "$pid"
	has 1
	exec 6<&-
	until_gone "$pid"
	has 0
}

@test "-- COMMAND: its exit status, %{field}, SP_ fields without secrets, then the release" {
	run --separate-stderr sp-alloc -- sh -c 'echo "$0 $SP_SERIAL" >said; env >env; exit 42' 'to %{router}' <found
	[ "$status" = 42 ]
	[ "$(cat said)" = "to boston 000187260123" ]
	grep -q '^SP_SESSION=' env; grep -q '^SP_LEASE_UNTIL=' env
	never grep -qE '^SP_(TOKEN|SECRET|PASSWORD)[0-9]*=' env
	never grep -qF -e "${alice:0:20}" -e s3cret env
	has 0
	[ -z "$output" ]
}

@test "a secret has no place in COMMAND's arguments, nor a field that is not there" {
	run --separate-stderr sp-alloc -- echo '%{secret}' <found
	[ "$status" = 8 ]; [[ $stderr == *secret* ]]
	run --separate-stderr sp-alloc -- echo '%{nothing}' <found
	[ "$status" = 8 ]
	has 0
}

@test "--max guards against a slip" {
	mkfifo out
	sp-alloc <two >out 2>err & local pid=$!
	PIDS+=("$pid")
	exec 6<out
	IFS= read -rt 10 -u 6 first
	IFS= read -rt 10 -u 6 second
	[ "$(printf '%s\n%s\n' "$first" "$second" | field error)" = usage ]
	has 1
	exec 6<&-
	wait "$pid" || status=$?
	[ "$status" = 2 ]
	has 0
}

@test "--max 2 holds two side by side" {
	mkfifo out
	sp-alloc --max 2 <two >out & local pid=$!
	PIDS+=("$pid")
	exec 6<out
	IFS= read -rt 10 -u 6 first
	IFS= read -rt 10 -u 6 second
	has 2
	[ "$(field session <<<"$first")" != "$(field session <<<"$second")" ]
	exec 6<&-
	until_gone "$pid"
	has 0
}

@test "--no-hold leaves a lease that runs out by itself" {
	run --separate-stderr sp-alloc --no-hold <found
	[ "$status" = 0 ]; [ -z "$(field hold <<<"$output")" ]
	has 1
	until_true 8 has 0
}

@test "a search that finds nothing ends the whole pipeline with 1" {
	run bash -c 'set -o pipefail; sp-search --monitor "unix:$PWD/m" <<<"$(printf "serial=777\ttoken=%s" "$0")" | sp-alloc | sp-alloc -- true' "$alice"
	[ "$status" = 1 ]
	has 0
}
