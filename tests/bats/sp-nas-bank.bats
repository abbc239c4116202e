#!/usr/bin/env bats
# sp-nas with a bank of modems: who gets which, what is told of each, what becomes of one that fails.
# The modems are the exchange's; calls that come up are in call-bank.bats.
load common
load nas
load pstn

setup_more() {
	nas_users
	exchange -m 5550100 -m 5550101 -m 5550142
}
teardown_more() { exec 9>&-; }

bank() { # OPTION...: two modems, m1 and m2, and a direct line
	nas --auth "$AUTH" --line m1=modem:d/5550100?wait=30 --line m2=modem:d/5550101?wait=30 --line direct=tcp:127.0.0.1:1 \
		--hunt eu=m2 --permit-dial '555*' --line-retry 0.2 "$@"
}
states() { grep line_state= nas.out | grep "line=$1	" | field line_state | tr '\n' ' '; } # LINE
state_is() { [ "$(grep line_state= nas.out | grep "line=$1	" | tail -n 1 | field line_state)" = "$2" ]; }
locks() { grep -ls "^ *$1$" /var/lock/LCK..* || :; } # of process PID
session() { pgrep -n -P "$NAS" sp-nas; }

@test "every line is told at the start, and shown" {
	bank
	until_true 5 grep -q direct nas.out
	[ "$(sed -n 2,4p nas.out)" = "$(for l in m1 m2 direct; do rec router=router1 line=$l line_state=idle; done)" ]
	talk 'login; send "show lines\r"; want "line=m1 address=modem:d/5550100 state=idle since=20"; want "calls=0 failures=0"
		want "line=m2 address=modem:d/5550101 group=eu state=idle"; want "line=direct address=tcp:127.0.0.1:1 "; want "OK"
		want "router1> "; send "show columns\r"; want "ERROR usage 324 show, or show lines"; send "quit\r"; last bye'
}

@test "a line is reserved by dial, given back by hangup, another dial, quit, and the end of the session" {
	bank
	talk 'login; send "dial 555-01 42\r"; want "OK Dial string acknowledged, line m1 ready."; want "router1> "
		set first $spawn_id
		spawn telnet 127.0.0.1 '"$PORT"'
		login; send "dial 5550142\r"; want "line m2 ready."
		send "show lines\r"; want "line=m1 address=modem:d/5550100 state=dialing"; want "phone=5550142"; want "router1> "
		send "dial 5550142?group=eu\r"; want "line m2 ready."
		set second $spawn_id
		spawn telnet 127.0.0.1 '"$PORT"'
		login; send "dial 5550142\r"; want "ERROR busy 324 no line is free"; want "router1> "
		send "begin\r"; want "ERROR usage 325 dial first"
		set spawn_id $first; send "hangup\r"; want "OK the line is given back"; want "router1> "
		send "hangup\r"; want "ERROR none 326 there is no call"
		send "dial 5550142\r"; want "line m1 ready."; send "dial tcp:127.0.0.1:1\r"; want "line line1 ready."; send "quit\r"; last bye
		set spawn_id $second; exec sh -c "kill -9 \$(pgrep -o -P '"$NAS"' sp-nas)"; catch { expect eof }'
	until_true 5 state_is m1 idle
	until_true 5 state_is m2 idle
	[ "$(states m1)" = "idle dialing idle dialing idle " ]
	[ "$(grep -c 'line=m1	line_state=dialing	phone=5550142' nas.out)" = 2 ]
	never grep -q state=up nas.out
}

@test "refused: numbers that are not permitted, or are none; groups and lines there are not" {
	bank --permit-dial '\*70*'
	talk 'login
		foreach d {0900555 +15550142 70555 5550142?line=direct?x {555;142} 555!42 555142?group=us 555142?line=m9 555142?x=y 555a} {
			send "dial $d\r"; want "ERROR "; want "router1> " }
		send "dial *705550142\r"; want "line m1 ready"; want "router1> "
		send "dial 5550142?line=direct\r"; want "line direct ready"; want "router1> "; send "quit\r"; last bye'
	[ "$(grep -o 'ERROR [a-z]* 324' talk.log | cut -d' ' -f2 | sort | uniq -c | tr -s ' \n' ' ')" = " 3 denied 7 usage " ]
	grep -q 'step=324.*event=refused.*dial=0900555' nas.log
	kill "$NAS"; until_gone "$NAS"
	nas --auth "$AUTH" --permit-dial '555*' # no bank at all
	talk 'login; send "dial 5550142\r"; want "ERROR usage 324 this router has no line that dials"; send "quit\r"; last bye'
}

@test "a modem that is not there is taken out, the call goes on by the next, and it comes back" {
	order op=remove number=5550100
	bank
	talk 'login; send "dial 5550142\r"; want "line m1 ready."; send "begin\r"; want "Progress: state=dialing line=m1"
		want "Progress: state=dialing line=m2"; rings 5550101
		send "show lines\r"; want "line=m1 address=modem:d/5550100 state=failed"; want "failures=1 reason=port-error detail=unable to open"
		want "line=m2 address=modem:d/5550101 group=eu state=dialing"; want "router1> "
		send "hangup\r"; want "state=down line=m2 reason=user-request"; send "quit\r"; last bye'
	grep -q 'line=m1	line_state=failed	reason=port-error	detail=unable to open the tty' nas.out
	[ "$(grep 'user=alice' nas.out | field line | tr '\n' ' ')" = "m1 m2 m2 " ] # dialing, dialing, down
	until_true 5 state_is m2 idle
	order op=modem number=5550100
	until_true 10 state_is m1 idle
	[ "$(states m1)" = "idle dialing failed idle " ]
	[ -z "$(locks "$NAS")" ]
}

