#!/usr/bin/env bats
# Calls by modems of the exchange: every result a modem can give, at both ends.
load common
load pstn

setup_more() { exchange -m 5550100 -m 5550142 "${EXCHANGE[@]}"; }
teardown_more() { no_locks; }
# No lock of this exchange's ptys is left by a process that is gone.
no_locks() {
	local f pid
	for f in /var/lock/LCK..pts_*; do
		[ -e "$f" ] || continue
		read -r pid <"$f" || continue
		kill -0 "$pid" 2>/dev/null || { echo "$f of $pid is left" >&2; return 1; }
	done
}

# call STATUS OPTION...: from the first modem to the second; its events in c.out
call() {
	local want=$1; shift
	[ -s input ] || : >input
	run "-$want" bash -c '"$@" <input >c.out 2>c.err' - \
		"$BUILD/tests/tool/line-call" --timeout 40 --data c.data --number 5550142 "$@" "modem:d/5550100${QUERY:+?$QUERY}"
}
words() { field word <c.out | tr '\n' ' '; }
answering() { server a sp-answer "modem:d/5550142${ANSWER:+?$ANSWER}" -- "$@"; }

@test "a call: dialed, answered, bytes both ways, hung up, and the next" {
	answering sh -c 'cat <&3 >&3'
	mkfifo input
	for i in 1 2; do
		"$BUILD/tests/tool/line-call" --data c.data --number 5550142 modem:d/5550100 <>input >c.out 2>c.err 3>&- & PIDS+=($!)
		local caller=$!
		until_true 20 grep -q event=up c.out
		[ "$(field speed <c.out)" = 33600 ]
		[ "$(field peer <c.out)" = 5550142 ]
		printf 'over and back %d' $i >input
		until_true 20 grep -q "over and back $i" c.data
		kill $caller
		wait $caller
		[ "$(words)" = "initialising dialing hanging-up  " ]
		until_true 20 grep -q $'^call='$i$'\tstate=ended.*reason=lost-carrier' a.out
		until_true 10 grep -q $'^call='$i$'\tevent=ended' x.out
	done
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	run -1 grep "does not work" a.err
}
