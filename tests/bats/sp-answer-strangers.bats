#!/usr/bin/env bats
# Who has the calls of sp-answer on a tcp: line that strangers fill: callers that say nothing, or
# noise, and callers that say who they are.
load common
load monitor
load stranger

setup_more() { net_up; }

# crowd N FROM SOURCES: so many half-open calls, which come again; all that are let in are there.
crowd() {
	ip netns exec "$NS-w" "$BUILD/tests/tool/half-open" 10.66.0.1 "$ANSWER" "$1" "10.66.1.$2" "$3" "${4:-}" >crowd.out 2>crowd.err 3>&- &
	CROWD=$!
	PIDS+=("$CROWD")
	until_true 20 grep -q "tried=$1" crowd.out
}
no_more() { kill "$CROWD"; until_gone "$CROWD"; }
# rings NAME [SECRET]: a caller, from an address of its own; what becomes of it is in NAME.call
rings() {
	(umask 077; echo "${2:-sesame}" >"$1.secret")
	ip netns exec "$NS-w" "$BUILD/tests/tool/ppp-call" --line "tcp:10.66.0.1:$ANSWER" --secret-file "$1.secret" >"$1.call" 2>&1 3>&- &
	CALLER=$!
	PIDS+=("$CALLER")
}
up() { until_true 10 grep -q event=up "$1.call" || { cat "$1.call" answer.out answer.err >&2; return 1; }; }
# asked N: so many calls are there, of which nobody knows the caller
asked() { [ "$(pgrep -c -P "$ANSWER_PID" -x sp-ras)" = "$1" ]; }

@test "sixteen calls that say nothing are not in the way of one that says who it is" {
	answer_up --timeout 60
	crowd 40 1 2
	until_true 10 asked 16
	rings engineer
	up engineer
	grep -q 'state=ended.*peer=10.66.1.*reason=busy	exit=137' answer.out
	no_more
	never grep -q event=down engineer.call
}

@test "who is known loses nothing: where all calls are theirs a further one is hung up" {
	answer_up --max 2
	rings one; up one
	local one=$CALLER
	rings two; up two
	crowd 10 1 10
	until_true 10 grep -q 'call=[0-9]*	state=ended.*peer=10.66.1.*reason=busy' answer.out
	kill -0 "$one" "$CALLER"
	never grep -q 'exit=137' answer.out
	never grep -q event=down one.call two.call
}

@test "noise without end has its time and no more" {
	answer_up --max 2 --timeout 2
	local n
	for n in 1 2; do
		ip netns exec "$NS-w" socat -u OPEN:/dev/urandom "TCP:10.66.0.1:$ANSWER,bind=10.66.1.1" 2>/dev/null 3>&- & PIDS+=($!)
	done
	until_true 10 asked 2
	until_true 20 gives 2 grep -c state=ended answer.out
	rings engineer
	up engineer
}

@test "of a crowd that finds no place ten calls a second are written down" {
	answer_up --max 1
	local from=$SECONDS
	crowd 300 1 1
	no_more
	rings engineer
	up engineer
	[ "$(field call <answer.out | tail -n 1)" -ge 300 ]
	[ "$(grep -c reason=busy answer.out)" -ge 10 ]
	[ "$(grep -c reason=busy answer.out)" -le $((10 * (SECONDS - from + 2))) ]
	[ "$(grep -c event=call answer.log)" -le $((10 * (SECONDS - from + 2) + 2)) ]
}

@test "where each of a crowd has an address of its own, one place is not taken more than once a second" {
	answer_up --max 1
	local from=$SECONDS
	crowd 60 1 30
	no_more
	[ "$(grep -c exit=137 answer.out)" -le $((SECONDS - from + 1)) ]
	until_true 5 grep -q exit= answer.out
}

@test "a command that does not say whom it knows keeps its calls" {
	server answer ip netns exec "$NS-s" sp-answer --max 2 tcp:10.66.0.1:0 -- sh -c 'echo up >&3; read -r x <&3'
	ANSWER=$PORT
	crowd 4 1 1
	until_true 10 grep -q 'reason=busy' answer.out
	[ -z "$(W timeout 10 socat -u "TCP:10.66.0.1:$ANSWER" -)" ]
	never grep -q exit= answer.out
}
