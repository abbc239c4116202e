# What the demo counts as a step: what the step's own party logged, and nothing else.
load lab

# witnessed: how many steps the logs in ./log prove, and which they do not.
witnessed() { sp run "$SP_TOP/tests/lua/steps.lua" "$T"; }

setup_more() { # the logs of one session and of one that the router refuses
	[ -e "$LAB/log/ws-bob.log" ] || {
		ws sp --log "$LAB/log/ws-alice.log" connect --user alice --password-file "$(secret alice)" "$LAB/ticket.json" -- true
		ws sp --log "$LAB/log/ws-bob.log" connect --user bob --password-file "$(secret bob)" --serial 0123 || [ $? = 4 ]
		nothing_left
	} >/dev/null 2>&1
	cp -r "$LAB/log" log
}

again() { rm -rf log && cp -r "$LAB/log" log; }

# misses STEPS: those are not proven, all others are.
misses() {
	local want got
	want="$((44 - $(tr , '\n' <<<"$1" | wc -l))) $1" got=$(witnessed)
	[ "$got" = "$want" ] || { echo "wanted $want, got $got"; return 1; }
}

@test "a session and a refusal are all the steps" {
	[ "$(witnessed)" = "44 " ]
}

@test "a step that is in another party's log does not count" {
	for n in {300..317} {320..343}; do
		again
		to=ws-alice.log
		! grep -h "	step=$n	" log/ws-*.log | grep -qv event=refused || to=nas.log # where its own party does not log
		grep -h "	step=$n	" log/*.log >said
		sed -i "/	step=$n	/d" log/*.log
		cat said >>"log/$to"
		misses "$n"
	done
}

@test "nor does one that another program of that party logged" {
	for n in {300..317} {320..343}; do
		again
		sed -i "/	step=$n	/s/	tool=[^	]*/	tool=sp-pipe/" log/*.log
		misses "$n"
	done
}

@test "the domain server's word is slapd's own" {
	: >log/ldap.err
	for n in 318 319; do
		rec time=2026-01-01T00:00:00.000Z tool=slapd step=$n event=asked >>log/nas.log
		rec time=2026-01-01T00:00:00.000Z tool=slapd step=$n event=asked >>log/ldap.log
	done
	misses 318,319
}

@test "the states before up are not the state that the workstation waits for" {
	sed -i '/	step=337	.*	state=up/d' log/nas.log
	misses 337
	sed -i '/	step=338	.*	state=up/d' log/mon.log
	misses 337,338
}
