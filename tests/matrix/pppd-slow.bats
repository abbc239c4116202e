#!/usr/bin/env bats
# A line of 115200 bit/s, nothing said: both ends compress headers and packets by themselves, and TCP's
# timestamps are no hindrance.
load ../bats/common
load ../bats/pppd

SPEED=115200

compressed() { # GUEST
	up
	rig_waits 'sent \[CCP ConfAck .*<deflate 15>'
	rig_waits 'rcvd \[CCP ConfAck .*<deflate 15>'
	rig_said 'sent \[IPCP ConfAck .*<compress VJ 0f 01>'
	rig_said 'rcvd \[IPCP ConfAck .*<compress VJ 0f 01>'
	text "$1"
	hang_up
	ended 0
	never rig_said 'CCP ResetReq'
	rig_waits '^@exit 16'
}

@test "pppd calls sp-ras" {
	ras
	as_client chap
	compressed 192.0.2.2
	grep -q 'speed=115200	state=up' ours.out
}

@test "we call pppd" {
	as_server chap
	caller
	compressed 10.77.0.1
	halved in
	halved out
}
