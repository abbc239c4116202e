#!/usr/bin/env bats
# Debian's pppd is killed in the middle of a call: a representative part. All of it: tests/matrix.
load common
load pppd
load pppd-lost

@test "pppd has called sp-ras, is killed and started again on the same line: the link is negotiated anew" {
	role client
	rejoined
}
