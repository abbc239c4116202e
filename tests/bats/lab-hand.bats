# The pipeline of sp(7) typed by hand at the workstation: its last stage ending undoes everything, so does Ctrl-C, so does
# any one of its processes killed with -9. Three sessions at once, one with each system, have each their own end.
load lab

ENDS=(000187260123 000290440456 000311770789) # the systems of sp1, sp2, sp3

# hand I: the pipeline to the I-th of them, its record in I.rec, its shell in I.sh; its reader and who runs it are kept.
hand() {
	echo "{ \"ticket\": \"T-$1\", \"serial_number\": \"${ENDS[$1]}\" }" >"$1.json"
	session_begin "$1" sh -c "echo \$\$ >$T/$1.sh
		sp-ticket $T/$1.json | sp-login --user alice --password-file $(secret alice) --identity $T/$1.id |
		sp-search | head -n 1 | sp-alloc | sp-login --code | sp-dial | sp-addr | sp-route"
	READERS[$1]=$READER RUNS[$1]=$SESSION_PID
}

# three: all of them, up.
three() {
	local i
	for i in 0 1 2; do hand $i; done
	for i in 0 1 2; do until_true 20 grep -q 'state=ready' $i.rec || { cat $i.rec $i.err >&2; return 1; }; done
}

# stage I PROGRAM: the process of that name in the I-th pipeline. guard PROCESS: its guard.
stage() { pgrep -P "$(cat "$1.sh")" -x "$2"; }
guard() { pgrep -P "$1" -x sp-guard; }

undone() {
	local p
	nothing_left
	for p in "${RUNS[@]}"; do until_gone "$p"; done
}

@test "typed on a terminal: the page by its alias, then Ctrl-C" {
	cat >talk.exp <<-X
		set timeout 30
		log_file -a talk.log
		spawn sp lab shell --dir $LAB
		expect "typed: "
		send "sp-ticket \\\$SP_LAB/ticket.json | sp-login --user alice | sp-search | head -n 1 |\r"
		send "sp-alloc | sp-dial | sp-addr | sp-route\r"
		expect "Password for alice: " { send "$(cat "$(secret alice)")\r" } timeout { exit 3 }
		expect -re "state=ready.*\taddress=(\[0-9.]+)\t" { } timeout { exit 4 } eof { exit 5 }
		puts [exec sp lab exec --dir $LAB ws -- curl -sS --max-time 5 http://\$expect_out(1,string)/]
		send "\003"
		expect "typed: " { } timeout { exit 6 } eof { exit 7 }
		send "exit\r"
		expect eof { } timeout { exit 8 }
	X
	SHELL=/bin/sh PS1='typed: ' expect talk.exp >shown || { cat -v talk.log >&2; false; }
	grep -qxF "<p>000187260123</p>" shown
	nothing_left
}

@test "the last stage ends by a signal, by its reader, by kill -9" {
	three
	[ "$(pgrep -P "$(cat 0.sh)" -l | cut -d ' ' -f 2 | sort | tr '\n' ' ')" = "sp-addr sp-alloc sp-dial sp-login sp-route " ] # those before sp-alloc are over
	kill "$(stage 0 sp-route)"
	kill "${READERS[1]}"
	kill -9 "$(stage 2 sp-route)"
	undone
}

@test "killed: sp-alloc, sp-dial, sp-addr" {
	three
	kill -9 "$(stage 2 sp-alloc)" "$(stage 1 sp-dial)" "$(stage 0 sp-addr)" # the third's line has no speed: no rate is set
	undone
}

@test "killed: what fetches the code, and guards at both ends, whose sessions go on until they are ended" {
	three
	kill -9 "$(stage 0 sp-login)" "$(guard "$(stage 1 sp-addr)")" "$(guard "$(pids sp-route sp3)")"
	until_gone "${RUNS[0]}"
	for i in 1 2; do ws curl -sS --max-time 5 "http://$(field address <$i.rec)/" | grep -q "${ENDS[$i]}"; done
	kill "${READERS[1]}" "${READERS[2]}"
	undone
}

@test "killed: who answers the call, its guard, and who runs it" { # the last: nobody answers at these afterwards
	three
	kill -9 "$(pids sp sp1 | head -n 1)" "$(pids sp-answer sp2 | head -n 1)" "$(guard "$(pids sp-answer sp3)")"
	until_gone "${RUNS[0]}"; until_gone "${RUNS[1]}"
	kill "${READERS[2]}"
	undone
}
