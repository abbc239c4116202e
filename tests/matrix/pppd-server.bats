#!/usr/bin/env bats
# We call pppd: each method, each set of control characters, each size, right and wrong.
load ../bats/common
load ../bats/pppd

all() { # METHOD ACCM: every MRU, both directions
	local mru
	for mru in 296 576 1500; do
		as_server "$1" asyncmap "$2" mru "$mru" mtu "$mru"
		caller --accm "$2" --mru "$mru"
		up
		grep -q "local=10.77.0.2	peer=10.77.0.1	mtu=$mru" out
		rig_said "@up local=10.77.0.1 remote=10.77.0.2 mtu=$mru"
		rig_said "rcvd \[LCP ConfReq .*asyncmap 0x0*$2>"
		traffic 10.77.0.1
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
	as_server "$1"
	caller
	wait_ours 4
	grep -q "event=authenticating	method=$1" out
	grep -q event=failed out
	[ -z "$(ip -n "$NS" -o link show type tun)" ]
	rig_waits '^@exit'
}

@test "CHAP, a wrong secret" { wrong chap; }
@test "PAP, a wrong secret" { wrong pap; }

@test "a caller that may not use PAP does not" {
	as_server pap
	caller --auth chap
	wait_ours 4
	grep -q reason=auth-method out
	if rig_said 'rcvd \[PAP AuthReq'; then return 1; fi
}

@test "a caller without a name rejects being asked" {
	as_server chap
	ip netns exec "$NS" "$BUILD/tests/tool/ppp-call" --line "unix:$LINE" >out 2>err 3>&- &
	OURS=$!
	PIDS+=("$OURS")
	rig_waits 'rcvd \[LCP ConfRej .*auth chap'
	rig_waits '^@exit'
}
