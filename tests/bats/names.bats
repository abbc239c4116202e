#!/usr/bin/env bats
# Names and roles in certificates: who is asked under a name that is another's is refused by whoever asks, at each
# kind of address, and no server begins with a certificate that is not its own.
load common
load monitor
load dtls

setup_more() { dtls_setup; once others; }
others() {
	certificates
	sp-ca issue --dir pki --role login --name sec1 --issues user --out sec1 >/dev/null
	sp-ca issue --dir pki --role processor --serial 4711 --out 4711 >/dev/null
	(umask 077; echo x >pw)
}

# by_name STATUS NAME PROGRAM...: what asks the monitor, when it is to be NAME, at each of its addresses.
by_name() {
	local want=$1 name=$2 a; shift 2
	for a in "tls:127.0.0.1:$TLS_PORT" "dtls:127.0.0.1:$PORT"; do
		run "-$want" --separate-stderr timeout 20 "$@" --monitor "$a?name=$name" --ca ca.crt <<<"$LINE"
		[ "$want" = 0 ] || [[ $stderr == *"name in the certificate is another one"* && $output == *error=denied*step=${STEP}* ]] || { echo "$output $stderr"; return 1; }
	done
}

@test "an authority's monitor of another name is refused by all who ask it, over TLS and datagrams; of that name not" {
	dtls
	LINE=$(rec serial=42 identity=alice.pem)
	STEP=307 by_name 4 mon2 sp-search
	by_name 0 server sp-search
	LINE=$(rec system=A1 identity=alice.pem)
	STEP=311 by_name 4 mon2 sp-alloc --no-hold
	local at="tls:127.0.0.1:$TLS_PORT" who=(--ca ca.crt --cert manager.crt --key manager.key)
	run -4 --separate-stderr timeout 20 sp-state --monitor "$at?name=mon2" "${who[@]}" <<<"$(rec session=x state=up)"
	[[ $stderr == *"name in the certificate is another one"* ]]
	run --separate-stderr timeout 20 sp-state --monitor "$at?name=server" "${who[@]}" <<<"$(rec session=x state=up)"
	[[ $stderr != *certificate* && $stderr == *"no such"* ]]
	run -4 --separate-stderr timeout 20 sp-addr --monitor "$at?name=mon2" --ca ca.crt <<<"$(rec session=x alias=10.200.0.1 identity=alice.pem)"
	[[ $output == *error=denied*step=339* && $stderr == *"name in the certificate"* ]]
	run -4 --separate-stderr timeout 20 sp-may --monitor "$at?name=mon2" "${who[@]}" --user alice <<<system=A1
	[[ $stderr == *"name in the certificate"* ]] # by sp-tls beside it
	run -0 timeout 20 sp-may --monitor "$at?name=server" "${who[@]}" --user alice <<<system=A1
}

@test "an answer that is too long for a datagram is fetched from a monitor of that name" {
	local i
	for i in {1..60}; do rec "system=L$i" "serial=77$i" customer=acme "model=$(printf 'm%.0s' {1..40})"; done | sp-db --db db load systems >/dev/null
	dtls
	sp-search --monitor "dtls:127.0.0.1:$PORT?name=server" --ca ca.crt --log find.log <<<"$(rec customer=acme identity=alice.pem)" >found
	[ "$(wc -l <found)" = 62 ]
	grep -q "event=more-tls.*address=tls:127.0.0.1:$TLS_PORT?name=server" find.log
}

@test "sp-login knows its server by name: its password goes nowhere else" {
	printf '#!/bin/sh\nsed -u "s/\tpassword=[^\t]*//; s/$/\tdecision=accept\tgroups=x/"\n' >check; chmod +x check
	server sec sp-login -l --listen tls:127.0.0.1:0 --cert sec1.crt --key sec1.key --issuer-cert sec1.crt --issuer-key sec1.key --auth ./check --log sec.log
	log_in() { sp-login --server "tls:127.0.0.1:$PORT?name=$1" --ca ca.crt --user alice --password-file pw --identity new.pem <<<"$(rec n=1)"; }
	run -4 --separate-stderr log_in sec2
	[[ $output == *error=denied*step=305* && $stderr == *"name in the certificate is another one"* ]]
	never grep -q user= sec.log
	run -0 log_in sec1
}

@test "a service processor that is to be held by one router is held by no other" {
	server back sp-back --listen tls:127.0.0.1:0 --cert router.crt --key router.key --ca ca.crt --socket "unix:$T/back.sock"
	local at="back:127.0.0.1:$PORT?cert=4711.crt&key=4711.key&ca=ca.crt&name="
	sp-answer "${at}hamburg" -- true >no.out 2>no.err 3>&- &
	PIDS+=($!)
	until_true 10 grep -q "the name in the certificate is another one" no.err
	server yes sp-answer "${at}boston" -- true
	until_true 10 grep -q serial=4711.state=waiting back.out
}

@test "no server begins with a certificate of another role, and no router with another's name" {
	local pair
	wrong() { # ROLE ROLES CERTIFICATE COMMAND...
		local found=$1 want=$2 c=$3; shift 3
		run -8 --separate-stderr timeout 10 "$@" --cert "$c.crt" --key "$c.key" --ca ca.crt
		[[ $stderr == *"the role in the certificate is $found, and must be $want"* ]] || { echo "$* $c: $stderr"; return 1; }
	}
	for pair in user:alice manager:manager router:router; do
		wrong "${pair%:*}" monitor "${pair#*:}" sp-monitor --db db --listen tls:127.0.0.1:0
	done
	wrong user monitor alice sp-monitor --db db --listen dtls:127.0.0.1:0
	wrong monitor login server sp-login -l --listen tls:127.0.0.1:0 --auth true --issuer-cert sec1.crt --issuer-key sec1.key
	local nas=(sp-nas --listen tls:127.0.0.1:0 --alias-pool 10.200.0.0/24 --group x --auth true)
	wrong monitor router server "${nas[@]}" --name server
	wrong processor router 4711 sp-back --listen tls:127.0.0.1:0 --socket "unix:$T/b"
	run -8 --separate-stderr timeout 10 "${nas[@]}" --name hamburg --cert router.crt --key router.key --ca ca.crt
	[[ $stderr == *"the name in the certificate is boston, and must be hamburg"* ]]
	run --separate-stderr timeout 10 sp-answer 'back:127.0.0.1:1?cert=router.crt&key=router.key&ca=ca.crt' -- true
	[ "$status" != 0 ]; [[ $stderr == *"the role in the certificate is router, and must be processor"* ]]
}

@test "behind the ? of an address there is a name, and nothing else" {
	local a
	for a in 'tls:127.0.0.1:1?role=monitor' 'tls:127.0.0.1:1?name=' "unix:$T/m?name=server" 'dtls:127.0.0.1:1?names=x'; do
		run -2 --separate-stderr sp-search --monitor "$a" --ca ca.crt <<<serial=1
		[[ $stderr == *"is name=NAME"* ]]
	done
	run -2 sp-tls --ca ca.crt 'tls:127.0.0.1:1?name=x'
}
