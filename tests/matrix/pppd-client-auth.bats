#!/usr/bin/env bats
# pppd calls sp-ras: the method that both can is found, and who may not does not come in.
load ../bats/common
load matrix
role client

@test "PAP is asked, and pppd knows only CHAP: refused" {
	ras --auth pap
	as_client chap
	ended 4
	grep -q 'error=denied	step=333' ours.out
}

@test "CHAP or PAP, and pppd knows only PAP: PAP" {
	ras --auth both
	as_client pap
	up
	rig_said 'sent \[PAP AuthReq'
}

@test "any, and pppd knows only CHAP: CHAP" {
	ras --auth any
	as_client chap
	up
	rig_said 'rcvd \[LCP ConfReq .*auth chap MS-v2'
	rig_said 'sent \[LCP ConfNak .*auth chap MD5'
}

@test "a user that may not: refused, though the secret is right" {
	ras --deny-user alice
	as_client chap
	ended 4
	grep -q 'detail=user is denied' ours.out
	rig_waits '@exit 19'
}
