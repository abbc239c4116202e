#!/usr/bin/env bats
# ios.profile: a whole call over tests/rig/ios, however that writes and whatever goes wrong; the
# login, prompts and paging of a program that others wrote (FRR's terminal, which is like IOS's).
load common

teardown_more() { [ -z "$NS" ] || ip netns del "$NS"; }

setup_more() {
	printf 'wonder\n' >password
	printf 'enable-77\n' >enable
	chmod 600 password enable
	export IOS_LOG=$T/ios.log IOS_SECRET=wonder IOS_ENABLE=enable-77 IOS_CALL=up
	NUMBER=16175550142 ARGS='interface=Async1 alias=10.200.1.1 ping=192.0.2.1 speed=33600'
	SECRET=topsecret-so-long-that-its-echo-does-not-fit-into-a-line-of-eighty
}

listens() { grep -q "listening on" socat.log; }
ios() { # [VARIABLE=VALUE...]: a device
	: >socat.log
	env "$@" socat -d -d tcp-listen:0,bind=127.0.0.1,fork,reuseaddr "exec:$SP_TOP/tests/rig/ios" 2>socat.log 3>&- &
	PIDS+=($!)
	until_true 5 listens
	PORT=$(sed -n 's/.*listening on.*:\([0-9]*\)$/\1/p' socat.log)
}

dial() { # OPTION...
	rm -f t ios.log
	run --separate-stderr timeout 60 sp-dial --password-file password --secret enable=enable --transcript t "$@" < <(
		rec user=alice router=as1 profile=ios router_address=127.0.0.1 "router_port=$PORT" session=S1 "secret=$SECRET" \
			"dial=$NUMBER" "profile_args=$ARGS")
}

# What every call owes: no secret anywhere, the interface as it was, the transcript is a test.
owes() {
	[[ $output$stderr != *wonder* && $stderr != *topsecret* ]] || return 1
	run ! grep -aE 'wonder|topsecret|enable-77|so-long-that|into-a-line' t
	until_true 5 test -e ios.log
	[ ! -s ios.log ] || { cat ios.log >&2; return 1; }
	sp-dial --profile "$SP_TOP/share/profiles/ios.profile" --replay t >replayed || { cat replayed >&2; return 1; }
}

@test "a call: alias, line and speed are in the record; afterwards nothing is configured" {
	ios IOS_CALL=slow
	dial --progress 9 -- sh -c 'echo $SP_ALIAS $SP_LINE $SP_SPEED $SP_STATE' 9>progress
	[ "$status" = 0 ]; [ "$output" = "10.200.1.1 Async1 33600 connected" ]; [ -z "$stderr" ]
	[ "$(field state <progress | tr '\n' ' ')" = "acknowledged dialing connected up " ]
	owes
}

@test "echoes wrapped, scrolled, drawn again; paged output; a login by name: the same call" {
	local n
	for n in wrap scroll margin pages; do
		ios IOS_NOISE=$n IOS_AAA=yes
		dial -- true
		[ "$status" = 0 ] || { echo "$n: $stderr"; return 1; }
		owes
		[ "$n" != pages ] || grep -q -- '--More--' t
	done
}

@test "calls that fail: the word, step 325 or 326, a reason; the interface is left as it was" {
	ios IOS_CALL=failed
	dial
	[ "$status" = 6 ]; [ "$(field step <<<"$output")" = 325 ]; [ "$(field reason <<<"$output")" = no-carrier ]
	owes
	ios IOS_CALL=dropped
	dial
	[ "$status" = 6 ]; [ "$(field step <<<"$output")" = 325 ]; [ "$(field reason <<<"$output")" = negotiation ]
	owes
	ios
	ARGS=${ARGS/Async1/Async9} dial
	[ "$status" = 6 ]; [ "$(field step <<<"$output")" = 324 ]; [[ $output == *"the router says: Invalid input detected"* ]]
	owes
	NUMBER=nowhere dial
	[ "$status" = 6 ]; [ "$(field step <<<"$output")" = 324 ]; [[ $output == *"Invalid input"* ]]
	owes
	ARGS=interface=Async1 dial
	[ "$status" = 7 ]; [ "$(field step <<<"$output")" = 315 ]; [[ $output == *"the profile needs alias=, which the record has not"* ]]
	ARGS=Async1 dial
	[ "$status" = 7 ]; [[ $output == *"profile_args= is no list of KEY=VALUE"* ]]
}

@test "a line that goes down while it is held: lost-carrier, and the record again with error=" {
	ios IOS_CALL=lost
	sed 's/^state up step 326 timeout 10/state up step 326 timeout 0.2/' "$SP_TOP/share/profiles/ios.profile" >ios.profile
	dial --profile ios.profile
	[ "$status" = 6 ]; [ "$(wc -l <<<"$output")" = 2 ]; [ "$(field step <<<"$output")" = 326 ]; [ "$(field reason <<<"$output")" = lost-carrier ]
	[ ! -s ios.log ]
}

