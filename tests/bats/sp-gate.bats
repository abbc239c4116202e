#!/usr/bin/env bats
# sp-gate: tunnels of workstation and service processor meet at the gateway, for what the permit opens, and no longer.
load common
load permit
load gate
setup_more() { gate_setup; }
teardown_more() { gate_teardown; }

# all PERMIT: every party is there, and the session is open
all() {
	gateway; security_server; web
	workstation 1 "$1"
	processor "$1"
	until_true 10 grep -q event=shown client.log
	raise
	open_up
}

@test "a page through both tunnels, and telnet to the router; nothing plain on the vendor's wires and the link" {
	local text dump; text=$(gate_permit)
	gateway; security_server; web
	ip netns exec "$NS-r" socat TCP-LISTEN:23,reuseaddr,fork SYSTEM:'echo router' 3>&- 8>&- 9>&- & PIDS+=($!)
	ip netns exec "$NS-g" tcpdump --immediate-mode -i any -w all.pcap -U 'not net 127' 2>dump.err 3>&- & dump=$!; PIDS+=("$dump")
	until_true 5 grep -q listening dump.err
	workstation 1 "$text"
	[[ $(<shown.1) == *state=shown* ]]
	until_true 5 W socat -u TCP:10.50.1.38:23,connect-timeout=2 CREATE:telnet
	[ "$(head -n 1 telnet)" = router ] # the first packet raised the tunnel
	processor "$text"
	open_up
	[ "$(W curl -s -m 10 http://10.210.0.7/)" = '<p>4711</p>' ]
	[ "$(field interface <client.out) $(field link <client.out) $(field address <client.out) $(field gateway <client.out)" = "spg0 ras0 10.210.0.7 gw1" ]
	[ "$(field tunnel <gw.out)" = open ]; [ "$(field inside <gw.out)" = 10.210.0.7 ]
	kill "$dump"; until_gone "$dump"
	[ -n "$(tcpdump -r all.pcap -nc 1 'udp port 4340' 2>/dev/null)" ] # it was all seen
	never grep -qa '4711</p>' all.pcap
	[ "$(tcpdump -r all.pcap -n 'tcp and host 10.50.0.31' 2>/dev/null | wc -l)" = 0 ]
	never grep -q permit= client.out
}

# syns NS INTERFACE: begins to write down what begins connections there, in syns.NS
syns() {
	ip netns exec "$NS-$1" tcpdump --immediate-mode -i "$2" -n -U -l 'tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn' >"syns.$1" 2>"syns.$1.err" 3>&- & PIDS+=($!)
	until_true 5 grep -q listening "syns.$1.err"
}
as_many() { [ -s syns.r ] && [ "$(wc -l <syns.w)" = "$(wc -l <syns.r)" ]; }

@test "the packet that raises the tunnel is not lost: it goes through behind the permit" {
	gateway; security_server
	ip netns exec "$NS-r" socat TCP-LISTEN:23,reuseaddr,fork SYSTEM:'echo router' 3>&- 8>&- 9>&- & PIDS+=($!)
	workstation 1 "$(gate_permit)"
	syns w eth0; syns r eth0
	[ "$(W socat -u TCP:10.50.1.38:23,connect-timeout=5 -)" = router ]
	until_true 5 as_many
}

@test "what the permit does not open is dropped: another port, another way, no permit" {
	all "$(gate_permit ports=tcp/80,tcp/90:out)"
	page_at p 81
	[ "$(W curl -s -m 10 http://10.210.0.7/)" = '<p>4711</p>' ]
	never W curl -s -m 1 http://10.210.0.7:81/
	never W ping -q -c 1 -W 1 10.210.0.7
	page_at w 90; page_at w 91
	[ "$(P curl -s -m 10 --interface 10.210.0.7 http://10.60.0.5:90/)" = '<p>4711</p>' ]
	never P curl -s -m 1 --interface 10.210.0.7 http://10.60.0.5:91/
	# another workstation behind the same security server has none
	ip -n "$NS-w" addr add 10.60.0.6/24 dev eth0
	never W curl -s -m 1 --interface 10.60.0.6 http://10.210.0.7/
	[ "$(W curl -s -m 10 http://10.210.0.7/)" = '<p>4711</p>' ]
}

@test "who shows another's permit is refused, and why: user, workstation, system, over, signed by somebody else" {
	gateway; security_server
	workstation 1 "$(gate_permit)" bob
	[[ $(<shown.1) == *"error=denied"*"the permit is for another user"* ]]
	workstation 2 "$(gate_permit workstation=10.60.0.6)"
	[[ $(<shown.2) == *"error=denied"*"the permit is for another workstation"* ]]
	workstation 3 "$(gate_permit issued=-9 connect_by=-5 until=-1)"
	[[ $(<shown.3) == *"error=denied"*"the permit has ended"* ]]
	workstation 4 "$(SIGNER=stranger.key gate_permit)"
	[[ $(<shown.4) == *"error=denied"* ]]
	workstation 5 "$(gate_permit inside=0.0.0.0)"
	[[ $(<shown.5) == *"error=denied"*"no inside address"* ]]
	[ "$(grep -c event=refused sec.log)" = 5 ]
	processor "$(gate_permit serial=4712)"
	refused_client 4 "the permit is for another system"
	grep -q "event=refused.*another system" gw.log
}

# refused_client STATUS TEXT: the client ends so
refused_client() {
	local rc=0
	wait "$CLIENT" || rc=$?
	[ "$rc" = "$1" ] && grep -q "$2" client.err || { cat client.err client.log >&2; echo "status $rc" >&2; return 1; }
	[[ $(<client.out) == *error=* ]]
	[ -z "$(ip -n "$NS-p" -o link show type tun)" ]
}

