# A session by hand and by sp connect: the same; and whoever goes away first, nothing is left.
load lab

by_hand() { # the pipeline of sp(7), its last stage holding
	ws sh -c "sp-ticket $LAB/ticket.json | sp-login --user alice --password-file $(secret alice) | sp-search |
		head -n 1 | sp-alloc | sp-dial --password-file $(secret alice) | sp-addr | sp-route $*"
}

@test "typed by hand it does what sp connect does" {
	by_hand \| head -n 1 >hand.rec
	nothing_left
	session connect sp connect --user alice --password-file "$(secret alice)" "$LAB/ticket.json"
	kill "$READER"
	wait "$SESSION_PID" || :
	nothing_left
	keys() { tr '\t' '\n' <"$1" | cut -d= -f1; }
	diff <(keys hand.rec) <(keys connect.rec)
	for key in ticket serial customer site user groups system router dial sp_address host route state hold; do
		[ "$(field $key <hand.rec)" = "$(field $key <connect.rec)" ] || { echo "$key differs"; false; }
	done
	[ "$(field hold <hand.rec)" = alloc,dial,addr,route ]
	[ "$(field state <hand.rec)" = ready ]
}

@test "typed by hand with a command: its output and not a word more" {
	run -0 --separate-stderr by_hand -- curl -sS --max-time 5 'http://%{address}/'
	[ "$output" = "<p>000187260123</p>" ]; [ -z "$stderr" ]
	nothing_left
}

@test "on a pipe: one record and not a word more" {
	session s sp connect --user alice --password-file "$(secret alice)" --serial 0123
	[ "$(wc -l <s.rec)" = 1 ]
	[ ! -s s.err ]
	ws curl -sS --max-time 5 "http://$(field address <s.rec)/" | grep -q 000187260123
	kill "$READER"
	wait "$SESSION_PID" || :
	nothing_left
}

@test "a command: its address, its environment, its exit status" {
	# shellcheck disable=SC2016
	run -9 --separate-stderr connect alice --serial 0123 -- sh -c 'echo "$0 $SP_SERIAL ${SP_TOKEN-no} ${SP_SECRET-no}" >&2; exit 9' '%{address}'
	[[ $stderr == *"10.200.0."*" 000187260123 no no"* ]]
	nothing_left
	run -0 --separate-stderr connect alice --serial 0123 -- curl -sS --max-time 5 'http://%{address}/'
	[ "$output" = "<p>000187260123</p>" ]
	run -8 --separate-stderr connect alice --serial 0123 -- echo '%{token}'
	[[ $stderr == *"a secret has no place"* && -z $output ]]
	run -8 --separate-stderr connect alice ./no-such.json -- true
	nothing_left
}

@test "two systems with the same address at once, from one ticket each" {
	session a sp connect --user alice --password-file "$(secret alice)" --serial 0123
	first=$READER
	session b sp connect --user carol --password-file "$(secret carol)" --customer globex
	[ "$(field sp_address <a.rec)" = "$(field sp_address <b.rec)" ]
	[ "$(field address <a.rec)" != "$(field address <b.rec)" ]
	ws curl -sS --max-time 5 "http://$(field address <a.rec)/" | grep -q 000187260123
	ws curl -sS --max-time 5 "http://$(field address <b.rec)/" | grep -q 000290440456
	kill "$first" "$READER"
	nothing_left
}

@test "on a terminal: every step is shown, the password asked for once, never a secret" {
	cat >talk.exp <<-X
		set timeout 30
		log_file -a talk.log
		spawn sp lab exec --dir $LAB ws -- sp connect --user alice --serial 0123
		expect "assword: " { send "$(cat "$(secret alice)")\r" }
		expect -brace { "is reached at" { } "assword:" { exit 3 } timeout { exit 4 } eof { exit 5 } }
		send "\003"
		expect -brace { eof { } timeout { exit 6 } }
	X
	expect talk.exp >/dev/null
	for step in 300 305 310 314 323 326 339 341 343; do grep -qE "^ *$step  [a-z]+ .* ms" talk.log; done
	never grep -qF "$(cat "$(secret alice)")" talk.log
	never grep -qE 'permit=[A-Za-z0-9_-]{5}' talk.log
	nothing_left
}

# asked N COMMAND: on a terminal, where it asks for alice's password N times.
asked() {
	cat >ask.exp <<-X
		set timeout 30
		log_file -a ask.log
		spawn sp lab exec --dir $LAB ws -- sh -c "$2"
		for {set i 0} {\$i < $1} {incr i} {
			expect -re "Password for \[a-z ]*: " { after 300; send "$(cat "$(secret alice)")\r" } timeout { exit 3 } eof { exit 4 }
		}
		expect -brace { eof { } "assword" { exit 5 } timeout { exit 6 } }
	X
	expect ask.exp >/dev/null
	grep -q '^up' ask.log
	run grep -cF -e "$(cat "$(secret alice)")" ask.log
	[ "$output" = 0 ]
}

@test "two that ask on one terminal take turns, and nothing that is typed is shown" {
	local login="sp-ticket $LAB/ticket.json | sp-login --user alice"
	asked 2 "$login --identity $T/a >/dev/null & $login --identity $T/b >/dev/null; wait; echo up"
}

@test "by hand the password is asked for once: the router knows the user by his certificate" {
	asked 1 "sp-ticket $LAB/ticket.json | sp-login --user alice | sp-search | sp-alloc | sp-dial -- echo up"
	nothing_left
}

@test "Ctrl-C undoes the hand-typed pipeline" {
	setsid bash -c "$(declare -f by_hand ws at secret); LAB=$LAB; by_hand" >hand.rec 2>hand.err 3>&- &
	until_true 20 grep -q state=ready hand.rec
	group=$(ps -o pgid= -p "$(pids sp-route ws)")
	[ "$group" != "$(ps -o pgid= -p $$)" ]
	kill -INT -- "-${group// }"
	nothing_left
}

@test "the service processor hangs up: no failure, and the router knows why" {
	session s sp connect --user alice --password-file "$(secret alice)" --serial 0123
	kill "$(pids sp-ras sp1)"
	status=0; wait "$SESSION_PID" || status=$?
	[ "$status" = 0 ]
	grep "session=$(field session <s.rec)" "$LAB/log/nas.log" | grep -q 'event=down.*reason=host-request'
	nothing_left
}

@test "the line is lost: the record says so, exit 6" {
	session s sp connect --user alice --password-file "$(secret alice)" --serial 0123
	at nas ip link set line down
	status=0; wait "$SESSION_PID" || status=$?
	at nas ip link set line up
	until_gone "$READER"
	[ "$status" = 6 ] || { cat s.rec s.err "$LAB/log/nas.log" >&2; false; }
	[ "$(field error <s.rec | tail -n 1)" = peer ]
	nothing_left
}

@test "--redial: a session that its line lost is set up again; a refusal is not tried twice" {
	session s sp connect --redial 2 --user alice --password-file "$(secret alice)" --serial 0123
	kill -9 "$(pids sp-ras sp1)"
	until_true 30 grep -q "redial=1.*state=ready" s.rec || { cat s.rec s.err >&2; false; }
	[[ $(cat s.err) == *"redial 1 of 2"* ]]
	[ "$(field session <s.rec | head -n 1)" != "$(field session <s.rec | tail -n 1)" ]
	ws curl -sS --max-time 5 "http://$(field address <s.rec | tail -n 1)/" | grep -q 000187260123
	kill "$READER"
	nothing_left
	run -4 --separate-stderr connect dave --redial 2 --serial 0123
	[[ $stderr != *"redial"* ]]
	nothing_left
}