@test "no modem works: the call fails with what was wrong; then every line is out of service" {
	order op=remove number=5550100
	order op=fault number=5550101 fault=no-dialtone
	bank --line-retry 60
	talk 'login; send "dial 5550142\r"; want "line m1 ready."; send "begin\r"; want "Progress: state=dialing line=m2"
		want "Progress: state=down line=m2 error=peer step=325 reason=no-dialtone detail="; want "router1> "
		send "dial 5550142\r"; want "ERROR busy 324 every line is out of service"; want "router1> "; send "quit\r"; last bye'
	[ "$(states m2)" = "idle dialing failed " ]
}

@test "a number that modems refuse is tried by each once, and puts none of them out of service" {
	nas --auth "$AUTH" --line 'm1=modem:d/5550100?prefix=0' --line 'm2=modem:d/5550101?prefix=0' --permit-dial '555*'
	talk 'login; send "dial 555'"$(printf '1%.0s' {1..60})"'\r"; want "line m1 ready."; send "begin\r"; want "state=dialing line=m2"
		want "state=down line=m2 error=peer step=325 reason=port-error detail=the modem says ERROR"; want "router1> "
		send "dial 5550142\r"; want "line m1 ready."; send "quit\r"; last bye'
	until_true 5 state_is m1 idle
	[ "$(states m1) $(states m2)" = "idle dialing idle dialing idle  idle dialing idle " ]
	[ "$(grep -c 'step=325.*event=number-refused' nas.log)" = 2 ]
}

@test "a second dial tone that does not come is the number's fault, the first one the line's" {
	order op=fault number=5550100 fault=no-dialtone
	bank
	talk 'login; send "dial 5550142W1?line=m1\r"; want "line m1 ready."; send "begin\r"
		want "state=down line=m1 error=peer step=325 reason=no-dialtone"; want "router1> "; send "show lines\r"
		want "line=m1 address=modem:d/5550100 state=idle"; want "failures=0"; send "dial 5550142?line=m1\r"; want "line m1 ready."
		send "begin\r"; want "state=down line=m1 error=peer step=325 reason=no-dialtone"; send "show lines\r"
		want "line=m1 address=modem:d/5550100 state=failed"; send "quit\r"; last bye'
}

@test "a line that nobody calls by is given back" {
	bank --dial-timeout 0.5
	talk 'login; send "dial 5550142\r"; want "line m1 ready."; want "router1> "; send "show"
		want "Progress: state=down line=m1 error=timeout step=324 reason=idle detail="; want "router1> show"
		send "\r"; want "OK"; want "router1> "; send "begin\r"; want "ERROR usage 325 dial first"
		send "show lines\r"; want "line=m1 address=modem:d/5550100 state=idle"; send "quit\r"; last bye'
}

@test "a modem that another program has is passed over, is no failure, and comes back" {
	local lock
	lock=/var/lock/LCK..$(readlink d/5550100 | sed 's,^/dev/,,; s,/,_,g')
	printf '%10d\n' $$ >"$lock"
	bank
	talk 'login; send "dial 5550142\r"; want "line m1 ready."; send "begin\r"; want "Progress: state=dialing line=m2"
		rings 5550101; send "show lines\r"; want "state=busy"; want "failures=0 reason=busy detail=process"
		want "router1> "; send "hangup\r"; want "state=down"; send "quit\r"; last bye'
	state_is m1 busy
	rm "$lock"
	until_true 10 state_is m1 idle
	[ "$(states m1)" = "idle dialing busy idle " ]
}

@test "a session's process killed with -9 in the middle of dialing: the line is back, no lock is left" {
	bank
	talk 'login; send "dial 5550142\r"; want "line m1 ready."; send "begin\r"; rings 5550100
		exec sh -c "pgrep -n -P '"$NAS"' sp-nas >session; grep -l \$(cat session) /var/lock/LCK..* >lock; kill -9 \$(cat session)"
		catch { expect eof }'
	[ -s lock ] # there was one
	until_true 5 state_is m1 idle
	[ -z "$(locks "$(cat session)")" ]
	grep -q 'line=m1.*state=down	reason=nas-error' nas.out
	until_true 10 grep -q 'event=ended.*from=5550100' x.out # the exchange has seen it, too
	talk 'login; send "dial 5550142?line=m1\r"; want "line m1 ready."; send "begin\r"; rings 5550100
		send "hangup\r"; want "state=down"; send "quit\r"; last bye'
}

@test "the router ends while a line is tried again and another one dials: nothing is left" {
	order op=remove number=5550100
	bank
	talk 'login; send "dial 5550142\r"; want "line m1 ready."; send "begin\r"; rings 5550101
		exec kill '"$NAS"'; want "state=down"; catch { expect eof }'
	until_gone "$NAS"
	[ "$(states m2)" = "idle dialing idle " ]
	[ -z "$(pgrep -f "sp-nas.*router1.*$T")" ]
}

@test "wrong lines and groups are refused by name" {
	local o=(--listen tcp:127.0.0.1:0 --name r --alias-pool 10.0.0.0/24 --group g --line a=tcp:h:1) w
	for w in --line=a=tcp:h:2 --line=b --line=b=fd:3 --line='b b=tcp:h:1' --line=b=modem:/dev/x?wait=0 --hunt=g=b --hunt=g= --hunt=a,b; do
		run sp-nas "${o[@]}" "$w"
		[ "$status" = 2 ] && [[ $output == *"${w%%=*} "* ]] || { echo "$w: $output"; false; }
	done
}
