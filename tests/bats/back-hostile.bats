#!/usr/bin/env bats
# sp-back against those who are no service processors, no callers, or too many.
load common
load back

keys() {
	authority ca
	authority other
	certificate router router
	certificate s1 4711
	certificate forged 4711 other
	certificate odd 'no serial'
}
setup_more() { once keys; }

# client NAME [OPENSSL-OPTION...]: TLS to sp-back; what it hears in NAME.said; descriptor 7 is its voice
client() {
	local name=$1; shift
	rm -f voice && mkfifo voice
	exec 7<>voice
	openssl s_client -quiet -tls1_3 -connect "127.0.0.1:$BACK_PORT" -CAfile ca.crt "$@" <voice >"$name.said" 2>"$name.err" 3>&- 7>&- & CLIENT=$!
	PIDS+=($CLIENT)
}
refused() { until_true 5 grep -q "event=refused.*$1" back.log || { cat back.log; return 1; }; }

@test "no certificate, another authority's, a name that is no serial: refused" {
	back_up
	client none
	echo op=back >&7
	until_gone "$CLIENT"
	grep -q 'alert certificate required' none.err
	refused 'no certificate'
	wrong() { client "$1" -cert "$1.crt" -key "$1.key"; echo op=back >&7 || :; until_gone "$CLIENT"; refused "$2"; }
	wrong forged 'role=processor.name=4711.certificate_id=.*unable to get local issuer certificate'
	wrong router 'role=router.name=router.certificate_id=.*the role in the certificate'
	client odd -cert odd.crt -key odd.key
	echo op=back >&7
	until_true 5 grep -q 'cannot be called' odd.said
	run -1 grep -q state=waiting back.out
	# and the one who is right is let in still
	holds a s1 true
	waits 4711
}

@test "who speaks before it is picked up, or says what was not asked, is closed" {
	back_up
	client early -cert s1.crt -key s1.key
	printf 'op=back\n' >&7
	waits 4711
	printf 'hello' >&7
	until_gone "$CLIENT"
	said 'state=ended.*reason=lost-carrier.*before it is picked up'
	client behind -cert s1.crt -key s1.key
	printf 'op=back\nhello' >&7
	until_gone "$CLIENT"
	client wrong -cert s1.crt -key s1.key
	printf 'op=call\tserial=4711\n' >&7
	until_gone "$CLIENT"
	client long -cert s1.crt -key s1.key
	head -c 3000 /dev/zero | tr '\0' a >&7
	until_gone "$CLIENT"
	[ "$(grep -c state=waiting back.out)" = 1 ]
}

@test "one that waits and does not answer when it is picked up: no answer; the caller is told" {
	back_up
	client deaf -cert s1.crt -key s1.key
	printf 'op=back\n' >&7
	waits 4711
	run timeout 20 "$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock" </dev/null
	[[ $output == *'down reason=no-answer detail=the service processor does not answer'* ]]
	said 'state=ended.*reason=no-answer'
	grep -qx 'op=call' deaf.said
}

@test "one whose call begins in the same piece as its answer: the call has all of it" {
	back_up
	client quick -cert s1.crt -key s1.key
	printf 'op=back\n' >&7
	waits 4711
	"$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock" </dev/null >heard 2>events 3>&- 7>&- & PIDS+=($!)
	until_true 10 grep -q op=call quick.said
	env printf 'done=1\nhello' >&7 # in one piece, which the shell's own would not write
	until_true 10 grep -q hello heard
	said state=picked
}

@test "a caller that goes while it waits, and ones that speak another language" {
	back_up
	client deaf -cert s1.crt -key s1.key
	printf 'op=back\n' >&7
	waits 4711
	timeout 1 "$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock" </dev/null || :
	said 'state=ended.*reason=user-request'
	[ -z "$(raw 'GET / HTTP/1.0\r\n\r\n')" ]
	[ "$(raw 'op=dance\n' | field error)" = record ]
	[ -z "$(raw 'op=call\tserial=4711\nhello')" ]
	[ "$(raw 'op=show\n')" = done=0 ]
}

@test "another user's process is not answered" {
	back_up
	chmod 755 "$T" && chmod 666 back.sock
	[ -z "$(printf 'op=show\n' | setpriv --reuid=65534 --clear-groups timeout 5 socat -t 2 - "UNIX-CONNECT:$T/back.sock")" ]
	[ "$(raw 'op=show\n')" = done=0 ]
}

@test "strangers of one address have so many places, the slow ones not for ever" {
	back_up --strangers 3
	local i
	for i in 1 2 3; do socat -u "TCP:127.0.0.1:$BACK_PORT" STDOUT >slow$i 3>&- & PIDS+=($!); done
	descriptors() { [ "$(ls "/proc/$BACK/fd" | wc -l)" = "$1" ]; }
	refused_more() { timeout 2 openssl s_client -connect "127.0.0.1:$BACK_PORT" </dev/null >/dev/null 2>&1; grep -q 'too many of that address' back.log; }
	until_true 5 refused_more
	holds a s1 true
	said '^serial=4711.state=waiting' 40 # once the ten seconds of the others are over
}

@test "many that hold connections and say nothing: a bound, and then the places are free again" {
	ulimit -n 11000
	back_up --strangers 100000 --peers 300
	"$BUILD/tests/tool/crowd" 127.0.0.1 "$BACK_PORT" 10000 >crowd.out 3>&- & PIDS+=($!)
	until_true 10 grep -q 10000 crowd.out
	rest
	[ "$(ls "/proc/$BACK/fd" | wc -l)" -lt 330 ]
	[ "$(awk '/VmRSS/ { print $2 }' "/proc/$BACK/status")" -lt 60000 ]
	kill "${PIDS[-1]}"
	holds a s1 sh -c 'echo up >&3'
	said '^serial=4711.state=waiting' 60
	[ "$(: | call 4711)" = up ]
}

@test "a service processor whose certificate was revoked while it waited is not called" {
	back_up --crl pki-ca/ca.crl
	holds a s1 sh -c 'echo up >&3'
	waits 4711
	[ "$(: | call 4711)" = up ]
	until_true 10 times 'state=waiting' 2
	sp-ca revoke --dir pki-ca 4711 >/dev/null
	: | call 4711 || :
	grep -qx 'down reason=no-carrier detail=the service processor is not connected' events
	said 'state=ended.*reason=denied.*detail=certificate revoked'
}
