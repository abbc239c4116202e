#!/usr/bin/env bats
# sp-answer: calls over every kind of line, and how they end.
load common

# call [SOCAT-ADDRESS]: something to call with; stays until its input ends
dial() { socat -T 20 STDIO "${1:-TCP:$ADDRESS:$PORT}" 3>&-; }
# The same in the background, its input a pipe that nothing is written to
caller() {
	[ -p idle ] || mkfifo idle
	socat STDIO "${1:-TCP:$ADDRESS:$PORT}" <>idle >/dev/null 3>&- & PIDS+=($!)
	CALLER=$!
}

states() { awk -F'\t' '/^call=/ { print $1, $2 }' "${1:-a.out}"; }

@test "a call gets the command with the line as descriptor 3, and its records" {
	server a sp-answer tcp:127.0.0.1:0?speed=33600 -- \
		sh -c 'read -r x <&3; echo "$x $SP_CALL $SP_SPEED $SP_BITS $SP_LINE" >&3; case $SP_PEER in 127.0.0.1:*) exit 0;; esac; exit 6'
	[ "$(echo hello | dial)" = "hello 1 33600 10 tcp:127.0.0.1:$PORT" ]
	until_true 5 grep -q state=ended a.out
	[ "$(states)" = $'call=1 state=ringing\ncall=1 state=ended' ]
	grep state=ringing a.out | grep -q $'speed=33600'
	[ "$(field line <a.out | sort -u)" = "tcp:127.0.0.1:$PORT" ]
	[ "$(grep state=ended a.out | field exit)" = 0 ]
	[ "$(grep state=ended a.out | field reason)" = host-request ]
	[[ $(field peer <a.out | head -n 1) == 127.0.0.1:* ]]
}

@test "bytes both ways are those that were sent" {
	server a sp-answer tcp:127.0.0.1:0 -- sh -c 'cat <&3 >&3'
	head -c 300000 /dev/urandom >in
	dial <in >out || :
	cmp in out
}

@test "the steps are on record" {
	server a sp-answer --log log tcp:127.0.0.1:0 -- sh -c 'exit 4'
	dial </dev/null
	until_true 5 grep -q event=ended log
	[ "$(grep step=327 log | field event)" = call ]
	[ "$(grep step=328 log | field event)" = started ]
	[ "$(grep state=ended a.out | field reason)" = denied ]
}

@test "calls are side by side, --max of them; one more is hung up" {
	server a sp-answer --max 2 tcp:127.0.0.1:0 -- sh -c 'echo up >&3; read -r x <&3'
	mkfifo hold1 hold2
	exec 7<>hold1 8<>hold2
	socat STDIO TCP:"$ADDRESS:$PORT" <&7 >one 3>&- & PIDS+=($!)
	socat STDIO TCP:"$ADDRESS:$PORT" <&8 >two 3>&- & PIDS+=($!)
	until_true 5 grep -q up one
	until_true 5 grep -q up two
	[ -z "$(echo | dial)" ]
	until_true 5 grep -q $'^call=3\tstate=ended.*reason=busy' a.out
	never grep -q $'^call=[12]\tstate=ended' a.out
	echo >&7
	until_true 5 grep -q 'state=ended.*exit=0' a.out
	[[ $(echo | dial) == up ]]
	exec 7>&- 8>&-
}

@test "the line may stand before the options" {
	server a sp-answer tcp:127.0.0.1:0 --max 1 -- true
}

@test "when the line ends, the command's whole group is ended" {
	server a sp-answer tcp:127.0.0.1:0 -- sh -c 'sleep 600 & echo $! >inner; echo $$ >outer; wait'
	caller
	until_true 5 test -s outer
	kill "$CALLER"
	until_true 8 grep -q 'state=ended' a.out
	[ "$(grep state=ended a.out | field reason)" = lost-carrier ]
	gone "$(cat inner)"; gone "$(cat outer)"
}

@test "a command that ignores SIGTERM is killed" {
	server a sp-answer tcp:127.0.0.1:0 -- sh -c 'trap "" TERM; echo $$ >outer; sleep 600; sleep 600'
	caller
	until_true 5 test -s outer
	kill "$CALLER"
	until_true 12 grep -q 'state=ended.*exit=137' a.out
	gone "$(cat outer)"
}