@test "refused: a wrong password 320, a wrong secret for enable 322, none 322" {
	printf 'wrong\n' >password
	ios
	dial
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 320 ]; [[ $output == *"asks again"* ]]
	ios IOS_AAA=yes
	dial
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 320 ]; [[ $output == *"Authentication failed"* ]]
	printf 'wonder\n' >password
	printf 'no\n' >enable
	dial
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 322 ]; [[ $output == *"Bad secrets"* ]]
	run --separate-stderr sp-dial --password-file password <<<"$(rec user=alice profile=ios router_address=127.0.0.1 "router_port=$PORT" dial=1 \
		"profile_args=interface=Async1 alias=10.200.1.1 ping=192.0.2.1")"
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 322 ]; [[ $output == *"no secret for enable"* ]]
	dial --secret other=enable
	[ "$status" = 2 ]; [[ $output == *"--secret other=enable: not KEY=FILE with a KEY that the profile marks"* ]]
	chmod 644 enable
	dial
	[ "$status" = 2 ]; [[ $output == *"enable: others than its owner can read it"* ]]
}

@test "closed at any prompt: peer with the step of that place, nothing is left" {
	local at
	ios_at() { ios "IOS_END=$1"; dial; }
	for at in exec:1=317 exec:2=324 exec:3=324 config:1=324 config-if:1=324 config-if:3=324 exec:5=324 exec:6=325; do
		ios_at "${at%=*}"
		[ "$status" = 6 ] || [ "$status" = 4 ] || { echo "$at: $status $output"; return 1; }
		[[ $output == *"closed the session"* ]] || { echo "$at: $output"; return 1; }
		[ "$(field step <<<"$output")" = "${at#*=}" ] || { echo "$at: $output"; return 1; }
		run ! grep -a wonder t
	done
}

frr() { # a terminal of FRR in a namespace of its own, and a way to it from here
	NS=spfrr$$
	ip netns add "$NS" && ip -n "$NS" link set lo up
	mkdir frr
	printf 'hostname router1\npassword %s\nenable password %s\n' wonder enable-77 >frr/ripd.conf
	chown -R frr:frr frr && chmod 755 "$T" frr
	ip netns exec "$NS" /usr/lib/frr/ripd -f "$T/frr/ripd.conf" -i "$T/frr/pid" -A 127.0.0.1 -P 2602 -z "$T/frr/zserv" --vty_socket "$T/frr" >frr.log 2>&1 3>&- &
	PIDS+=($!)
	until_true 10 ip netns exec "$NS" socat /dev/null tcp:127.0.0.1:2602
	: >socat.log
	socat -d -d tcp-listen:0,bind=127.0.0.1,fork,reuseaddr "exec:ip netns exec $NS bash $T/way.sh" 2>socat.log 3>&- &
	PIDS+=($!)
	until_true 5 listens
	PORT=$(sed -n 's/.*listening on.*:\([0-9]*\)$/\1/p' socat.log)
	cp "$SP_TOP/share/profiles/ios.profile" .
}

@test "FRR's terminal: login, enable, what is no command there" {
	echo 'exec socat - tcp:127.0.0.1:2602' >way.sh
	frr
	dial --profile ios.profile
	[ "$status" = 6 ]; [ "$(field step <<<"$output")" = 324 ]; [[ $output == *"Unknown command: show dialer interface Async1"* ]]
	[ "$(field word <t)" = granted ]
	printf 'wrong\n' >enable
	dial --profile ios.profile
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 322 ]
	printf 'wrong\n' >password
	dial --profile ios.profile
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 320 ]
}

@test "FRR's terminal: pages of 8 lines are turned, configuration mode is entered and left, in single bytes too" {
	# FRR pages when it knows a height, and sp-dial tells it none: here somebody else tells it 80 by 24
	cat >way.sh <<-'EOF'
		{ printf '\377\373\037\377\372\037\0\120\0\030\377\360'; cat; } | socat - tcp:127.0.0.1:2602 |
			perl -e '$| = 1; while (sysread STDIN, $b, 4096) { $b =~ s/\xff\xfd\x1f//; print $_ for split //, $b }'
	EOF
	frr
	sed -i 's/"terminal length 0"/"terminal length 8"/; s/"terminal width 0"/"show running-config"/; s/"show dialer interface %{interface}" -> free/"configure terminal" -> configure/
		s/"dialer string %{dial}"/"description %{dial}"/; s/"ppp chap hostname.*" -> name/"description %{secret}" -> secret/
		s/"ping .*" -> ping/"show running-config" -> ping/; s/"show dialer interface %{interface}" -> look/"write terminal" -> linked/; s/"clear interface %{interface}"/"show version"/' ios.profile
	dial --profile ios.profile -- sh -c 'echo $SP_ALIAS'
	[ "$status" = 0 ]; [ "$output" = 10.200.1.1 ]
	[ "$(grep -c 'dir=out.text= $' t)" -ge 2 ]
	run ! grep -aE 'wonder|topsecret|enable-77|so-long-that' t
	sp-dial --profile ios.profile --replay t
}
