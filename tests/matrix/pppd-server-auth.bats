#!/usr/bin/env bats
# We call pppd: the method that both can is found, and none is used that may not be.
load ../bats/common
load matrix
role server

@test "a caller that may not use PAP does not" {
	as_server pap
	caller --auth chap
	ended 4
	grep -q reason=auth-method ours.out
	never rig_said 'rcvd \[PAP AuthReq'
}

@test "a caller that may use MS-CHAPv2 only is asked for CHAP: proposes it, and ends" {
	as_server chap
	caller --auth mschapv2
	ended 4
	rig_said 'rcvd \[LCP ConfNak .*auth chap MS-v2'
	grep -q reason=auth-method ours.out
}

@test "a caller without a secret rejects being asked" {
	as_server chap
	rm secret
	caller
	rig_waits 'rcvd \[LCP ConfRej .*auth chap'
	rig_waits '^@exit'
}

@test "EAP, which we do not speak: the caller ends" {
	as_server eap
	caller
	ended 4
	rig_said 'sent \[LCP ConfReq .*auth eap'
	grep -q reason=auth-method ours.out
}
