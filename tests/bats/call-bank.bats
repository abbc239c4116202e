#!/usr/bin/env bats
# Calls to telephone numbers over a bank of modems: the exchange's, between the router and a service
# processor in network namespaces; accounted by a real FreeRADIUS, told to a real monitor.
load common
load call
load pstn

setup_more() {
	call_up
	exchange -m 5550100 -m 5550101 -m 5550142
	server answer ip netns exec "${NS}sp1" sp-answer modem:d/5550142 -- sp-ras --line fd:3 --address 192.0.2.1 \
		--peer-address 192.0.2.2 --interface ras0 --secret-file "$T/sp1.secret"
}
teardown_more() { exec 9>&-; }

bank() { # OPTION...
	nas_up --auth "$AUTH" --line m1=modem:d/5550100?init=%26A3 --line m2=modem:d/5550101?init=%26A3 --permit-dial '555*' \
		--line-retry 0.2 "$@"
}
page() { on ws curl -sS --max-time 10 "http://$1:8080/"; }
states() { grep line_state= nas.out | grep "line=$1	" | field line_state | tr '\n' ' '; } # LINE
settles() { until_true 10 sh -c "[ \"\$(grep line_state= nas.out | grep 'line=$1	' | tail -n 1 | grep -c line_state=$2)\" = 1 ]"; }
unlocked() { until_true 5 sh -c '! grep -qs "^ *$1$" /var/lock/LCK..*' - "$1"; } # PROCESS

@test "a call by number comes up at the modems' speed; accounting names line, kind, speed and protocol" {
	bank --accounting "$AUTH --accounting"
	dialed S1 first-secret '555-0142' phone=999 # which accounting does not believe
	ip -n "${NS}sp1" route add 10.50.0.5/32 dev ras0
	[ "$(page "$ALIAS")" = "I am sp1" ]
	[ "$(field line <S1.out)" = m1 ]
	[ "$(field speed <S1.out)" = 33600 ]
	[ "$(field state <S1.progress | tr '\n' ' ')" = "acknowledged dialing connected authenticating up " ]
	grep -q 'line=m1.*phone=999.*speed=33600.*protocol=.*state=up' nas.out
	[ "$(states m1)" = "idle dialing connected " ]
	kill "$DIAL_PID"; until_gone "$DIAL_PID"
	settles m1 idle
	until_true 5 grep -q 'Acct-Status-Type = Stop' r/detail
	[ "$(grep -c 'NAS-Port-Id = "m1"' r/detail)" = 2 ] # start, stop
	[ "$(grep -c 'NAS-Port-Type = Async' r/detail)" = 2 ]
	[ "$(grep -c 'Connect-Info = "33600 .*LAPM.*"' r/detail)" = 2 ]
	grep -q 'Called-Station-Id = "5550142"' r/detail
	grep -q 'Acct-Terminate-Cause = User-Request' r/detail
}

@test "the first modem is gone: the same call comes up by the second, sp-dial sees it all" {
	order op=remove number=5550100
	bank
	dialed S1 first-secret 5550142
	[ "$(field line <S1.out)" = m2 ]
	[ "$(field state <S1.progress | tr '\n' ' ')" = "acknowledged dialing dialing connected authenticating up " ]
	[ "$(states m1)" = "idle dialing failed " ]
	order op=modem number=5550100
	settles m1 idle
	kill "$DIAL_PID"; until_gone "$DIAL_PID"
}

@test "the carrier is lost, the modem stays: the line is free for the next call" {
	bank
	dialed S1 first-secret 5550142
	order op=fault number=5550100 fault=drop after=0 count=1
	until_gone "$DIAL_PID"
	grep -q 'reason=lost-carrier	error=peer	step=326' S1.out
	settles m1 idle
	dialed S2 first-secret '5550142?line=m1'
	[ "$(field line <S2.out)" = m1 ]
	[ "$(states m1)" = "idle dialing connected idle dialing connected " ]
	kill "$DIAL_PID"; until_gone "$DIAL_PID"
	until_true 5 nothing_left
}

@test "the session's process is killed with -9 while the call is up: no device, no lock, a free line" {
	bank
	dialed S1 first-secret 5550142
	local session; session=$(pgrep -P "$NAS" sp-nas)
	grep -qs "^ *$session$" /var/lock/LCK..*
	kill -9 "$session"
	settles m1 idle
	unlocked "$session"
	until_true 10 nothing_left
	until_true 5 grep -q 'line=m1.*state=down.*reason=nas-error' nas.out
	until_true 20 grep -q $'^call=1\tevent=ended' x.out
	dialed S2 first-secret '5550142?line=m1'
	kill "$DIAL_PID"; until_gone "$DIAL_PID"
}
