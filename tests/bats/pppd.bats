#!/usr/bin/env bats
# Against Debian's own pppd, in both roles: a representative part. All of it: tests/matrix.
load common
load pppd

@test "pppd calls sp-ras: CHAP, the right secret, packets both ways" {
	as_client chap
	ras
	up
	grep -q "address=192.0.2.1	peer_address=192.0.2.2	user=alice	router=router1" out
	rig_said '@up local=192.0.2.2 remote=192.0.2.1 mtu=1500'
	traffic 192.0.2.2
	kill "$OURS"
	wait_ours 0
	rig_waits '^@exit'
	rig_said 'rcvd \[LCP TermReq'
	rig_said 'rcvd \[LCP ProtRej' # it proposed compression
}

@test "pppd calls sp-ras: CHAP, a wrong secret" {
	rig_secret alice%router1 wrong
	as_client chap
	ras
	wait_ours 4
	grep -q 'error=denied	step=333	detail=wrong name or secret' out
	rig_waits '@exit 19'
	rig_said 'CHAP authentication failed'
}

@test "we call pppd: PAP, the right secret, packets both ways" {
	as_server pap
	caller
	up
	grep -q 'local=10.77.0.2	peer=10.77.0.1' out
	traffic 10.77.0.1
	kill "$OURS"
	wait_ours 0
}

@test "we call pppd: a wrong secret is refused, CHAP" {
	rig_secret alice%router1 wrong
	as_server chap
	caller
	wait_ours 4
	grep -q event=failed out
	rig_waits '^@exit'
}

@test "pppd calls sp-ras: MS-CHAPv2, the right secret" {
	as_client mschap-v2
	ras --auth mschapv2
	up
	rig_said 'sent \[LCP ConfAck .*auth chap MS-v2'
	rig_said 'rcvd \[CHAP Success .*S=[0-9A-F]{40}'
	traffic 192.0.2.2
}

@test "pppd calls sp-ras: MS-CHAPv2, a wrong secret" {
	rig_secret alice%router1 wrong
	as_client mschap-v2
	ras --auth any
	wait_ours 4
	grep -q 'error=denied	step=333' out
	rig_waits '@exit 19'
	rig_said 'E=691'
}

@test "we call pppd: MS-CHAPv2, a wrong secret is refused with its words" {
	rig_secret alice%router1 wrong
	as_server mschap-v2
	caller
	wait_ours 4
	grep -q 'event=authenticating	method=mschapv2' out
	grep -q 'event=failed	text=Access denied' out
	rig_waits '^@exit'
}

@test "we call pppd: small packets with compressed headers, both ways" {
	no_timestamps
	as_server chap mtu 296
	caller --mru 296
	up
	rig_said 'sent \[IPCP ConfAck .*<compress VJ 0f 01>'
	rig_said 'rcvd \[IPCP ConfAck .*<compress VJ 0f 01>'
	traffic 10.77.0.1
	kill "$OURS"
	wait_ours 0
	shrunk in
	shrunk out
}

@test "we call pppd: deflate, both ways; random bytes, then text" {
	as_server chap
	caller --deflate yes
	up
	rig_waits 'sent \[CCP ConfAck .*<deflate 15>'
	rig_waits 'rcvd \[CCP ConfAck .*<deflate 15>'
	traffic 10.77.0.1
	for _ in 1 2 3 4 5 6 7; do text 10.77.0.1; done
	kill "$OURS"
	wait_ours 0
	never rig_said 'CCP ResetReq'
	halved in
	halved out
}

@test "pppd hangs up: the RAS ends, exit 0" {
	as_client chap
	ras
	up
	rig_say hup
	wait_ours 0
	rig_waits '^@exit'
}
