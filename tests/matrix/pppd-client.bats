#!/usr/bin/env bats
# pppd calls sp-ras: each method, each set of control characters, each size, right and wrong.
load ../bats/common
load ../bats/pppd

all() { # METHOD ACCM: every MRU, both directions
	local mru
	for mru in 296 576 1500; do
		as_client "$1" asyncmap "$2" mru "$mru" mtu "$mru"
		ras --auth "$1" --accm "$2" --mru "$mru"
		up
		rig_said "@up local=192.0.2.2 remote=192.0.2.1 mtu=$mru"
		rig_said "sent \[LCP ConfReq .*asyncmap 0x0*$2>" || [ "$2" = ffffffff ] # the default is not sent
		rig_said "rcvd \[LCP ConfReq .*asyncmap 0x0*$2>"
		ip -n "$NS" link show ras0 | grep -q "mtu $mru"
		traffic 192.0.2.2
		kill "$OURS"
		wait_ours 0
		rig_hangup
	done
}

@test "CHAP, no control characters escaped" { all chap 0; }
@test "CHAP, XON and XOFF escaped" { all chap a0000; }
@test "CHAP, all escaped" { all chap ffffffff; }
@test "PAP, no control characters escaped" { all pap 0; }
@test "PAP, XON and XOFF escaped" { all pap a0000; }
@test "PAP, all escaped" { all pap ffffffff; }

wrong() { # METHOD
	rig_secret alice%router1 wrong
	as_client "$1"
	ras --auth "$1"
	wait_ours 4
	grep -q 'error=denied	step=333' out
	rig_waits '@exit 19'
	[ -z "$(ip -n "$NS" -o link show type tun)" ]
}

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

@test "a user that may not: refused, though the secret is right" {
	as_client chap
	ras --deny-user alice
	wait_ours 4
	grep -q 'detail=user is denied' out
	rig_waits '@exit 19'
}
