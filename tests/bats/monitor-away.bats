#!/usr/bin/env bats
# What those who ask the monitor do when it is not there, silent, or talks nonsense.
load common
load peers

REQUEST=$(rec serial=1 token=x.y)
SYSTEM=$(rec serial=1 token=x.y system=7)
SESSION=$(rec serial=1 token=x.y session=S alias=10.200.0.1)

# fails STATUS ERROR STEP INPUT COMMAND...: the record comes out with error= and step=.
fails() {
	local want=$1 error=$2 step=$3 in=$4; shift 4
	run --separate-stderr "$@" <<<"$in"
	[ "$status" = "$want" ] || { echo "status $status: $output $stderr"; return 1; }
	[ "$(field error <<<"$output")" = "$error" ] && [ "$(field step <<<"$output")" = "$step" ] &&
		[ "$(field serial <<<"$output")" = 1 ] && [ -n "$(field detail <<<"$output")" ] ||
		{ echo "output $output"; return 1; }
	[ "$(wc -l <<<"$stderr")" = 1 ] || { echo "stderr $stderr"; return 1; }
}

# each_asker STATUS ERROR ARGUMENTS...: the same for all three.
each_asker() {
	local status=$1 error=$2; shift 2
	fails "$status" "$error" 307 "$REQUEST" sp-search "$@"
	fails "$status" "$error" 311 "$SYSTEM" sp-alloc "$@"
}

@test "nobody listens: peer" {
	each_asker 6 peer --monitor "unix:$T/nowhere"
	fails 3 timeout 339 "$SESSION" sp-addr --timeout 0.3 --monitor "unix:$T/nowhere"
}

@test "a silent monitor: timeout" {
	peer s silent
	each_asker 3 timeout --monitor "unix:$T/s" --timeout 0.3
	fails 3 timeout 339 "$SESSION" sp-addr --timeout 0.3 --monitor "unix:$T/s"
}

@test "a monitor that closes, or breaks the protocol: peer" {
	local how
	for how in garbage cut noid; do
		peer "$how" "$how"
		each_asker 6 peer --monitor "unix:$T/$how" --timeout 5
	done
}

@test "the deadline holds for all addresses together" {
	peer s silent
	# two askers, one after the other
	within 3800 each_asker 3 timeout --monitor "unix:$T/s" --monitor "unix:$T/s" --timeout 1
}

@test "a tls: address needs --ca, other kinds are refused, so is none" {
	local t
	for t in sp-search sp-alloc sp-addr sp-state; do
		run --separate-stderr "$t" --monitor tls:127.0.0.1:1 </dev/null
		[ "$status" = 2 ]; [[ $stderr == "$t: --ca is needed" ]]
		run --separate-stderr "$t" --monitor udp:127.0.0.1:1 </dev/null
		[ "$status" = 2 ]
		run --separate-stderr "$t" </dev/null
		[ "$status" = 2 ]; [[ $stderr == "$t: --monitor is needed" ]]
	done
}

@test "a reader that goes while the monitor is silent ends a search at once" {
	peer s silent
	mkfifo out
	sp-search --monitor "unix:$T/s" <<<"$REQUEST" >out & local pid=$!
	PIDS+=("$pid")
	exec 5<out
	exec 5<&-
	until_gone "$pid"
}

@test "a record that lacks what the step needs is malformed" {
	fails 7 record 311 "$REQUEST" sp-alloc --monitor "unix:$T/nowhere"
	fails 7 record 339 "$REQUEST" sp-addr --monitor "unix:$T/nowhere"
	fails 7 record 339 "$(rec serial=1 session=S)" sp-addr --monitor "unix:$T/nowhere"
}

@test "failed records pass through, nobody is asked" {
	local t
	for t in sp-search sp-alloc sp-addr; do
		run --separate-stderr "$t" --monitor "unix:$T/nowhere" <<<"$(rec serial=1 error=denied)"
		[ "$status" = 4 ]; [ "$output" = "$(rec serial=1 error=denied)" ]; [ -z "$stderr" ]
		run "$t" --monitor "unix:$T/nowhere" </dev/null
		[ "$status" = 1 ]; [ -z "$output" ]
		run --separate-stderr "$t" --monitor "unix:$T/nowhere" <<<nothing
		[ "$status" = 7 ]; [[ $stderr == *"stdin: line 1: "* ]]
	done
}

@test "a token never reaches the standard error, the log, or a terminal" {
	sp-alloc --log log --monitor "unix:$T/nowhere" <<<"$(rec system=7 token=abcdefghijklmnopqrstuvwxyz)" >out 2>err || :
	never grep -q ghijkl log err
}
