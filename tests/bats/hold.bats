#!/usr/bin/env bats
# What every holder owes, shown with the smallest one.
load common

H=$BUILD/tests/tool/holder

# holding NAME: that holder has noted that it started
holding() { until_true 5 grep -q "^$1 start" trace; }
stops() { grep -c stop trace; }

@test "a record comes out with hold=, and is held until the reader goes" {
	rec session=1 | "$H" --name a --trace trace | head -n 1 >out
	[ "$(cat out)" = "$(rec session=1 held=a hold=a)" ]
	until_true 5 grep -q 'a stop 1' trace
}

@test "a pipeline unwinds backwards when its last stage ends" {
	rec session=1 | "$H" --name a --trace trace | "$H" --name b --trace trace |
		"$H" --name c --trace trace -- true
	until_true 5 has_lines 6 trace
	[ "$(grep stop trace | tr '\n' ,)" = "c stop 1,b stop 1,a stop 1," ]
}

@test "upstream's end unwinds what came with hold=" {
	mkfifo in
	"$H" --trace trace <in >out & pid=$!
	exec 5>in
	rec session=1 hold=alloc >&5
	until_true 5 test -s out
	exec 5>&-
	wait "$pid"
	grep -q 'test stop 1' trace
	[ "$(field hold <out)" = alloc,test ]
}

@test "end of input is only the end of input without hold=" {
	rec session=1 >in
	"$H" --trace trace <in >out & pid=$!
	PIDS+=("$pid")
	until_true 5 test -s out
	never grep -q stop trace
	kill -TERM "$pid"
	wait "$pid"
	grep -q 'test stop 1' trace
}

@test "a failed session is passed on with error= and ends with its status" {
	run --separate-stderr "$H" --fail --trace trace <<<"session=1"
	[ "$status" = 5 ]
	[ "$output" = "$(rec session=1 error=busy step=313 'detail=told to fail')" ]
	[[ $stderr == *"step 313: told to fail"* ]]
	never grep -q stop trace
}

@test "a record with error= passes through untouched" {
	run --separate-stderr "$H" --trace trace <<<"$(rec session=1 error=denied step=305)"
	[ "$status" = 4 ]
	[ "$output" = "$(rec session=1 error=denied step=305)" ]
	[ ! -e trace ]
}

@test "not ready in time: error=timeout, undone, exit 3" {
	run --separate-stderr "$H" --slow --timeout 0.1 --trace trace <<<"session=1"
	[ "$status" = 3 ]
	[[ $output == *error=timeout*step=311* ]]
	grep -q 'test stop 1' trace
}

@test "what is lost is said downstream, and everything unwinds" {
	rec session=1 >in
	"$H" --name a --trace trace <in 2>err | "$H" --name b --trace trace >out 2>err2 & pid=$!
	until_true 5 grep -q 'hold=a,b' out
	kill -USR1 "$(pgrep -P $$ -f 'name a' | head -n 1)"
	until_true 5 grep -q 'b stop' trace
	grep -q 'a stop' trace
	grep -q 'error=peer.*step=326' out
	wait "$pid" || [ $? = 6 ]
}

@test "COMMAND gets fields, environment without secrets, no input, and its status is ours" {
	run --separate-stderr "$H" --trace trace -- sh -c 'echo "$0 $SP_ADDRESS ${SP_SECRET-none}"; cat; exit 42' %{address} \
		<<<"$(rec session=1 address=10.200.0.7 secret=hush)"
	[ "$status" = 42 ]
	[ "$output" = "10.200.0.7 10.200.0.7 none" ]
	grep -q 'test stop 1' trace
}

@test "COMMAND never gets a secret as an argument, nor a field that is not there" {
	run --separate-stderr "$H" --trace trace -- echo %{secret} <<<"$(rec session=1 secret=hush)"
	[ "$status" = 8 ]
	[[ $stderr == *"no place in an argument"* ]]
	run --separate-stderr "$H" --trace trace -- echo %{nothing} <<<"session=1"
	[ "$status" = 8 ]
}

