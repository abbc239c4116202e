#!/usr/bin/env bats
# We call pppd: either proposes what the other has not, which is rejected, and the link comes up.
load ../bats/common
load matrix
role server

REJ='\[LCP ProtRej id=0x[0-9a-f]*' # and what protocol
@test "IPv6, which we reject" { without "+ipv6" "" 'sent .IPV6CP ConfReq' "rcvd $REJ 80 57"; }
@test "BSD compression, which we reject" { without "nodeflate bsdcomp 12" "--deflate yes" 'rcvd .CCP ConfRej .*<bsd'; }
@test "compression, where we want none" { without "" "--deflate no" 'sent .CCP ConfReq' "rcvd $REJ 80 fd"; }
@test "several lines for one link, which we reject" { without multilink "" 'rcvd .LCP ConfRej .*<mrru'; }
@test "to be called back, which we reject" { without "callback 5550199" "" 'rcvd .LCP ConfRej .*<callback'; }
@test "no option at all of LCP and IPCP" { without "default-asyncmap nomagic noaccomp nopcomp novj" --no-vj 'sent .LCP ConfReq id=0x1( <auth chap MD5>)?\]'; }
@test "pppd rejects compression as a protocol" { without noccp "--deflate yes" "sent $REJ 80 fd"; }
@test "pppd asks whether we are there" { without "debug lcp-echo-interval 1 lcp-echo-failure 2" "" 'rcvd .LCP EchoRep id=0x3'; }
@test "protocols that nobody has, for control and for packets, which we reject" { unknown 8029deadbeef 0029cafe 4241 c2fb0101000400; }

@test "pppd speaks no IP: both end" {
	calls chap "" noip +ipv6
	ended 6
	rig_said "sent $REJ 80 21"
	rig_waits '^@exit'
}

@test "pppd demands encryption, which we have not: it ends" {
	calls mschap-v2 "" require-mppe
	ended 6
	rig_said "rcvd $REJ 80 fd"
	rig_waits '^@exit'
}
