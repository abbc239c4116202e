#!/usr/bin/env bats
# Debian's pppd is killed in the middle of a call: a representative part. All of it: tests/matrix.
load common
load pppd
load pppd-lost

@test "we have called pppd, which is killed, and its modem hangs up" {
	role server
	lost pppd_killed_and_port 6
}
@test "pppd has called sp-ras, is killed and started again on the same line: the link is negotiated anew" {
	role client
	rejoined
}
@test "we have called pppd, which is killed and started again on the same line: the link is negotiated anew" {
	role server
	rejoined
}
