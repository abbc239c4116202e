#!/usr/bin/env bats
# sp-ras --gateway: packets come from the vendor's gateways alone, and the record has what sp-gate has to know.
load common
load ras
load permit
load ras-permit

behind() { sed 's/--permit-keys/--gateway 10.0.0.35 --permit-keys/' pras >gras; chmod +x gras; }

@test "of a gateway's, of no workstation's and not of the caller's own; the rest is dropped and counted" {
	behind
	(umask 077; permit workstation=10.0.0.5 inside=10.210.0.7 >given)
	answer ./gras
	dial --secret-file given --interface call0
	up
	[ "$(field inside <out) $(field workstation <out) $(field permit <out)" = "10.210.0.7 10.0.0.5 $(cat given)" ]
	ip -n "$NS-c" address add 10.0.0.5/32 dev call0; ip -n "$NS-c" address add 10.0.0.35/32 dev call0
	ip -n "$NS" route add 10.0.0.0/24 dev "$(field interface <out)"
	reaches() { ip netns exec "$NS-c" ping -c 1 -W "${2:-5}" -I "$1" 192.0.2.1; }
	reaches 10.0.0.35
	never reaches 10.0.0.5 1
	never reaches 192.0.2.2 1
	kill "$CALLER"
	ended
	grep -q 'event=packet dropped.*it is not from a gateway' log
	grep -q 'event=ended.*dropped=2' log
}

@test "a later permit goes along, with what it opens" {
	behind
	try ./gras "$(permit inside=10.210.0.7 ports=tcp/22,tcp/80)"
	up
	[ "$(field ports <out)" = tcp/22,tcp/80 ]
	permit sequence=2 inside=10.210.0.7 ports=tcp/22 >given
	kill -USR1 "$CALLER"
	until_true 10 has_lines 2 out
	[ "$(field ports <out | tail -n 1) $(field permit <out | tail -n 1)" = "tcp/22 $(cat given)" ]
	permit sequence=3 inside=10.210.0.7 >given
	kill -USR1 "$CALLER"
	until_true 10 has_lines 3 out
	[ "$(field ports <out | wc -l)" = 2 ] # the third opens all
}
