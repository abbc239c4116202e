#!/usr/bin/env bats
# Against Debian's own pppd, in both roles, by modems of the exchange: a representative part. All of it:
# tests/matrix.
load common
load pppd

@test "pppd calls sp-ras: CHAP, the right secret, packets both ways" {
	ras
	as_client chap
	up
	grep -q "address=192.0.2.1	peer_address=192.0.2.2	user=alice	router=router1	speed=4000000" ours.out
	rig_said '@up local=192.0.2.2 remote=192.0.2.1 mtu=1500'
	traffic 192.0.2.2
	hang_up
	ended 0
	rig_waits '@exit 16' # its modem hung up
	rig_said 'rcvd \[LCP TermReq'
	rig_said 'rcvd \[LCP ProtRej id=0x[0-9a-f]* 80 fd' # it proposed compression
	rig_said 'rcvd \[LCP ProtRej id=0x[0-9a-f]* 80 57' # and IPv6
}

@test "pppd calls sp-ras: CHAP, a wrong secret" {
	rig_secret alice%router1 wrong
	ras
	as_client chap
	ended 4
	grep -q 'error=denied	step=333	detail=wrong name or secret' ours.out
	rig_waits '@exit 19'
	rig_said 'CHAP authentication failed'
}

@test "we call pppd: PAP, the right secret, packets both ways" {
	as_server pap
	caller
	up
	grep -q 'local=10.77.0.2	peer=10.77.0.1' ours.out
	traffic 10.77.0.1
	hang_up
	ended 0
}

@test "we call pppd: a wrong secret is refused, CHAP" {
	rig_secret alice%router1 wrong
	as_server chap
	caller
	ended 4
	grep -q event=failed ours.out
	rig_waits '^@exit'
}

@test "pppd calls sp-ras: MS-CHAPv2, the right secret" {
	ras --auth mschapv2
	as_client mschap-v2
	up
	rig_said 'sent \[LCP ConfAck .*auth chap MS-v2'
	rig_said 'rcvd \[CHAP Success .*S=[0-9A-F]{40}'
	traffic 192.0.2.2
}

@test "pppd calls sp-ras: MS-CHAPv2, a wrong secret" {
	rig_secret alice%router1 wrong
	ras --auth any
	as_client mschap-v2
	ended 4
	grep -q 'error=denied	step=333' ours.out
	rig_waits '@exit 19'
	rig_said 'E=691'
}

@test "we call pppd: MS-CHAPv2, a wrong secret is refused with its words" {
	rig_secret alice%router1 wrong
	as_server mschap-v2
	caller
	ended 4
	grep -q 'event=authenticating	method=mschapv2' ours.out
	grep -q 'event=failed	text=Access denied' ours.out
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
	hang_up
	ended 0
	shrunk in
	shrunk out
}

@test "we call pppd: middling packets, all control characters escaped, and compression, which it rejects" {
	as_server chap noccp asyncmap ffffffff mru 576 mtu 576
	caller --deflate yes --accm ffffffff --mru 576
	up
	rig_said '@up local=10.77.0.1 remote=10.77.0.2 mtu=576'
	rig_said 'rcvd \[LCP ConfReq .*asyncmap 0xffffffff>'
	rig_said 'sent \[LCP ProtRej id=0x[0-9a-f]* 80 fd'
	traffic 10.77.0.1
	hang_up
	ended 0
}

@test "we call pppd on a bare line, which has no speed to keep to: deflate, random bytes, then text" {
	# shellcheck disable=SC2046
	rig_call $(server_by chap)
	caller --line "unix:$LINE" --deflate yes
	up
	rig_waits 'sent \[CCP ConfAck .*<deflate 15>'
	rig_waits 'rcvd \[CCP ConfAck .*<deflate 15>'
	traffic 10.77.0.1
	for _ in 1 2 3 4 5 6 7; do text 10.77.0.1; done
	hang_up
	ended 0
	never rig_said 'CCP ResetReq'
	halved in
	halved out
}

@test "pppd hangs up: the RAS ends, exit 0" {
	ras
	as_client chap
	up
	rig_say hup
	ended 0
	rig_waits '@exit 5'
}
