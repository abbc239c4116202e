#!/usr/bin/env bats
# pppd calls sp-ras: each method, each set of control characters, each size, right and wrong.
load ../bats/common
load matrix

GUEST=192.0.2.2
call_each() { # METHOD ACCM MRU
	as_client "$1" asyncmap "$2" mru "$3" mtu "$3"
	ras --auth "${1/-/}" --accm "$2" --mru "$3"
}
agreed() { # ACCM MRU
	rig_said "@up local=192.0.2.2 remote=192.0.2.1 mtu=$2"
	rig_said "sent \[LCP ConfReq .*asyncmap 0x0*$1>" || [ "$1" = ffffffff ] # the default is not sent
	ip -n "$NS" link show ras0 | grep -q "mtu $2"
}
call_wrong() { # METHOD
	as_client "$1"
	ras --auth "${1/-/}"
}
refused() {
	grep -q 'error=denied	step=333' out
	rig_waits '@exit 19'
}

@test "CHAP, no control characters escaped" { all chap 0; }
@test "CHAP, XON and XOFF escaped" { all chap a0000; }
@test "CHAP, all escaped" { all chap ffffffff; }
@test "PAP, no control characters escaped" { all pap 0; }
@test "PAP, XON and XOFF escaped" { all pap a0000; }
@test "PAP, all escaped" { all pap ffffffff; }
@test "MS-CHAPv2, no control characters escaped" { all mschap-v2 0; }
@test "MS-CHAPv2, XON and XOFF escaped" { all mschap-v2 a0000; }
@test "MS-CHAPv2, all escaped" { all mschap-v2 ffffffff; }
@test "MS-CHAPv2, a wrong secret" { wrong mschap-v2; }
@test "CHAP, a wrong secret" { wrong chap; }
@test "PAP, a wrong secret" { wrong pap; }

@test "PAP is asked, and pppd knows only CHAP: refused" {
	as_client chap
	ras --auth pap
	wait_ours 4
	grep -q 'error=denied	step=333' out
}

@test "CHAP or PAP, and pppd knows only PAP: PAP" {
	as_client pap
	ras --auth both
	up
	rig_said 'sent \[PAP AuthReq'
}

@test "any, and pppd knows only CHAP: CHAP" {
	as_client chap
	ras --auth any
	up
	rig_said 'rcvd \[LCP ConfReq .*auth chap MS-v2'
	rig_said 'sent \[LCP ConfNak .*auth chap MD5'
}

@test "a user that may not: refused, though the secret is right" {
	as_client chap
	ras --deny-user alice
	wait_ours 4
	grep -q 'detail=user is denied' out
	rig_waits '@exit 19'
}
