#!/usr/bin/env bats
# sp-monitor by datagram (dtls:): search and alloc, other programs' clients, and whom it lets in.
load common
load monitor
load dtls

setup_more() { dtls_setup; }

@test "search and alloc by datagram: the answer is that of TLS, the lease is renewed and given back" {
	dtls --lease-seconds 9
	run -0 --separate-stderr find_it
	[ "$(field system <<<"$output")" = B1 ]
	[ "$output" = "$(sp-search --monitor "tls:127.0.0.1:$TLS_PORT" --ca ca.crt <<<"$(rec serial=42 identity=alice.pem)")" ]
	grep -q "event=list.*monitor=dtls:" find.log
	hold_it
	[ "$(field router <<<"$LINE")" = boston ]; [ -n "$(field session <<<"$LINE")" ]
	[ "$(leases)" = 1 ]
	first=$(sp-db --db db dump leases | field until)
	renewed() { [ "$(sp-db --db db dump leases | field until)" != "$first" ]; }
	until_true 20 renewed
	let_go
	[ "$(leases)" = 0 ]
	grep -q "step=313.*event=released.*user=alice" mon.log
	never grep -q "tls:" hold.log
}

@test "the address stands in a configuration as well; what is asked longer goes over tls: only" {
	dtls
	printf '[sp-search]\nmonitor = dtls:127.0.0.1:%s\nca = ca.crt\n' "$PORT" >conf
	[ "$(SP_CONFIG=conf sp-search <<<"$(rec serial=42 identity=alice.pem)" | field system)" = B1 ]
	run -2 --separate-stderr sp-addr --monitor "dtls:127.0.0.1:$PORT" --ca ca.crt <<<"$(rec session=x)"
	[[ $stderr == *"goes over tls: only"* ]]
}

@test "openssl's client: an answer is one datagram; what is no short question is told where it goes" {
	dtls
	foreign 1 alice
	say 1 id=1 op=search serial=42
	[ "$(hear 1 | systems)" = "B1 " ]
	[ "$(ask 1 id=2 op=alloc system=A1 | field router)" = boston ]
	[[ $(ask 1 id=3 op=alloc system=A1) == *error=busy*id=3* ]]
	for op in watch state line may ticket hello; do [[ $(ask 1 "id=$op" "op=$op") == *"id=$op"*error=usage*tls:* ]]; done
	[[ $(ask 1 op=search serial=42) == *error=usage*"needs id="* ]]
	[[ $(ask 1 id= op=search) == *error=usage*"needs id="* ]]
	[[ $(ask 1 "id=$(printf '%065d' 0)" op=search) == *error=usage*"needs id="* ]]
	echo nonsense >&52
	[[ $(hear 1) == *error=record* ]]
	env printf 'id=1\top=search\nid=2\top=search\n' >&52 # one write, which the shell's own makes two
	[[ $(hear 1) == *error=record*"one record line"* ]]
	foreign 2 bob
	[[ $(ask 2 id=2 op=alloc system=A1) == *error=denied*step=313* ]]
	[ "$(ask 1 id=9 op=search serial=42 | systems)" = "B1 " ]
}

# refused WHY [OPTION...]: openssl's client does not get in, and that is why.
tried() { local why=$1; shift; rec op=search id=1 | lines_of 99 timeout 5 openssl s_client -dtls1_2 -connect "127.0.0.1:$PORT" "$@" >said 2>&1; grep -q "step=307.event=refused.*from=127.0.0.1.*error=denied.*$why" mon.log; }
refused() { until_true 20 tried "$@" || { cat said mon.log; return 1; }; never grep -q done= said; }

@test "no certificate, another role, another authority, DTLS 1.0, a suite without AEAD: refused" {
	dtls
	refused 'no certificate'
	refused 'the role in the certificate' -cert router.crt -key router.key
	: >mon.log
	refused 'the role in the certificate' -cert manager.crt -key manager.key
	grep -q 'event=refused.from=127.0.0.1.role=manager.name=manager.certificate_id=[0-9a-f]*.error=denied.detail=the role' mon.log
	sp-ca init --dir other >/dev/null
	sp-ca issue --dir other --role user --user alice --out forged >/dev/null
	refused 'unable to get local issuer' -cert forged.crt -key forged.key
	grep -q 'event=refused.from=127.0.0.1.role=user.name=alice.certificate_id=[0-9a-f]*.error=denied.detail=unable' mon.log
	refused 'no shared cipher' -cipher ECDHE-ECDSA-AES128-SHA -cert alice.crt -key alice.key
	run timeout 5 openssl s_client -dtls1 -cipher 'ALL:@SECLEVEL=0' -connect "127.0.0.1:$PORT" -cert alice.crt -key alice.key </dev/null
	[[ $output == *alert*version* ]]
	run -0 find_it
}

@test "handshakes that fail come later and later; an engineer at that address gets in" {
	dtls
	local i from
	for i in 1 2 3 4 5 6; do
		from=$(now_ms)
		timeout 20 openssl s_client -dtls1_2 -connect "127.0.0.1:$PORT" </dev/null >said 2>&1 || :
		grep -q alert said
	done
	[ $(($(now_ms) - from)) -ge 1000 ] # after a quarter of a second, and half of one
	within 1900 find_it # not the first time, but then
}

