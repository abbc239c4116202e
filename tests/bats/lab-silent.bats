# Parties that say nothing, too late, or something else: with the right step, status and text.
load lab

# stopped PARTY PROGRAM: stops it; goes on at the end of the test, however it ends.
stopped() {
	STOPPED=$(pids "$2" "$1")
	[ -n "$STOPPED" ] || { echo "$2 does not run" >&2; cat "$LAB/log/$1.err" >&2; return 1; }
	# shellcheck disable=SC2086
	kill -STOP $STOPPED
}
# shellcheck disable=SC2086
resume() { [ -z "${STOPPED:-}" ] || kill -CONT $STOPPED 2>/dev/null || :; STOPPED=; }
eval "lab_$(declare -f teardown_more)"
teardown_more() { resume; lab_teardown_more; }

@test "303: RADIUS silent at the login" {
	stopped aaa freeradius
	refused 3 303 "the check of users failed" connect alice --serial 0123
}

@test "317: RADIUS silent at the router" {
	ws sh -c "echo serial=0123 | sp-login --user alice --password-file $(secret alice) | sp-search | sp-alloc --no-hold" >alloc.rec
	stopped aaa freeradius
	run --separate-stderr bash -c "sp lab exec --dir $LAB ws -- sp-dial --password-file $(secret alice) <alloc.rec"
	[ "$status" = 3 ]
	[ "$(field step <<<"$output")" = 317 ]
	[[ $(field detail <<<"$output") == *"in time"* && $stderr == *"step 317: "* ]]
}

@test "307: the monitor silent at the search" {
	stopped mon sp-monitor
	refused 3 307 "in time" connect alice --serial 0123
}

@test "a session that is up does not fall while the monitor is silent" {
	session s sp connect --user alice --password-file "$(secret alice)" --serial 0123
	address=$(field address <s.rec)
	stopped mon sp-monitor
	ws curl -sS --max-time 5 "http://$address/" | grep -q 000187260123
	resume
	kill "$READER"
	wait "$SESSION_PID" || :
	nothing_left
}

@test "trap lost: the inform is sent again and it does not matter" {
	stopped nm sp-trapd
	session_begin s sp connect --user alice --password-file "$(secret alice)" --serial 0123
	until_true 10 grep -q 'step=326.*state=up' "$LAB/log/nas.log" || until_true 10 grep -q 'step=336' "$LAB/log/sp1.log"
	run grep state=ready s.rec
	[ "$status" = 1 ]
	resume
	until_true 20 grep -q state=ready s.rec
	kill "$READER"
	wait "$SESSION_PID" || :
	nothing_left
}

@test "339: address by telnet and by trap disagree" {
	sp run "$SP_TOP/tests/lua/lying-router.lua" "$LAB"
	refused 6 339 "10.200.0.99" connect alice --serial 0123
}