@test "one record more than --max is refused, --max lets it in" {
	run --separate-stderr bash -c '{ printf "session=1\nsession=2\n"; } | "$0" --trace trace -- true' "$H"
	[ "$status" = 2 ] || [ "$status" = 0 ]
	[ "$(grep -c start trace)" = 1 ]
	rm trace
	printf 'session=1\nsession=2\n' | "$H" --max 2 --trace trace | head -n 2 >out
	[ "$(grep -c held out)" = 2 ]
	until_true 5 gives 2 grep -c stop trace
}

@test "with COMMAND standard output is its own: what fails is said and is the exit status" {
	run --separate-stderr "$H" --fail -- echo ran <<<"session=1"
	[ "$status" = 5 ]; [ -z "$output" ]; [[ $stderr == *"step 313: told to fail"* ]]
	run --separate-stderr "$H" -- echo ran <<<"$(rec session=1 error=denied step=305)"
	[ "$status" = 4 ]; [ -z "$output" ]
	run --separate-stderr "$H" --no-hold --trace trace -- echo ran <<<"session=1"
	[ "$status" = 2 ]; [ -z "$output" ]; [[ $stderr == *"not with --no-hold"* ]]
	[ ! -e trace ]
}

@test "--no-hold leaves at once what would be held" {
	run --separate-stderr "$H" --no-hold --trace trace <<<"session=1"
	[ "$status" = 0 ]
	[ "$output" = "$(rec session=1 held=test)" ]
	never grep -q stop trace
}

@test "SIGINT to all stages: the last goes first, then backwards" {
	rec session=1 >in
	setsid -w bash -c '"$0" --name a --trace trace <in | "$0" --name b --trace trace >out' "$H" & pid=$!
	until_true 5 test -s out
	kill -INT -- "-$(pgrep -P "$pid" | head -n 1)" || kill -INT -- "-$pid"
	until_true 5 grep -q 'a stop' trace
	[ "$(grep stop trace | head -n 1)" = "b stop 1" ]
}

@test "malformed input is refused with its line, exit 7" {
	run --separate-stderr "$H" --trace trace <<<"nonsense"
	[ "$status" = 7 ]
	[[ $stderr == *"stdin: line 1"* ]]
}

@test "no record: exit 1; a full disk: exit 8 and undone" {
	run "$H" --trace trace </dev/null
	[ "$status" = 1 ]
	run bash -c 'echo session=1 | "$0" --trace trace >/dev/full' "$H"
	[ "$status" = 8 ]
	grep -q 'test stop 1' trace
}

@test "a record that failed behind its holder is one of those that there may be: none follows, and it ends" {
	mkfifo in
	exec 8<>in
	timeout 20 "$H" --trace trace <in >out 2>err 8>&- & pid=$!
	PIDS+=("$pid")
	rec session=1 >&8
	until_true 5 test -s out
	rec session=1 error=peer step=326 hold=alloc >&8 # what it holds itself ends, and is counted already
	status=0; wait "$pid" || status=$?
	[ "$status" = 6 ]; grep -q 'test stop 1' trace
	rm -f out
	timeout 20 "$H" --max 2 --trace trace <in >out 2>err 8>&- & pid=$!
	PIDS+=("$pid")
	rec session=2 error=denied step=316 hold=alloc >&8
	until_true 5 test -s out
	rec session=3 error=denied step=305 >&8 # was never held
	until_true 5 has_lines 2 out
	kill -0 "$pid"
	rec session=4 error=denied step=316 hold=alloc >&8
	status=0; wait "$pid" || status=$?
	[ "$status" = 4 ]; has_lines 3 out
	exec 8>&-
}

@test "a plain filter between holders ends with its reader, though nothing comes in" {
	mkfifo in
	exec 8<>in
	timeout 20 sh -c "sp-record set b=2 <in | \"$H\" --trace trace -- sh -c 'echo once'; echo over" >out 2>err 8>&- & pid=$!
	PIDS+=("$pid")
	rec session=1 hold=alloc >&8
	until_gone "$pid"
	[ "$(cat out)" = $'once\nover' ]; [ ! -s err ]
	exec 8>&-
}