@test "a gateway of another key or role is not taken, and a certificate that is revoked is let in nowhere" {
	gateway
	GATE="dtls:10.50.0.35:4340?key=$(field pin <gw2.rec)&name=gw1" processor "$(gate_permit)"
	refused_client 4 "the gateway has another key"
	GATE="dtls:10.50.0.35:4340?name=gw2" processor "$(gate_permit)"
	refused_client 4 "name"
	never sp-gate gateway --listen dtls:127.0.0.1:0 --cert router.crt --key router.key --ca ca.crt --permit-keys permit.pub 2>role.err
	grep -q role role.err
	sp-ca revoke --dir pki 4711 >/dev/null; cp pki/ca.crl ca.crl.new; mv ca.crl.new ca.crl
	processor "$(gate_permit)"
	refused_client 4 ""
	grep -q 'event=refused.*revoked' gw.log
}

@test "who is not let in is in the log with his certificate's name, and comes later and later" {
	gateway; security_server
	local i from
	knock() { timeout 20 ip netns exec "$NS-$1" openssl s_client "${@:2}" -cert router.crt -key router.key </dev/null >said 2>&1 || :; grep -q alert said; }
	from=$(now_ms)
	for i in 1 2 3 4 5; do knock w -connect 10.60.0.31:4305 -ign_eof; done
	[ $(($(now_ms) - from)) -ge 750 ] # a quarter of a second, and half of one
	until_true 5 gives 5 grep -c 'step=336.event=refused.from=10.60.0.5.role=router.name=router1.certificate_id=.*detail=the role' sec.log
	workstation 1 "$(gate_permit)"
	[[ $(<shown.1) == *state=shown* ]]
	for i in 1 2 3 4 5 6; do from=$(now_ms); knock s -dtls1_2 -connect 10.50.0.35:4340; done
	[ $(($(now_ms) - from)) -ge 1000 ]
	until_true 5 gives 6 grep -c 'step=336.event=refused.from=10.50.0.31.role=router.name=router1.certificate_id=.*detail=the role' gw.log
}

@test "when the workstation goes, all of it is over: the gateway says so, the client ends, nothing is left" {
	all "$(gate_permit)"
	kill "$SHOWS"
	until_true 5 gone "$CLIENT"
	until_true 5 grep -q tunnel=ended gw.out
	[ -z "$(ip -n "$NS-p" -o link show type tun)" ]
	never W curl -s -m 1 http://10.210.0.7/
	grep -q 'event=ended' gw.log
}

@test "a client that is killed leaves no device, and the gateway ends the session" {
	all "$(gate_permit)"
	kill -9 "$CLIENT"
	until_true 5 test -z "$(ip -n "$NS-p" -o link show type tun)"
	until_true 30 grep -q tunnel=ended gw.out
	until_true 5 grep -q error= shown.1
}

@test "another gateway takes over, with the same inside address" {
	local text first second; text=$(gate_permit)
	gateway; first=$GATEWAY
	server gw2 ip netns exec "$NS-g" sp-gate gateway --listen dtls:10.50.0.35:4342 --cert gw2.crt --key gw2.key --ca ca.crt --crl ca.crl \
		--permit-keys permit.pub --log gw2.log
	second="dtls:10.50.0.35:4342?key=$(field pin <gw2.rec)&name=gw2"
	security_server --gateway "$second" --timeout 3; web
	workstation 1 "$text"
	GATE="$(at_gw)" processor "$text" -- --gateway "$second" --timeout 6
	raise; open_up
	kill "$first"; until_gone "$first"
	until_true 20 grep -q tunnel=open gw2.out
	until_true 10 W curl -s -m 2 http://10.210.0.7/
	[ "$(W curl -s -m 10 http://10.210.0.7/)" = '<p>4711</p>' ]
	[ "$(wc -l <client.out)" = 1 ] # who waits behind it has noticed nothing
}

@test "a later permit puts the end off; without one it comes" {
	all "$(gate_permit connect_by=3 until=4)"
	rec op=permit id=2 permit="$(gate_permit sequence=2 until=600)" >&"$TO"
	until_true 5 grep -q id=2.*done=1 shown.1
	until_true 5 grep -q event=renewed gw.log
	rest 4500
	[ "$(W curl -s -m 10 http://10.210.0.7/)" = '<p>4711</p>' ]
}

@test "no record, a record without a permit, a role that is none: as sp(7) says" {
	local rc=0
	sp-gate client --cert 4711.crt --key 4711.key --ca ca.crt --gateway "$(at_gw)" </dev/null || rc=$?
	[ "$rc" = 1 ]
	rec interface=ras0 address=192.0.2.1 session=ab inside=10.210.0.7 workstation=10.60.0.5 >in; rc=0
	sp-gate client --cert 4711.crt --key 4711.key --ca ca.crt --gateway "$(at_gw)" <in >out 2>err || rc=$?
	[ "$rc" = 7 ]; grep -q 'no permit=' err; grep -q error=record out
	for words in "" neither "gateway server"; do
		rc=0; sp-gate $words 2>err || rc=$?
		[ "$rc" = 2 ]
	done
	rc=0; sp-gate client --cert 4711.crt --key 4711.key --ca ca.crt --gateway tls:10.50.0.35:1 </dev/null 2>err || rc=$?
	[ "$rc" = 2 ]; grep -q dtls: err
}
