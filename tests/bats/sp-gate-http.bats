#!/usr/bin/env bats
# sp-gate gateway --proxy: what is no good request, a system that does not answer, addresses, routers; and that nothing gets
# from the service processor to the gateway or the workstation.
load common
load permit
load gate
load nobody
load proxy
setup_more() { proxy_setup; }
teardown_more() { gate_teardown; }

# raw: what the proxy answers to these bytes
raw() { W timeout 30 openssl s_client -quiet -connect 10.61.0.35:4306 -CAfile ca.crt -cert alice.crt -key alice.key 2>raw.err | tr -d '\r'; }
first_line() { printf "$1" | raw | head -n 1; }
host='Host: 10.210.0.7:80\r\n'

@test "what is no CONNECT is answered as RFC 9110 and 9112 have it; what is no HTTP is hung up on" {
	local long; long=$(head -c 9000 /dev/zero | tr '\0' x)
	proxied_gateway
	[[ $(first_line "GET http://10.210.0.7/ HTTP/1.1\r\n$host\r\n") == "HTTP/1.1 501 "* ]]
	[[ $(first_line "CONNECT 10.210.0.7:80 HTTP/1.1\r\n\r\n") == "HTTP/1.1 400 "*"one Host" ]]
	[[ $(first_line "CONNECT 10.210.0.7:80 HTTP/1.1\n\n") == "HTTP/1.1 400 "* ]]
	[[ $(first_line "CONNECT 10.210.0.7 HTTP/1.1\r\n$host\r\n") == "HTTP/1.1 400 "* ]]
	[[ $(first_line "CONNECT 10.210.0.7:80 HTTP/2.0\r\n$host\r\n") == "HTTP/1.1 505 "* ]]
	[[ $(first_line "CONNECT 10.210.0.7:80 HTTP/1.1\r\n${host}x: $long\r\n\r\n") == "HTTP/1.1 431 "* ]]
	[[ $(first_line "CONNECT $long:80 HTTP/1.1\r\n\r\n") == "HTTP/1.1 414 "* ]]
	[[ $(first_line "GARBAGE\r\n\r\n") == "HTTP/1.1 400 "* ]]
	printf 'CONNECT 10.210.0.7:80 HTTP/1.1\r\n%b\r\nGET / HTTP/1.0\r\n\r\n' "$host" | raw >answer
	[ "$(sed -n '1p;$p' answer)" = "HTTP/1.1 403 no permit of yours for that has been shown here
no permit of yours for that has been shown here" ]
	[ "$(sed -n 's/^Content-Length: //p' answer)" = "$(sed '1,/^$/d' answer | wc -c)" ]
	[ -z "$(head -c 20000 /dev/urandom | sed 's/^./\x01/' | raw)" ]
	[ -z "$(printf '\x16\x03\x01\x02\x00' | raw)" ]
	[ -z "$(printf 'op=allow\tid=1\n' | raw)" ]
	kill -0 "$GATEWAY"
}

@test "a header that comes slowly is waited for so long, and no longer" {
	proxied_gateway
	mkfifo slow; exec {SLOW}<>slow
	local from; from=$(now_ms)
	raw <slow >answer & PIDS+=($!)
	printf 'CONNECT 10.210.0.7:80 HTTP/1.1\r\n' >slow
	until_true 20 grep -q "HTTP/1.1 408 " answer
	[ $(($(now_ms) - from)) -ge 9000 ]
}

@test "a port where nothing listens is a bad gateway, and one that is silent is late" {
	reached "$(proxy_permit ports=tcp/80,tcp/8080)"
	[ "$(status_of http://10.210.0.7:8080/)" = 502 ]
	P iptables -A INPUT -p tcp --dport 8080 -j DROP
	[ "$(status_of http://10.210.0.7:8080/)" = 504 ]
	[ "$(page http://10.210.0.7/)" = '<p>4711</p>' ]
}

@test "nothing gets out of the system: to no port of the workstation or the gateway, whatever the permit opens" {
	reached "$(proxy_permit ports=)"
	[ "$(page http://10.210.0.7/)" = '<p>4711</p>' ]
	local ns
	page_at w 90; page_at g 90
	[ "$(W curl -s -m 5 http://10.61.0.35:90/)" = '<p>4711</p>' ] # it is there
	for to in 10.70.0.1 10.70.0.2 10.61.0.35 10.61.0.5; do
		ip -n "$NS-p" route replace $to dev spg0 src 10.210.0.7
		never P curl -s -m 1 --interface 10.210.0.7 http://$to:90/
	done
	never P ping -q -c 1 -W 1 -I 10.210.0.7 10.70.0.1
	# nor is there a way in from beside the proxy
	ip -n "$NS-g" route add 10.210.0.7 dev spg0
	never G curl -s -m 1 http://10.210.0.7/
	[ "$(page http://10.210.0.7/)" = '<p>4711</p>' ]
}

@test "an address is one connection's; permits of others, and of none that is given here, are refused" {
	proxied_gateway
	for n in 1 2; do channel $n alice; say $n op=address id=a; until_true 10 grep -q id=a heard.$n; done
	[ "$(field workstation <heard.1) $(field workstation <heard.2)" = "10.70.0.1 10.70.0.2" ]
	say 1 op=address id=b; until_true 5 grep -q id=b heard.1
	[ "$(grep id=b heard.1 | field workstation)" = 10.70.0.1 ]
	say 1 op=permit id=1 permit="$(proxy_permit workstation=10.70.0.2)"
	say 2 op=permit id=1 permit="$(proxy_permit workstation=10.70.0.1)"
	for n in 1 2; do until_true 5 grep -q "id=1.*error=denied.*another workstation" heard.$n; done
	channel 3 bob
	say 3 op=permit id=1 permit="$(proxy_permit user=bob workstation=10.70.0.1)"
	until_true 5 grep -q "id=1.*error=denied.*at another connection" heard.3
	say 3 op=permit id=2 permit="$(proxy_permit user=bob workstation=10.60.0.5)"
	until_true 5 grep -q "id=2.*error=denied.*no address of this gateway" heard.3
	say 3 op=permit id=3 permit="$(proxy_permit workstation=10.70.0.3)"
	until_true 5 grep -q "id=3.*error=denied.*another user" heard.3
	say 3 op=permit id=4 permit="$(proxy_permit user=bob workstation=10.70.0.3)" # who comes again has his
	until_true 5 grep -q "id=4.*state=shown" heard.3
	for n in 4 5 6 7; do channel $n alice; say $n op=address id=a; until_true 10 grep -q id=a heard.$n; done
	[ "$(for n in 4 5 6; do field workstation <heard.$n; done | xargs)" = "10.70.0.4 10.70.0.5 10.70.0.6" ]
	grep -q "error=denied.*no address is left" heard.7
	kill "$CHANNEL"
}

@test "a router that the gateway leads to is reached from the permit's address, and no other" {
	proxied_gateway
	R socat TCP-LISTEN:23,reuseaddr,fork SYSTEM:'echo $SOCAT_PEERADDR' 3>&- 8>&- 9>&- & PIDS+=($!)
	mkfifo quiet; exec {QUIET}<>quiet
	[ "$(status_of http://10.50.1.38:23/)" = 403 ]
	shown 1 "$(proxy_permit)"
	[ "$(through 10.50.1.38:23 <quiet)" = 10.70.0.1 ]
	[ "$(status_of http://10.50.1.38:24/)" = 403 ]
}

@test "another program that knows CONNECT comes through, too; one session has so many connections" {
	reached "$(proxy_permit ports=tcp/7,tcp/80)" --strangers 99
	W socat -t 10 TCP-LISTEN:3128,bind=127.0.0.1,fork,reuseaddr \
		OPENSSL:10.61.0.35:4306,cafile=ca.crt,cert=alice.crt,key=alice.key 3>&- 8>&- 9>&- & PIDS+=($!)
	until_true 5 gives 1 W sh -c "ss -Hltn '( sport = 3128 )' | wc -l"
	[[ $(printf 'GET / HTTP/1.0\r\n\r\n' | anybody socat -t 5 - PROXY:127.0.0.1:4711:80,proxyport=3128) == *'<p>4711</p>'* ]]
	[[ $(printf 'CONNECT 10.210.0.7:80 HTTP/1.1\r\n%b\r\nGET / HTTP/1.0\r\n\r\n' "$host" | raw) == "HTTP/1.1 200 "*'<p>4711</p>'* ]] # in one go
	P socat -u TCP-LISTEN:7,fork,reuseaddr,backlog=99 OPEN:/dev/null 3>&- 8>&- 9>&- & PIDS+=($!)
	until_true 5 gives 1 P sh -c "ss -Hltn '( sport = 7 )' | wc -l"
	page -v -m 60 -Z --parallel-immediate --parallel-max 99 'http://10.210.0.7:7/[1-66]' >/dev/null 2>crowd 3>&- 8>&- 9>&- & PIDS+=($!)
	until_true 30 grep -q "response 503" crowd
	until_true 20 gives 64 P sh -c "ss -Htn state established '( sport = 7 )' | wc -l"
}

@test "strangers take no place of who has a permit, or a connection by one; a gateway that goes leaves nothing" {
	local n strangers=()
	G ip route >before; G ip address >>before; G ip rule >>before
	reached "$(proxy_permit ports=tcp/7)" --peers 7 --strangers 4
	held_open
	for n in {1..6}; do W socat -u TCP:10.61.0.35:4306 /dev/null 3>&- 8>&- 9>&- & PIDS+=($!); strangers+=($!); done
	hung_up_on() { local p n=0; for p in "${strangers[@]}"; do kill -0 "$p" 2>/dev/null || n=$((n + 1)); done; echo $n; }
	until_true 5 gives 2 hung_up_on
	[ "$(status_of http://10.210.0.7:8/)" = 000 ] # its own address has no more of them
	for n in 6 7; do ip -n "$NS-w" addr add 10.61.0.$n/24 dev eth1; done
	W socat -u TCP:10.61.0.35:4306,bind=10.61.0.7 /dev/null 3>&- 8>&- 9>&- & PIDS+=($!)
	until_true 5 gives 7 W sh -c "ss -Htn state established '( dport = 4306 )' | wc -l" # all places are taken
	[ "$(status_of --interface 10.61.0.6 http://10.210.0.7:8/)" = 403 ]
	kill -0 "$OPEN"; kill -0 "$CHANNEL"
	say 1 op=end id=2 session=0123456789abcdef
	until_true 5 grep -q "id=2.*done=1" heard.1
	until_true 5 gone "$OPEN"
	kill "$GATEWAY"; until_gone "$GATEWAY"
	G ip route >after; G ip address >>after; G ip rule >>after
	cmp before after
}
