#!/usr/bin/env bats
# Permits in the laboratory: what router and service processor go by, each call with its own, renewed
# while the session lasts, and worth nothing once used.
load lab
load permit

load lab-permit

@test "no system has a secret; router and service processor say that a permit let the session in" {
	never grep -q secret= <(sp-db --db "$LAB/store/sp.db" dump endpoints)
	alices s
	never grep -q 'secret=' s.rec
	[[ $(shown s 1) == *"session=$(field session <s.rec)	workstation=10.50.0.5	dials=2"* ]]
	with_session s "$LAB/log/nas.log" | grep -q 'step=330	.*value=pap'
	with_session s "$LAB/log/sp1.log" | grep -q 'step=331	event=authenticated	user=alice	router=router1	session='
	[ "$(lasting)" = "$(shown s 1 | field sequence)" ]
	hang_up
}

@test "without a permit nothing is dialed; one that was used opens nothing, not to an sp-ras started again" {
	alices s
	kill -9 "$(pids sp-ras sp1)"
	wait "$SESSION_PID" || :
	head -n 1 s.rec | sp-record drop hold state >used
	sp-record drop permit <used >bare
	refused 4 333 "refused" ws sp-dial <used
	grep -q "step=333	event=refused	.*detail=the permit was used before" "$LAB/log/sp1.log"
	refused 4 324 "nothing is dialed without a permit" ws sp-dial <bare
}

@test "a lost line is called again with another permit" {
	alices s --redial 1
	kill -9 "$(pids sp-ras sp1)"
	until_true 30 grep -q 'redial=1.*state=ready' s.rec
	n=$(wc -l <s.rec)
	[ "$(shown s "$n" | field sequence)" -gt "$(shown s 1 | field sequence)" ]
	[ "$(shown s "$n" | field session)" != "$(shown s 1 | field session)" ]
	hang_up
}

@test "how long permits last is a number of seconds" {
	for wrong in 0 -1 soon; do
		run -2 --separate-stderr sp lab up --dir "$T/lab" --permit-life $wrong
		[[ $stderr == *"--permit-life $wrong: not a number of seconds"* ]]
	done
	[ ! -e "$T/lab" ]
}
