#!/usr/bin/env bats
# Each result of a modem as who dials at a workstation gets it: error=, reason=, step 325, the exit status and the
# message; no lease, process or lock file is left, and the line is idle or out of service.
load common
load pstn
load line
load monitor
load leased

setup_more() {
	exchange -m 5550100 -m 5550142
	leased_up
	printf '/password=wonder/ { s/$/\\tdecision=accept\\tgroups=support/; b }\ns/$/\\terror=denied/\n' >auth.sed
}
teardown_more() { nothing_of_lines; }

# dialed NUMBER FAULT ERROR STATUS REASON DETAIL
dialed() {
	[ "$2" = none ] || order op=fault "number=$1" "fault=$2" | grep -q done=1
	server nas sp-nas --listen tcp:127.0.0.1:0 --name router1 --alias-pool 10.200.0.0/24 --group support --permit-dial '5550*' \
		--line "m1=${LINE:-modem:$T/d/5550100?wait=2}" --log nas.log --auth "sed -u -f $T/auth.sed"
	local before; before=$(children)
	router_at "$PORT" 5550142
	run --separate-stderr leased
	[ "$status" = "$4" ]
	[ "$(field error <<<"$output") $(field step <<<"$output") $(field reason <<<"$output")" = "$3 325 $5" ]
	[[ $output == *"$6"* ]]
	[[ $stderr == *"step 325"* ]]
	until_true 10 grep -q "state=down.*reason=$5" nas.out
	given_back "$(field session <<<"$output")"
	until_true 10 gives "$before" children # who is asked about passwords
	until_true 10 unlocked
}
children() { echo "$(</proc/"$SERVER_PID"/task/"$SERVER_PID"/children)"; } # of the router

@test "BUSY: busy" { dialed 5550142 busy busy 5 busy "the modem says BUSY"; }
@test "NO ANSWER: timeout" { dialed 5550142 no-answer timeout 3 no-answer "the modem says NO ANSWER"; }
@test "NO CARRIER: peer" { dialed 5550142 no-carrier peer 6 no-carrier "the modem says NO CARRIER"; }
@test "VOICE: peer" { dialed 5550142 voice peer 6 voice "the modem says VOICE"; }
@test "NO DIALTONE: peer" { dialed 5550100 no-dialtone peer 6 no-dialtone "the modem says NO DIALTONE"; }
@test "DELAYED: busy" { dialed 5550100 delayed busy 5 delayed "the modem says DELAYED"; }
@test "BLACKLISTED: denied" { dialed 5550100 blacklisted denied 4 blacklisted "the modem says BLACKLISTED"; }
@test "ERROR: peer" { LINE="modem:$T/d/5550100?command=ATDT3E9" dialed 5550142 none peer 6 port-error "the modem says ERROR"; }
