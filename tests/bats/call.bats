#!/usr/bin/env bats
# A call, whole: workstation, router and service processors in network namespaces, users checked by a
# real FreeRADIUS with a real slapd behind it, PPP to a real RAS, packets by alias.
load common
load call

setup_more() {
	call_up
	sp_up sp2 198.51.100.12 second-secret
}

page() { on ws curl -sS --max-time 5 "http://$1:8080/"; }
back() { ip -n "$NS$1" route add 10.50.0.5/32 dev ras0; } # what sp-route does

@test "two calls to two systems with the same address are up at once; each ends alone" {
	nas_up --auth "$AUTH"
	dialed S1 first-secret tcp:198.51.100.11:5000?speed=115200
	local one=$ALIAS first=$DIAL_PID
	dialed S2 second-secret tcp:198.51.100.12:5000
	local two=$ALIAS second=$DIAL_PID
	back sp1; back sp2
	[ "$one" != "$two" ]
	[ "$(page "$one")" = "I am sp1" ]
	[ "$(page "$two")" = "I am sp2" ]
	on ws ping -c 2 -i 0.2 -W 3 "$one"; on ws ping -c 2 -i 0.2 -W 3 "$two"
	run on ws ping -c 1 -W 1 -I 10.50.0.6 "$two" # not the telnet peer
	[ "$status" = 1 ]
	[ "$(field sp_address <nas.out | sort -u)" = 192.0.2.1 ]
	[ "$(field line <S1.out)" = line1 ]; [ "$(field speed <S1.out)" = 115200 ]
	kill "$first"; until_gone "$first"
	until_true 5 one_route
	[ "$(page "$two")" = "I am sp2" ]
	kill "$second"; until_gone "$second"
	until_true 5 nothing_left
	[ "$(grep -c 'state=down.*reason=user-request' nas.out)" = 2 ]
}

nas_steps() { [ "$(field step <nas.log | sort -u | tr '\n' ' ')" = "$1" ]; }

@test "the steps are on record, without secrets" {
	nas_up --auth "$AUTH"
	dialed S1 first-secret tcp:198.51.100.11:5000
	kill "$DIAL_PID"; until_gone "$DIAL_PID"
	until_true 5 nas_steps "315 316 317 320 321 324 325 326 330 334 335 " # the parent writes them, when it has its turn
	[ "$(field step <dial.log | sort -u | tr '\n' ' ')" = "323 326 " ]
	[ "$(field state <S1.progress | tr '\n' ' ')" = "acknowledged dialing connected authenticating up down " ]
	never grep -rqE 'first-secret|correct horse' nas.log nas.out nas.err dial.log S1.progress S1.err
}

@test "accounting: on, start, interim, stop with what was sent, off" {
	nas_up --auth "$AUTH" --accounting "$AUTH --accounting" --interim 0.3
	dialed S1 first-secret tcp:198.51.100.11:5000
	back sp1
	[ "$(page "$ALIAS")" = "I am sp1" ]
	until_true 5 grep -q 'Acct-Status-Type = Interim-Update' r/detail
	kill "$DIAL_PID"; until_gone "$DIAL_PID"
	until_true 5 grep -q 'Acct-Status-Type = Stop' r/detail
	kill "$NAS"; until_gone "$NAS"
	[ "$(sed -n 's/.*Acct-Status-Type = //p' r/detail | uniq | tr '\n' ' ')" = "Accounting-On Start Interim-Update Stop Accounting-Off " ]
	grep -q 'Acct-Session-Id = "S1"' r/detail
	grep -q 'Acct-Terminate-Cause = User-Request' r/detail
	[ "$(sed -n 's/.*Acct-Output-Octets = //p' r/detail | tail -n 1)" -gt 100 ]
}

@test "whatever is killed with -9, no device, route or process of the call is left" {
	nas_up --auth "$AUTH" --accounting "$AUTH --accounting"
	dialed S1 first-secret tcp:198.51.100.11:5000 # the workstation's end
	kill -9 "$DIAL_PID"
	until_true 5 nothing_left
	until_true 5 grep -q "session=S1.*state=down" nas.out
	dialed S2 first-secret tcp:198.51.100.11:5000 # the session's process
	kill -9 "$(pgrep -P "$NAS" sp-nas)"
	until_true 5 nothing_left
	until_true 5 grep -q "session=S2.*state=down.*reason=nas-error" nas.out
	until_true 5 grep -q 'Acct-Terminate-Cause = NAS-Error' r/detail
	until_gone "$DIAL_PID"
	grep -q 'error=peer.*step=326' S2.out
	dialed S3 first-secret tcp:198.51.100.11:5000 # the RAS
	kill -9 "$(running sp1 sp-ras)"
	until_true 5 nothing_left
	until_gone "$DIAL_PID"
	grep -q 'reason=lost-carrier' S3.out
	dialed S4 first-secret tcp:198.51.100.11:5000 # the router's parent process
	local child
	child=$(pgrep -P "$NAS" sp-nas)
	kill -9 "$NAS"
	until_true 5 nothing_left
	until_gone "$DIAL_PID"; until_gone "$child"
	grep -q 'error=peer' S4.out
}

