#!/usr/bin/env bats
# A bit of 100000 is wrong, both ways, with headers and packets compressed: what does not depend on the
# one before it comes through, and nothing but the compression is agreed on twice.
load ../bats/common
load matrix

through() { # ROLE
	local number
	role "$1"
	no_timestamps
	calls chap "--deflate yes --mru 296" mru 296 mtu 296
	up
	rig_waits 'sent \[CCP ConfAck .*<deflate 15>'
	rig_waits 'rcvd \[CCP ConfAck .*<deflate 15>'
	for number in 5550100 5550142; do order op=fault "number=$number" fault=errors rate=1e-5 | grep -q done=1; done
	text "$GUEST" # with what was lost sent again
	for number in 5550100 5550142; do order op=fault "number=$number" fault=none | grep -q done=1; done
	rig_said 'CCP ResetReq' # there were some
	[ "$(rig_log | grep -ac 'sent .LCP ConfAck')" = 1 ]
	[ "$(rig_log | grep -ac 'sent .IPCP ConfAck')" = 1 ]
	over
}

@test "pppd calls sp-ras" { through client; }
@test "we call pppd" { through server; }
