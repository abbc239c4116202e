#!/usr/bin/env bats
# Modems that wait for calls: rings that come to nothing, modems that go away and come back.
load common
load pstn
load line

teardown_more() { nothing_of_lines; }

two() { exchange -m 5550100 -m 5550142 "$@"; }
answering() { server a sp-answer --log a.log "modem:d/5550142$1" -- sh -c 'read -r x <&3; echo "got $x" >&3; exit 6'; }
logged() { until_true 20 grep -q "step=327.*$1" a.log || { cat a.log a.err >&2; return 1; }; }
works() { # a call gets through
	idle
	call_up modem:d/5550100 --number 5550142
	say "${1:-hello}"
	heard "got ${1:-hello}"
	call_ended 6
}

@test "a caller that hangs up before the modems agree: missed, step 327, and the next call is taken" {
	two --training 1500
	answering
	line_call_begin modem:d/5550100 --number 5550142
	until_true 20 grep -q event=answered x.out
	kill "$CALL"
	call_ended 0
	logged 'event=missed.*the modem says NO CARRIER'
	grep -q "a call came to nothing: the modem says NO CARRIER" a.err
	run -1 grep call= a.out
	works
}

@test "a caller that hangs up while it rings is no call" {
	two
	answering '?answer=20'
	line_call_begin modem:d/5550100 --number 5550142
	until_true 20 grep -q event=ringing x.out
	kill "$CALL"
	call_ended 0
	idle
	[ ! -e a.log ] || run -1 grep -E 'step=(327|328)' a.log
	run -1 grep call= a.out
}

@test "answer=3: not before the third ring" {
	two --ring 200
	answering '?answer=3'
	listen 5 5550100
	at 5 E0
	printf 'ATD5550142\r' >&5
	event event=answered
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	[ "$(field seconds <x.out | wc -l)" -le 1 ]
}

@test "a modem that is taken away is trouble, told once; when it is back calls are taken" {
	two
	answering
	works
	order op=remove number=5550142 | grep -q done=1
	logged 'event=trouble'
	[ "$(grep -c 'the line does not work' a.err)" = 1 ]
	order op=modem number=5550142 | grep -q done=1
	works again
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	unlocked
}

@test "a modem that does not answer is trouble, that says so" {
	socat PTY,link="$T/deaf",raw,echo=0 PTY,link="$T/nobody",raw,echo=0 3>&- & PIDS+=($!)
	until_true 5 test -e deaf
	server a sp-answer --log a.log "modem:deaf?guard=0" -- true
	until_true 30 grep -q "the line does not work: the modem does not answer AT" a.err
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	[ ! -e "/var/lock/LCK..$(realpath deaf | sed 's|^/dev/||; s|/|_|g')" ]
}

@test "a modem that rings without end and has nobody there does not fill the log" {
	socat PTY,link="$T/mad",raw,echo=0 PTY,link="$T/maker",raw,echo=0 3>&- & PIDS+=($!)
	until_true 5 test -e mad -a -e maker
	(stdbuf -oL tr '\r' '\n' <maker | (n=0; while read -r said; do
		case $said in
		ATA) [ $((++n)) -lt 1000 ] && printf 'NO CARRIER\r\nRING\r\n' || : >thousand ;;
		ATE0*) printf 'OK\r\nRING\r\n' ;;
		*) printf 'OK\r\n' ;;
		esac
	done >maker)) 3>&- & PIDS+=($!)
	server a sp-answer --log a.log modem:mad?lock=no -- true
	until_true 60 test -e thousand
	[ "$(grep -c event=missed a.log)" -ge 1 ]; [ "$(grep -c event=missed a.log)" -lt 700 ]
}

@test "a call is ended by SIGTERM: the caller loses its carrier, no lock and no process is left" {
	two
	server a sp-answer modem:d/5550142 -- sh -c 'echo $$ >child; sleep 600'
	call_up modem:d/5550100 --number 5550142
	until_true 10 test -s child
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	call_ended 6
	gone "$(<child)"
	[ "$(grep state=ended a.out | field reason)" = admin-reset ]
	idle
	unlocked
}

@test "killed with -9: the modem hangs up, the lock is stale and the next does not mind" {
	two
	server a sp-answer modem:d/5550142 -- sh -c 'sleep 600'
	call_up modem:d/5550100 --number 5550142
	until_true 10 grep -q state=ringing a.out
	kill -9 "$SERVER_PID"
	wait "$SERVER_PID" || :
	call_ended 6
	idle
	answering
	works
}
