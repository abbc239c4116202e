#!/usr/bin/env bats
# Attackers as the demo has them, each alone, where no other file tries the same: what they are told, what the
# victim's log says, and that those who may are still let in.
load common
load permit

authority() { once vendors; }
vendors() {
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role router --name router1 --out router >/dev/null
	sp-ca issue --dir c --role processor --serial 4711 --out system >/dev/null
	sp-ca issue --dir c --role monitor --name mon --out mon >/dev/null
	sp-ca issue --dir c --role login --name sec --issues user --out sec >/dev/null
	cp c/ca.crl crl
	printf '#!/bin/sh\nexec sed -u "s/\\tpassword=[^\\t]*//; s/$/\\tdecision=accept\\tgroups=support/"\n' >check
	chmod +x check
	(umask 077; echo x >password)
}
# The security server, and alice's and carol's certificates by it.
logins() {
	server sec sp-login -l --listen tls:127.0.0.1:0 --cert sec.crt --key sec.key --issuer-cert sec.crt --issuer-key sec.key \
		--auth ./check --log sec.log
	SEC=$PORT
	for u in alice carol; do
		sp-login --server "tls:127.0.0.1:$SEC" --ca c/ca.crt --password-file password --user $u --identity $u.pem <<<"$(rec n=1)" >/dev/null
	done
}
router() {
	server nas sp-nas --listen tls:127.0.0.1:0 --cert router.crt --key router.key --ca c/ca.crt --crl crl --name router1 \
		--alias-pool 10.200.0.0/24 --group support --permit-dial 'tcp:127.0.0.1:*' --auth ./check --log nas.log
}
request() { rec user=alice router_address=127.0.0.1 "router_port=$PORT" session=S1 dial=tcp:127.0.0.1:1 "$@"; }
dial() { run --separate-stderr sp-dial --ca c/ca.crt --no-hold --log ws.log "$@"; }

@test "PPP that does not say who it is and goes on: hung up on at once, denied 333; the next caller is let in" {
	permit_keys
	NS=att$$
	ip netns add $NS
	teardown_more() { ip netns del $NS; }
	server sp ip netns exec $NS sp-answer "unix:$T/line" -- sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 \
		--permit-keys permit.pub --serial 4711 --permit-state state --log log
	run -4 timeout 20 "$BUILD/tests/tool/ppp-skip" line
	until_true 5 grep -q 'exit=4' sp.out
	grep -q 'error=denied	step=333	detail=the caller does not say who it is' sp.out
	grep -q 'event=ended.*detail=the caller does not say who it is' log
	[ -z "$(ip -n $NS -o link show type tun)" ]
	run -4 timeout 20 "$BUILD/tests/tool/ppp-call" --line unix:line # who says that he has no name to give
	until_true 5 grep -q 'call=2.*exit=4' sp.out
	(umask 077; permit >given)
	run -0 timeout 20 "$BUILD/tests/tool/ppp-call" --line unix:line --secret-file given --once
	[[ $output == *event=up* ]]
}

@test "a certificate of the security server's, stolen: good until its number is revoked; the user's next one is good" {
	authority; logins; router
	local tls=(profile_args=transport=tls)
	dial < <(request "${tls[@]}" identity=alice.pem)
	[ "$status" = 6 ] # as far as the line, where nobody answers
	id=$(openssl x509 -noout -serial -in alice.pem | tr A-F a-f)
	grep -q "certificate_id=${id#serial=}" sec.log
	sp-ca init --dir users --cert sec.crt --key sec.key >/dev/null
	sp-ca revoke --dir users "${id#serial=}" >/dev/null
	cat c/ca.crl users/ca.crl >new; mv new crl
	dial < <(request "${tls[@]}" identity=alice.pem)
	[ "$status" = 4 ]; [[ $output == *"error=denied	step=315"* ]]
	[[ $stderr == *"the other side says that our certificate is revoked"* ]]
	until_true 5 grep -q 'step=315	event=refused.*detail=certificate revoked' nas.log
	NAS=$PORT
	sp-login --server "tls:127.0.0.1:$SEC" --ca c/ca.crt --password-file password --user alice --identity again.pem <<<"$(rec n=1)" >/dev/null
	PORT=$NAS
	for who in again carol; do
		dial < <(request "${tls[@]}" identity=$who.pem)
		[ "$status" = 6 ]
	done
}

@test "TLS 1.2 and garbage at the security server: refused at 302, and others log in" {
	authority; logins
	tried() { timeout 10 openssl s_client -tls1_2 -connect "127.0.0.1:$SEC" </dev/null >said 2>&1 || :; grep -q 'step=302	event=refused.*unsupported protocol' sec.log; }
	until_true 10 tried
	garbage() { echo 'op=login	user=alice	password=x' | timeout 10 socat -t 5 - "TCP:127.0.0.1:$SEC" >said 2>&1 || :; grep -q 'step=302	event=refused.*wrong version number' sec.log; }
	until_true 10 garbage
	never grep -q -e done= -e certificate= said
	logins
}

