#!/usr/bin/env bats
# sp-gate gateway --proxy: HTTP CONNECT over TLS 1.3, with the user's certificate and a permit that was shown; who may
# come, where to, and until when. What is malformed: sp-gate-http.bats.
load common
load permit
load gate
load nobody
load proxy
setup_more() { proxy_setup; }
teardown_more() { gate_teardown; }

@test "curl reaches a page of the service processor, by address and by serial number, as nobody" {
	reached "$(proxy_permit)"
	[ "$(page http://10.210.0.7/)" = '<p>4711</p>' ]
	[ "$(page http://4711.sp/)" = '<p>4711</p>' ]
	never W ip route get 10.210.0.7 2>/dev/null # and there is no other way
	grep -q "event=connected.*session=0123456789abcdef.*from=10.61.0.5.*user=alice.*to=4711.sp:80" gw.log
	[ "$(field proxy <gw.out)" = 10.61.0.35:4306 ]
	[ "$(field inside <<<"$(grep tunnel=open gw.out)")" = 10.210.0.7 ]
}

@test "megabytes arrive whole, both ways at once, over a link of small packets" {
	ip -n "$NS-p" link set ras0 mtu 576; ip -n "$NS-g" link set call0 mtu 576
	reached "$(proxy_permit)"
	head -c 5000000 /dev/urandom >www/sent
	P socat -u TCP-LISTEN:7,reuseaddr CREATE:taken 3>&- 8>&- 9>&- & PIDS+=($!)
	P socat -U TCP-LISTEN:9,reuseaddr OPEN:www/sent 3>&- 8>&- 9>&- & PIDS+=($!)
	say 1 op=permit id=2 permit="$(proxy_permit sequence=2 ports=tcp/7,tcp/9)"
	until_true 5 grep -q "id=2.*done=1" heard.1
	until_true 5 gives 2 P sh -c "ss -Hltn '( sport = 7 or sport = 9 )' | wc -l"
	through 10.210.0.7:7 <www/sent >/dev/null & local up=$!
	mkfifo quiet; exec {QUIET}<>quiet
	through 10.210.0.7:9 <quiet >got
	cmp got www/sent
	wait $up
	cmp taken www/sent
}

@test "nobody else, nowhere else: another user, another port, another host, before the permit and before the system" {
	local text; text=$(proxy_permit ports=tcp/80,udp/81)
	proxied_gateway; web
	[ "$(status_of http://10.210.0.7/)" = 403 ] # no permit was shown
	shown 1 "$text"
	[[ $(<heard.1) == *"id=1"*"state=shown"* ]]
	[ "$(status_of http://10.210.0.7/)" = 503 ] # the system is not there
	WORKSTATION=10.70.0.1 processor "$text"
	until_true 15 grep -q state=open heard.1
	ip -n "$NS-p" route add 10.70.0.1 dev "$(field interface <client.out)" src 10.210.0.7
	page_at p 81
	[ "$(status_of http://10.210.0.7:80/)" = 200 ]
	[ "$(status_of http://10.210.0.7:81/)" = 403 ]
	[ "$(status_of http://10.210.0.8/)" = 403 ]
	[ "$(status_of http://10.50.0.35:22/)" = 403 ]
	[ "$(WHO=bob status_of http://10.210.0.7/)" = 403 ]
	[ "$(grep -c "event=refused.*to=.*detail=the permit does not open that port" gw.log)" = 1 ]
	[ "$(grep -c "event=refused.*user=bob.*detail=no permit of yours" gw.log)" = 1 ]
}

@test "who has no certificate, one of another role, one that is revoked, or TLS 1.2, does not get so far" {
	proxied_gateway
	never anybody curl -s -m 10 -p --proxy https://10.61.0.35:4306 --proxy-cacert ca.crt http://10.210.0.7/
	never anybody curl -s -m 10 -p --proxy https://10.61.0.35:4306 --proxy-cacert ca.crt --proxy-cert router.crt --proxy-key router.key http://10.210.0.7/
	never W openssl s_client -tls1_2 -connect 10.61.0.35:4306 -CAfile ca.crt -cert alice.crt -key alice.key </dev/null >tls12 2>&1
	grep -q "alert protocol version" tls12
	[ "$(status_of http://10.210.0.7/)" = 403 ]
	sp-ca revoke --dir pki alice >/dev/null; cp pki/ca.crl ca.crl.new; mv ca.crl.new ca.crl
	[ "$(status_of http://10.210.0.7/)" = 000 ]
	until_true 5 grep -q "event=refused.*revoked" gw.log
}

@test "with the channel that showed the permit all that goes by it ends" {
	reached "$(proxy_permit ports=tcp/7,tcp/80)"
	held_open
	kill "$CHANNEL"
	until_true 5 gone "$OPEN"
	until_true 5 gone "$CLIENT"
	until_true 5 grep -q tunnel=ended gw.out
	[ "$(status_of http://10.210.0.7/)" = 403 ]
	grep -q "event=disconnected.*detail=the session has ended" gw.log
}

@test "with the permit's end, too, unless there is a later one" {
	reached "$(proxy_permit ports=tcp/7,tcp/80 connect_by=3 until=6)"
	held_open
	say 1 op=permit id=2 permit="$(proxy_permit sequence=2 ports=tcp/7,tcp/80 connect_by=5 until=9)"
	until_true 5 grep -q "id=2.*done=1" heard.1
	rest 5500
	[ "$(page http://10.210.0.7/)" = '<p>4711</p>' ]
	kill -0 "$OPEN"
	until_true 10 gone "$OPEN"
	[ "$(status_of http://10.210.0.7/)" = 403 ]
}

@test "with the user's certificate, when it is revoked: his connection, and then all that is shown by it" {
	sp-ca issue --dir pki --role user --user alice --out second >second.rec; his second.key # the same user's, from another day
	reached "$(proxy_permit ports=tcp/7,tcp/80)"
	WHO=second held_open
	sp-ca revoke --dir pki "$(field id <second.rec)" >/dev/null; cp pki/ca.crl ca.crl.new; mv ca.crl.new ca.crl
	until_true 5 gone "$OPEN"
	grep -q "event=let-go.*user=alice" gw.log
	[ "$(page http://10.210.0.7/)" = '<p>4711</p>' ]
	sp-ca revoke --dir pki alice >/dev/null; cp pki/ca.crl ca.crl.new; mv ca.crl.new ca.crl
	until_true 5 gone "$CHANNEL"
	until_true 5 gone "$CLIENT"
}

@test "with the system's tunnel: the channel says so" {
	reached "$(proxy_permit ports=tcp/7,tcp/80)"
	held_open
	kill "$CLIENT"
	until_true 25 gone "$OPEN"
	until_true 5 grep -q "error=peer.*tunnel-down\|error=peer.*ended" heard.1
}