@test "when the command ends, the line is hung up and what it left behind is ended" {
	server a sp-answer tcp:127.0.0.1:0 -- sh -c 'sleep 600 & echo $! >stray'
	timeout 10 socat -u TCP:127.0.0.1:"$PORT" STDOUT 3>&-
	until_true 5 grep -q state=ended a.out
	gone "$(cat stray)"
}

@test "SIGTERM ends the calls, then the server, with 0" {
	server a sp-answer unix:"$T/line" -- sh -c 'echo $$ >outer; sleep 600'
	[ -S line ]
	caller UNIX-CONNECT:line
	until_true 5 test -s outer
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	cat a.out a.err
	[ "$(grep state=ended a.out | field reason)" = admin-reset ]
	[ ! -e line ]
	gone "$(cat outer)"
}

@test "killed with -9: no process of its calls is left" {
	server a sp-answer tcp:127.0.0.1:0 -- sh -c 'sleep 600 & echo $! >inner; echo $$ >outer; wait; sleep 600'
	caller
	until_true 5 test -s outer
	kill -9 "$SERVER_PID"
	wait "$SERVER_PID" || :
	until_true 5 gone "$(cat outer)"
	until_true 5 gone "$(cat inner)"
}

@test "a guard that was killed is replaced" {
	server a sp-answer tcp:127.0.0.1:0 -- sh -c 'echo $$ >outer; sleep 600'
	local guard; guard=$(pgrep -P "$SERVER_PID")
	kill -9 "$guard"
	caller
	until_true 5 test -s outer
	until_true 5 pgrep -P "$SERVER_PID" sp-guard
	kill -9 "$SERVER_PID"
	wait "$SERVER_PID" || :
	until_true 8 gone "$(cat outer)"
}

@test "a tty waits for a call, hangs up, and waits for the next" {
	socat PTY,link="$T/far",raw,echo=0 PTY,link="$T/near",raw,echo=0 3>&- & PIDS+=($!)
	until_true 5 test -e near
	until_true 5 test -e far
	server a sp-answer tty:"$T/near" -- sh -c 'read -r x <&3; echo "got $x" >&3'
	exec 6<>far
	echo one >&6
	read -rt 5 x <&6
	[ "$x" = "got one" ]
	until_true 5 grep -q $'^call=1\tstate=ended' a.out
	echo two >&6
	read -rt 5 x <&6
	[ "$x" = "got two" ]
	until_true 5 grep -q $'^call=2\tstate=ended' a.out
	run -5 sp-answer tty:"$T/near" -- true
	exec 6>&-
}

@test "an inherited descriptor is one call, then the end" {
	printf '%s\n' 'exec 4<&0' 'exec sp-answer fd:4 -- sh -c "read -r x <&3; echo \$x >&3"' >inherit
	run -0 --separate-stderr timeout 10 socat - EXEC:"sh inherit" <<<hello
	[[ $output == *"hello"* ]]
}

@test "a command that is not there is said, and the call ends" {
	server a sp-answer tcp:127.0.0.1:0 -- no-such-command
	dial </dev/null
	until_true 5 grep -q $'state=ended.*exit=127' a.out
	grep -q 'call 1: unable to run the command: not found' a.err
}

@test "a full disk is exit 8, a bad line 2, a port in use 8" {
	run -8 --separate-stderr bash -c 'sp-answer tcp:127.0.0.1:0 -- true >/dev/full'
	run -2 --separate-stderr sp-answer tcp:127.0.0.1:0 --
	run -2 --separate-stderr sp-answer line:x -- true
	[[ $stderr == *"line:x: no such kind of address"* ]]
	run -2 --separate-stderr sp-answer --max 0 tcp:127.0.0.1:0 -- true
	server a sp-answer tcp:127.0.0.1:0 -- true
	run -8 --separate-stderr sp-answer tcp:127.0.0.1:"$PORT" -- true
	[[ $stderr == *"Address already in use"* ]]
}

@test "a reader that went does not end calls" {
	mkfifo p
	head -n 1 p >ready 3>&- & local h=$!
	sp-answer tcp:127.0.0.1:0 -- sh -c 'echo up >&3' >p 2>err 3>&- & PIDS+=($!)
	wait $h
	PORT=$(field port <ready) ADDRESS=127.0.0.1
	[ "$(dial </dev/null)" = up ]
	[ "$(dial </dev/null)" = up ]
	[ ! -s err ]
}