@test "what our programs say: denied, and exit 4; another name of the monitor's: names.bats" {
	dtls
	run -4 --separate-stderr find_it boston
	[[ $output == *error=denied*step=307* ]]; [[ $stderr == *"does not accept our certificate"* ]]
	run -4 sp-alloc --monitor "dtls:127.0.0.1:$PORT" --ca ca.crt <<<"$(rec system=A1 identity=boston.pem)"
	[ "$(leases)" = 0 ]
}

@test "a stolen certificate is revoked: the list is read again; without one nobody gets in" {
	cp pki/ca.crl crl
	dtls --crl crl
	run -0 find_it
	sp-ca revoke --dir pki alice >/dev/null
	cp pki/ca.crl new && mv new crl
	refused 'certificate revoked' -cert alice.crt -key alice.key
	run -4 --separate-stderr find_it
	[[ $stderr == *"revoked"* ]]
	run -1 find_it bob
	mv crl away
	refused 'unable to read the list' -cert bob.crt -key bob.key
	mv away crl
	run -1 find_it bob
	# and the monitor's own, at the client
	cp crl none
	run -1 find_it bob --crl none
	sp-ca revoke --dir pki server >/dev/null
	cp pki/ca.crl none
	run -4 --separate-stderr find_it bob --crl none
	[[ $stderr == *revoked* ]]
}

@test "an answer too long for a datagram says more=tls, and is fetched there; that is in both logs" {
	for i in {100..140}; do rec system=L$i serial=77$i customer=acme site=BOS; done | sp-db --db db load systems >/dev/null
	dtls
	foreign 1 alice
	[[ $(ask 1 id=1 op=search serial=77) == *id=1*done=0*more=tls*"more_port=$TLS_PORT"* ]]
	[ "$(ask 1 id=2 op=search serial=77 limit=3 | systems)" = "L100 L101 L102 " ]
	run -0 --separate-stderr sp-search --monitor "dtls:127.0.0.1:$PORT" --ca ca.crt --log find.log --serial 77 <<<"$(rec identity=alice.pem)"
	[ "$(field system <<<"$output" | wc -l)" = 41 ]; [ -z "$stderr" ]
	grep -q "step=307.event=more-tls.monitor=dtls:127.0.0.1:$PORT.address=tls:127.0.0.1:$TLS_PORT" find.log
	grep -q "event=list.*count=41.*monitor=tls:" find.log
	grep -q "step=309.event=more-tls.user=alice" mon.log
	# pages that fit come by datagram, one after the other
	run -0 sp-search --monitor "dtls:127.0.0.1:$PORT" --ca ca.crt --log pages.log --serial 77 --limit 5 <<<"$(rec identity=alice.pem)"
	[ "$(field system <<<"$output" | wc -l)" = 5 ]
	never grep -q more-tls pages.log
}

@test "an allocation whose answer is too long is one lease, fetched over TLS, renewed there" {
	for i in {2..9}; do rec system=A1 priority=$i "dial=tcp:127.0.0.1:7000?$(printf '%0150d' $i)" "secret=$(printf '%0100d' $i)"; done | sp-db --db db load endpoints >/dev/null
	dtls --lease-seconds 9
	hold_it
	[ "$(field router <<<"$LINE")" = boston ]; [ -n "$(field dial8 <<<"$LINE")" ]
	[ "$(leases)" = 1 ]
	grep -q "event=more-tls" hold.log
	grep -q "step=313.*event=repeated" mon.log
	first=$(sp-db --db db dump leases | field until)
	renewed() { [ "$(sp-db --db db dump leases | field until)" != "$first" ]; }
	until_true 20 renewed
	let_go
	[ "$(leases)" = 0 ]
}

@test "too long, and the monitor has no tls: address: that is said" {
	for i in {100..140}; do rec system=L$i serial=77$i customer=acme site=BOS; done | sp-db --db db load systems >/dev/null
	server only sp-monitor --db db --listen dtls:127.0.0.1:0 --cert server.crt --key server.key --ca ca.crt
	run -6 --separate-stderr sp-search --monitor "dtls:127.0.0.1:$PORT" --ca ca.crt --serial 77 <<<"$(rec identity=alice.pem)"
	[[ $stderr == *"step 309: the answer does not fit a datagram"* ]]
}

@test "a question that fits no datagram goes to the tls: address beside it; where there is none, that is said" {
	dtls
	asked() { sp-search "$@" --ca ca.crt --log find.log <<<"$(rec "customer=$(printf '%01300d' 0)" identity=alice.pem)"; }
	run -1 asked --monitor "dtls:127.0.0.1:$PORT" --monitor "tls:127.0.0.1:$TLS_PORT"
	[[ $output == *"no system that you may reach matches" ]]
	grep -q "monitor=tls:127.0.0.1:$TLS_PORT" find.log || { cat find.log; false; }
	run -8 --separate-stderr asked --monitor "dtls:127.0.0.1:$PORT"
	[[ $stderr == *"does not fit a datagram: ask over tls:"* ]]
}
