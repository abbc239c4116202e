#!/usr/bin/env bats
# We call pppd: each method, each set of control characters, each size, right and wrong.
load ../bats/common
load matrix

GUEST=10.77.0.1
call_each() { # METHOD ACCM MRU
	as_server "$1" asyncmap "$2" mru "$3" mtu "$3"
	caller --accm "$2" --mru "$3"
}
agreed() { # ACCM MRU
	grep -q "local=10.77.0.2	peer=10.77.0.1	mtu=$2" out
	rig_said "@up local=10.77.0.1 remote=10.77.0.2 mtu=$2"
}
call_wrong() { # METHOD
	as_server "$1"
	caller
}
refused() { # METHOD
	grep -q "event=authenticating	method=${1/-/}" out
	grep -q event=failed out
	rig_waits '^@exit'
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

@test "a caller that may not use PAP does not" {
	as_server pap
	caller --auth chap
	wait_ours 4
	grep -q reason=auth-method out
	if rig_said 'rcvd \[PAP AuthReq'; then return 1; fi
}

@test "a caller that may use MS-CHAPv2 only is asked for CHAP: proposes it, and ends" {
	as_server chap
	caller --auth mschapv2
	wait_ours 4
	rig_said 'rcvd \[LCP ConfNak .*auth chap MS-v2'
	grep -q reason=auth-method out
}

@test "a caller without a name rejects being asked" {
	as_server chap
	ip netns exec "$NS" "$BUILD/tests/tool/ppp-call" --line "unix:$LINE" >out 2>err 3>&- &
	OURS=$!
	PIDS+=("$OURS")
	rig_waits 'rcvd \[LCP ConfRej .*auth chap'
	rig_waits '^@exit'
}