# refused USER PASSWORD: sp-dial as that user; its record is in R.out, its exit status in STATUS.
refused() {
	printf '%s\n' "$2" >password
	rec "user=$1" router_address=10.50.0.38 router_port=23 profile_args=transport=plain dial=tcp:198.51.100.11:5000 secret=first-secret >R.rec
	STATUS=0
	on ws sp-dial --password-file "$T/password" <R.rec >R.out 2>R.err || STATUS=$?
}

@test "RADIUS decides: unknown user and wrong password look the same (320), a group that may not (322)" {
	nas_up --auth "$AUTH"
	refused alice wrong
	[ "$STATUS" = 4 ]; [ "$(field step <R.out)" = 320 ]
	local said
	said=$(field detail <R.out)
	refused nobody wrong
	[ "$STATUS" = 4 ]; [ "$(field step <R.out)" = 320 ]; [ "$(field detail <R.out)" = "$said" ]
	refused bob bob-pass
	[ "$STATUS" = 4 ]; [ "$(field step <R.out)" = 322 ]; [ "$(field error <R.out)" = denied ]
	[ "$(grep -c 'Login OK' r/radius.log)" = 1 ]; [ "$(grep -c 'Login incorrect' r/radius.log)" = 2 ]
	grep -q 'step=322.*event=refused' nas.log
	never grep -q 'state=dialing' nas.out
}

@test "RADIUS is silent: error=timeout step=317" {
	nas_up --auth "$AUTH --timeout 1"
	kill -STOP "$(pgrep -f "freeradius.*$BATS_FILE_TMPDIR/r " | head -n 1)"
	refused alice 'correct horse'
	pgrep -f "freeradius.*$BATS_FILE_TMPDIR/r " | xargs -r kill -CONT
	[ "$STATUS" = 3 ]; [ "$(field error <R.out)" = timeout ]; [ "$(field step <R.out)" = 317 ]
}

@test "a line that nobody listens on: error=peer step=325" {
	nas_up --auth "$AUTH"
	dial S1 first-secret tcp:198.51.100.11:5001
	until_gone "$DIAL_PID"
	[ "$(field error <S1.out)" = peer ]; [ "$(field step <S1.out)" = 325 ]; [ "$(field reason <S1.out)" = no-carrier ]
	grep -q 'state=down.*reason=no-carrier' nas.out
}

@test "a wrong secret: the RAS refuses, error=denied step=333" {
	nas_up --auth "$AUTH"
	dial S1 wrong-secret tcp:198.51.100.11:5000
	until_gone "$DIAL_PID"
	run ! wait "$DIAL_PID"
	[ "$(field error <S1.out)" = denied ]; [ "$(field step <S1.out)" = 333 ]
	grep -q 'state=down.*reason=denied' nas.out
	grep -q 'step=333.*event=refused' sp1.ras.log
	until_true 5 nothing_left
}

@test "a router the RAS does not know is refused" {
	kill "${PIDS[0]}"; until_gone "${PIDS[0]}"
	sp_up sp1 198.51.100.11 first-secret --router router9
	nas_up --auth "$AUTH"
	dial S1 first-secret tcp:198.51.100.11:5000
	until_gone "$DIAL_PID"
	[ "$(field error <S1.out)" = denied ]; [ "$(field step <S1.out)" = 333 ]
}

@test "SIGTERM: every call is hung up and told, with the reason" {
	nas_up --auth "$AUTH"
	dialed S1 first-secret tcp:198.51.100.11:5000
	kill "$NAS"; until_gone "$NAS"
	nothing_left
	grep -q 'state=down.*reason=nas-reboot' nas.out
	until_gone "$DIAL_PID"
	grep -q 'error=peer.*step=326.*detail=the router stops' S1.out
}

all_got() { [ "$(wc -c <got)" = 10000 ]; }

@test "a declared speed is kept: 33600 bit/s are 3360 bytes a second" {
	nas_up --auth "$AUTH"
	dialed S1 first-secret tcp:198.51.100.11:5000?speed=33600
	back sp1
	ip netns exec "${NS}sp1" socat -u tcp-listen:9000 create:got 3>&- &
	PIDS+=($!)
	head -c 10000 /dev/zero >zeros
	until_true 5 on sp1 sh -c 'ss -ltn | grep -q :9000'
	local from=${EPOCHREALTIME/./}
	on ws socat -u open:zeros "tcp:$ALIAS:9000" # nc forgets what it has to send when the other end has nothing to say
	until_true 20 all_got
	local ms=$(((${EPOCHREALTIME/./} - from) / 1000))
	echo "10000 bytes took $ms ms"
	[ "$ms" -ge 2500 ]; [ "$ms" -le 8000 ]
}
