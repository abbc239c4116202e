#!/usr/bin/env bats
# The endpoints of a system, tried in their order by sp-dial.
load common
load call

setup_more() {
	call_up
	nas_up --auth "$AUTH"
}

@test "the first endpoint that answers has the call, with its own secret" {
	dialed S1 wrong-secret tcp:198.51.100.12:5000 dial2=tcp:198.51.100.99:5000 phone2=2 dial3=tcp:198.51.100.11:5000 \
		phone3=3 secret3=first-secret dial4=tcp:198.51.100.12:1
	[ "$(field dial <S1.out)" = tcp:198.51.100.11:5000 ]
	[ "$(field phone <S1.out)" = 3 ]
	never grep -qE '(dial|phone|secret)[2-9]=' S1.out
	[ "$(field event <S1.progress | grep -c next-endpoint)" = 2 ]
	[ "$(field event <dial.log | grep -c next-endpoint)" = 2 ]
	never grep -q secret dial.log S1.progress S1.err
	kill "$DIAL_PID"; until_gone "$DIAL_PID"
	until_true 5 nothing_left
}

@test "none answers: the last one's failure is what is told" {
	dial S1 first-secret tcp:198.51.100.11:1 dial2=tcp:198.51.100.11:2
	wait "$DIAL_PID" || STATUS=$?
	[ "$STATUS" = 6 ]
	[ "$(field step <S1.out)" = 325 ]; [ "$(field reason <S1.out)" = no-carrier ]; [ "$(field dial <S1.out)" = tcp:198.51.100.11:2 ]
	until_true 5 nothing_left
}

@test "a dial string that this router may not dial is passed over; a refusal by the called side is final" {
	dialed S1 x tcp:192.0.2.77:5 dial2=tcp:198.51.100.11:5000 secret2=first-secret
	kill "$DIAL_PID"; until_gone "$DIAL_PID"
	dial S2 wrong-secret tcp:198.51.100.11:5000 dial2=tcp:198.51.100.11:5000 secret2=first-secret
	wait "$DIAL_PID" || STATUS=$?
	[ "$STATUS" = 4 ]
	[ "$(field step <S2.out)" = 333 ]
	never grep -q next-endpoint S2.progress
	until_true 5 nothing_left
}
