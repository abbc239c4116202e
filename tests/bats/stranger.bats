#!/usr/bin/env bats
# What a stranger is told by each listener: to silence, noise, HTTP, TLS of yesterday, TLS without a
# certificate. sp-security(7) has it as a table. A port scanner: tests/matrix.
load common
load monitor
load stranger

setup_more() { net_up; keys_up; }

# says PORT: to what stands on standard input, and then to silence, until it hangs up
says() { timeout 30 ip netns exec "$NS-w" socat -t 0.5 -,ignoreeof "TCP:10.66.0.1:$1,bind=10.66.1.1" 2>/dev/null || [ $? -lt 124 ]; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
tls() { W timeout 10 openssl s_client -bind 10.66.1.2 -connect "10.66.0.1:$1" "${@:2}" </dev/null 2>&1 || :; }

@test "to silence: nothing, and then the end; in the clear a question, and then that" {
	everything_up
	local p
	mkfifo silence; exec 7<>silence
	for p in "${TLS[@]}" "$PLAIN" "$ANSWER"; do says "$p" <&7 >"said.$p" 3>&- & said[p]=$!; PIDS+=($!); done
	for p in "${TLS[@]}" "$PLAIN" "$ANSWER"; do until_true 30 gone "${said[p]}"; wait "${said[p]}"; done
	exec 7>&-
	for p in "${TLS[@]}"; do [ ! -s "said.$p" ]; done
	[ "$(tr -dc '[:print:]' <"said.$PLAIN")" = "Username: ERROR timeout 316 nothing was typed for too long" ]
	[ "$(head -c 6 "said.$ANSWER" | hex)" = 7eff7d23c021 ] # LCP asks what all ask
	never grep -qai -e sp- -e nas -e router -e version "said.$PLAIN" "said.$ANSWER"
}

@test "to noise, HTTP and an old TLS: nothing, or the alert of seven bytes; no version, no certificate" {
	everything_up
	local p
	for p in "${TLS[@]}"; do
		[ -z "$(head -c 4096 /dev/urandom | tr '\1\3\26' xxx | says "$p" | hex)" ]
		[ -z "$(printf 'GET / HTTP/1.0\r\n\r\n' | says "$p" | hex)" ]
		[[ $(printf '\26\3\1\0\5\1\0\0\1\0' | says "$p" | hex) == 15030?0002* ]]
		tls "$p" -tls1_2 >old
		grep -q 'alert protocol version' old
		grep -q 'handshake has read 7 bytes' old
		tls "$p" -tls1_1 >old
		grep -q -e 'alert' -e 'no protocols available' old
		never grep -q BEGIN old
	done
	printf 'GET / HTTP/1.0\r\n\r\n' | says "$PLAIN" | tr -dc '[:print:]' >http
	[ "$(<http)" = "Username: Password: Group: ERROR timeout 316 nothing was typed for too long" ]
}

@test "TLS without a certificate: who it is, by name and role, and no more; the security server waits for a question" {
	everything_up
	local p
	for p in "$MON" "$BACK" "$NAS" "$PROXY"; do
		tls "$p" -ign_eof >seen
		grep -q 'alert certificate required' seen
		never grep -qi -e 'op=' -e 'error=' -e Group -e OpenSSL -e sp- seen
	done
	tls "$SEC" >seen
	openssl x509 -in seen -noout -text | grep -A 1 4341.9.1 | grep -q 'role=login.*name=sec'
	for p in op=login op=search op= x; do
		rec "$p" | W timeout 20 openssl s_client -quiet -connect "10.66.0.1:$SEC" -bind 10.66.1.3 2>/dev/null >answer || :
		[ ! -s answer ] || [ "$(sed 's/detail=.*//' answer)" = "$(rec error=peer step=302 '')" ]
	done
	{ rec id=1 op=login user=alice password=no; rec id=1 op=login user=nobody password=no; } |
		lines_of 2 ip netns exec "$NS-w" timeout 20 openssl s_client -quiet -connect "10.66.0.1:$SEC" -bind 10.66.1.3 2>/dev/null >answers
	[ "$(wc -l <answers)" = 2 ]
	[ "$(uniq answers | wc -l)" = 1 ] # an unknown user and a wrong password
}

@test "another role, another authority, none: hung up on by one alert at all of them; only what was ours is told that it is revoked or over" {
	sp-ca issue --dir c --role ticketd --name t --out role >/dev/null
	sp-ca init --dir other >/dev/null; sp-ca issue --dir other --role user --user alice --out authority >/dev/null
	openssl req -x509 -newkey ed25519 -nodes -subj /CN=alice -keyout none.key -out none.crt 2>/dev/null
	sp-ca issue --dir c --role user --user alice --out revoked >/dev/null; sp-ca revoke --dir c alice >/dev/null
	sp-ca issue --dir c --role user --user bob --until "$(date -u -d '+2 seconds' +%FT%TZ)" --out over >/dev/null
	mon_up --crl c/ca.crl; back_up --crl c/ca.crl; nas_up nas tls --crl c/ca.crl; sec_up --ca ca.crt --crl c/ca.crl
	local p c
	until_true 5 never openssl x509 -in over.crt -noout -checkend 0
	for p in "$MON" "$BACK" "$NAS" "$SEC"; do
		for c in role authority none revoked over; do
			[ "$c$p" = "over$MON" ] || # who is late may still end his sessions there
				echo "$c $(tls "$p" -ign_eof -cert $c.crt -key $c.key | grep -o 'SSL alert number [0-9]*')"
		done
	done | sort | uniq -c | tr -s ' ' >alerts
	diff alerts - <<-X
		 4 authority SSL alert number 48
		 4 none SSL alert number 48
		 3 over SSL alert number 45
		 4 revoked SSL alert number 44
		 4 role SSL alert number 48
	X
	grep -q 'event=refused.*from=10.66.1.2' mon.log
	grep -q 'event=refused' back.log
	until_true 5 grep -q 'step=315.event=refused.*detail=the role in the certificate' nas.log
	until_true 5 grep -q 'step=315.event=refused.*detail=certificate revoked' nas.log
}

@test "handshakes that fail come later and later; an engineer at that address gets in" {
	everything_up
	local p i from
	for p in "${TLS[@]}"; do
		from=$(now_ms)
		for i in 1 2 3 4 5; do tls "$p" -tls1_2 -bind 10.66.9.9 >old; done
		[ $(($(now_ms) - from)) -ge 750 ] # a quarter of a second, and half of one
	done
	within 900 logs_in # not the first time, but then
	within 900 searches
	within 900 telnets
	calls_home
}

@test "SNMP: an engine that answers who asks which it is, as the standard has it, and believes nobody" {
	trapd_up
	W snmpget -v2c -c public -r 0 -t 1 "udp:10.66.0.1:$TRAPD" .1.3.6.1.2.1.1.1.0 >v2 2>&1 || :
	grep -qi timeout v2
	W snmpget -v3 -l noAuthNoPriv -u nobody -r 0 -t 1 "udp:10.66.0.1:$TRAPD" .1.3.6.1.2.1.1.1.0 >v3 2>&1 || :
	never grep -qi -e "$(uname -n)" -e "$(uname -r)" -e sp- v2 v3
	[ "$(grep -c ready= trapd.out)" = "$(wc -l <trapd.out)" ] # no trap was believed
}