@test "commands that are injected in the clear: the router reads none of them" {
	authority; router
	printf 'alice\r\n\r\nsession S1\r\ndial tcp:127.0.0.1:1\r\nbegin\r\n' | lines_of 99 timeout 10 socat - "TCP:127.0.0.1:$PORT" >said 2>&1
	until_true 5 grep -q 'step=315	event=refused.*wrong version number' nas.log
	never grep -qa -e OK -e 'router1>' said
	never grep -q 'step=324' nas.log
}

@test "a peer that says all that a router says, by a system's certificate: nothing of it is believed, denied 315" {
	authority; logins
	mkfifo lies; exec 7<>lies
	printf 'Group: \r\nPermission granted.\r\nrouter1> OK Dial string acknowledged, line l1 ready.\r\nProgress: state=up alias=10.50.0.66\r\n' >&7
	openssl s_server -accept 0 -cert system.crt -key system.key -CAfile c/ca.crt -verify 1 <lies >peer 2>&1 3>&- 7>&- &
	PIDS+=($!)
	until_true 5 grep -q '^ACCEPT .*:' peer
	PORT=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' peer)
	dial < <(request profile_args=transport=tls identity=alice.pem)
	[ "$status" = 4 ]
	[[ $output == *"error=denied	step=315"* && $output != *alias=* && $output != *state=* ]]
	grep -q 'step=315	event=refused	session=S1	detail=.*the role in the certificate' ws.log
}

@test "a server of ours that is no monitor answers by datagram: nothing is asked of it, denied 307 and 311" {
	authority; logins
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=none -keyout none.key -out none.crt 2>none.log # see lab.attack_monitor
	answers() { # NAME: with that certificate
		: >peer
		openssl s_server -dtls1_2 -accept 127.0.0.1:0 -cert "$1.crt" -key "$1.key" -dcert none.crt -dkey none.key -serverpref \
			-sigalgs ed25519:ECDSA+SHA256 -CAfile c/ca.crt -Verify 2 <>silent >peer 2>&1 3>&- &
		PIDS+=($!)
		until_true 5 grep -q '^ACCEPT .*:' peer
		MON=(--monitor "dtls:127.0.0.1:$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' peer)" --ca c/ca.crt --identity alice.pem --log ws.log)
	}
	mkfifo silent
	for name in sec router; do
		answers $name
		run -4 --separate-stderr sp-search "${MON[@]}" <<<"$(rec serial=42)"
		[[ $output == *error=denied*step=307*"the role in the certificate"* ]]
		run -4 --separate-stderr sp-alloc --no-hold "${MON[@]}" <<<"$(rec system=A1)"
		[[ $output == *error=denied*step=311*"the role in the certificate"* ]]
		never grep -q op= peer
	done
	[ "$(grep -c 'step=307	event=refused.*error=denied.*the role in the certificate' ws.log)" = 2 ]
	[ "$(grep -c 'step=311	event=refused.*the role in the certificate' ws.log)" = 2 ]
	answers mon # a monitor's certificate: it is asked
	run -3 --separate-stderr sp-search --timeout 2 "${MON[@]}" <<<"$(rec serial=42)"
	grep -qa 'op=search.*serial=42' peer
}

@test "what a router says of a call is line, speed and alias; a field more is not the record's" {
	cat >device.sh <<-'EOF'
		printf 'Username: '; read -r u; printf 'Password: '; read -r p; printf 'Group: '; read -r g
		printf 'Permission granted.\r\nrouter1> '; read -r session; printf 'OK\r\nrouter1> '; read -r dial
		printf 'OK Dial string acknowledged, line l1 ready.\r\nrouter1> '; read -r begin
		printf 'Progress: state=up line=l1 alias=10.200.0.9 user=root address=10.50.0.66 host=10.50.0.66 session=S2 secret=x permit=y hold=none\r\n'
		read -r bye
	EOF
	socat -d -d TCP-LISTEN:0,bind=127.0.0.1 "EXEC:bash device.sh" 2>device.log 3>&- &
	PIDS+=($!)
	until_true 5 grep -q 'listening on' device.log
	PORT=$(sed -n 's/.*listening on.*:\([0-9]*\)$/\1/p' device.log)
	(umask 077; echo x >password)
	run -0 --separate-stderr sp-dial --password-file password --no-hold < <(request profile_args=transport=plain)
	[ "$output" = "$(request profile_args=transport=plain cleartext=yes line=l1 alias=10.200.0.9 state=connected)" ]
}

@test "an attack that gets through, and one that the victim says nothing of, end the demo" {
	mkdir log
	echo refused >log/victim.log # of another one, before
	attacked() { run "-$1" --separate-stderr sp run "$SP_TOP/tests/lua/attackers.lua" "$T" "$2" "$3"; }
	attacked 0 4 refused
	[ "${lines[1]}" = 1 ]
	attacked 6 0 refused
	[[ $stderr == *"attack: a knock: wanted exit 4, got 0"* ]]
	attacked 6 4 nothing
	[[ $stderr == *"attack: a knock: refused is not in victim.log"* ]]
}
