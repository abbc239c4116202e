#!/usr/bin/env bats
# One call, from the first question to the last trace: sp-ras against the engine as a caller.
load common
load ras

@test "the right secret: address, TUN device, record, log, packets" {
	answer ./ras --interface ras7
	dial --interface c7
	up
	[ "$(cat out)" = "$(rec interface=ras7 address=192.0.2.1 peer_address=192.0.2.2 user=alice router=router1 state=up hold=ras)" ]
	[ "$(steps)" = "329 331 332 333 335 " ]
	grep -q 'event=up	interface=c7	local=192.0.2.2	peer=192.0.2.1	mtu=1500' call
	ip -n "$NS" addr show ras7 | grep -q 'inet 192.0.2.1 peer 192.0.2.2/32'
	ip netns exec "$NS-c" ping -q -c 3 -i 0.05 -W 2 -s 1400 192.0.2.1
	kill "$CALLER"
	ended
	status_is 0
	no_tun
}

@test "PAP as well, when told so; sizes and control characters as asked" {
	answer ./ras --auth pap --mru 296 --accm a0000
	dial --mru 576
	up
	grep -q 'method=pap' call
	grep -q 'mtu=296' call
	ip -n "$NS" link show ras0 | grep -q 'mtu 576'
}

refused() { # WHY: both sides know that it was, only ours knows why
	ended
	status_is 4
	[ "$(cat out)" = "$(rec error=denied step=333 "detail=$1")" ]
	[[ "$(cat err)" == *"step 333: $1"* ]]
	grep -q 'event=failed	text=refused' call
	grep -q 'reason=refused' call
	refute grep -q event=up call
	no_tun
	[[ "$(steps)" == *"333 " ]]
	refute grep -qE 'step=(332|335)' log
}

@test "a wrong secret is refused: CHAP" {
	answer; dial --secret-file wrong
	refused "wrong name or secret"
	refute grep -q step=331 log
}

@test "a wrong secret is refused: PAP" {
	answer ./ras --auth pap; dial --secret-file wrong
	refused "wrong name or secret"
}

@test "MS-CHAPv2: the right secret, a wrong one, the right one of a denied user" {
	answer ./ras --auth mschapv2; dial --auth any
	up
	grep -q 'event=authenticating	method=mschapv2' call
	kill "$CALLER"
	ended
	rm -f line status log
	answer ./ras --auth mschapv2; dial --secret-file wrong
	refused "wrong name or secret"
	rm -f line status log
	answer ./ras --auth mschapv2 --deny-user alice; dial
	refused "user is denied"
}

# shellcheck disable=SC2154
@test "MS-CHAPv2 where it cannot be: no legacy provider, a filter, no such method" {
	OPENSSL_MODULES=$T run -8 --separate-stderr sp-ras --line unix:x --address 192.0.2.1 --secret-file secret --auth mschapv2
	[[ "$stderr" == *"no legacy provider"* ]]
	run -2 --separate-stderr sp-ras --line unix:x --address 192.0.2.1 --check cat --auth any
	[[ "$stderr" == *"--check cannot be asked"* ]]
	run -2 --separate-stderr sp-ras --line unix:x --address 192.0.2.1 --secret-file secret --auth chap,eap
	[[ "$stderr" == *"--auth: chap,eap: mschapv2"* ]]
}

@test "the right secret is not enough: denied user, user that is not permitted, unknown router" {
	answer ./ras --deny-user 'ali*'; dial
	refused "user is denied"
	grep -q step=331 log
	rm -f line status log
	answer ./ras --deny-user Bob; dial --name 'X\bob%router1'
	refused "user is denied"
	rm -f line status log
	answer ./ras --user bob --user 'car*'; dial
	refused "user is not permitted"
	rm -f line status log
	answer ./ras --router 'router[2-9]'; dial
	refused "unknown router"
	rm -f line status log
	answer ./ras --router router1; dial --name alice
	refused "unknown router"
}

@test "patterns let in whom they name, DOMAIN\\user too" {
	answer ./ras --router 'router?' --user '*\*' --deny-user 'EMEA\bob'
	dial --name 'EMEA\alice%router1'
	up
	[ "$(field user <out)" = 'EMEA\\alice' ]
	[ "$(field router <out)" = router1 ]
}

@test "a caller that will not say who it is" {
	answer
	run "$BUILD/tests/tool/ppp-call" --line unix:line
	[ "$status" != 0 ]
	ended
	status_is 4
	grep -q 'error=denied	step=333' out
}

@test "a caller that is silent: exit 3 at the deadline" {
	answer ./ras --timeout 1
	socat -u UNIX-CONNECT:line OPEN:/dev/null 3>&- & PIDS+=($!)
	ended
	status_is 3
	[ "$(field error <out) $(field step <out)" = "timeout 329" ]
	no_tun
}

@test "garbage on the line, then its end: exit 6" {
	answer
	head -c 300000 /dev/urandom | socat -u - UNIX-CONNECT:line
	ended
	status_is 6
	[ "$(field error <out) $(field step <out)" = "peer 329" ]
	no_tun
}

# The filter of --check, as small as it can be: it sees PAP's password, or CHAP's three fields.
filter() {
	cat >check <<'EOS'
#!/bin/bash
while IFS= read -r q; do echo "$q" >>asked; echo "${q##*	}	$(cat verdict)"; done
EOS
	chmod +x check
	printf '%s\n' "$1" >verdict
	sed -i 's/--secret-file secret/--check .\/check/' ras
}

@test "--check: a filter decides; it is given what sp-auth takes" {
	filter "decision=accept"
	answer ./ras --auth pap
	dial --name 'EMEA\alice%router1'
	up
	[ "$(cat asked)" = "$(rec user=alice domain=EMEA router=router1 service=ras password=sesame calling=unix line=fd:3 id=1)" ]
	[ "$(steps)" = "329 331 332 333 335 " ]
}

@test "--check with CHAP: challenge and response are given" {
	filter "decision=accept"
	answer; dial; up
	grep -qE 'chap_id=[0-9]+	chap_challenge=[0-9a-f]{48}	chap_response=[0-9a-f]{32}	' asked
	refute grep -q sesame asked
}

@test "--check: a refusal, and no decision at all, let nobody in" {
	filter "error=denied	step=303	detail=wrong name or password"
	answer; dial
	refused "wrong name or password"
	rm -f line status log
	filter "decision=maybe"
	answer; dial
	refused "not accepted"
}

@test "--check: a filter that ends instead of answering: exit 3, not let in" {
	filter "decision=accept"
	printf '#!/bin/sh\nread -r q\n' >check
	answer; dial
	ended
	status_is 3
	[ "$(field error <out) $(field step <out)" = "timeout 333" ]
	no_tun
}
