#!/usr/bin/env bats
# sp-monitor over TLS: who one is, and what one may, stands in the certificate.
load common
load monitor

setup_more() { monitor_store; monitor_keys; certificates; }

# refused WHY COMMAND...: a client of TLS that does not get in, with that reason in the log.
tried() { local why=$1; shift; rec op=search id=1 | lines_of 99 timeout 10 "$@" >said 2>&1; grep -q "step=307.event=refused.*error=denied.*$why" tls.log; }
refused() { until_true 15 tried "$@" || { cat said tls.log; return 1; }; never grep -q done= said; }
client() { openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile ca.crt "$@"; }
bob() { openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile ca.crt -cert bob.crt -key bob.key; }

@test "a user is whom the certificate says, whatever token= is told; a manager sends states" {
	tls
	connect_as 1 carol
	[ "$(ask 1 op=search "token=$alice" | systems)" = "G1 " ]
	[[ $(ask 1 op=state session=x state=up) == *error=denied*step=338* ]]
	connect_as 2 manager
	[[ $(ask 2 op=state session=x state=up) == *error=peer*step=338* ]]
	[[ $(ask 2 op=search) == *error=denied*step=307* ]]
	connect_as 3 bob
	[[ $(ask 3 op=search "token=$alice") == *error=denied* || -z $(ask 3 op=search | systems) ]]
	alloc 1 none G1
	[ -n "$LEASE" ]
	connect_as 4 alice
	[[ $(ask 4 op=release "lease=$LEASE") == *error=denied*step=313* ]]
	[ "$(ask 1 op=release "lease=$LEASE")" = done=1 ]
	grep -q "event=chosen.*user=carol" tls.log
}

@test "no certificate, TLS 1.2, another role, another authority: refused, and why is in the log" {
	tls
	refused 'no certificate' openssl s_client -quiet -connect "127.0.0.1:$PORT"
	refused 'unsupported protocol' openssl s_client -tls1_2 -connect "127.0.0.1:$PORT"
	refused 'the role in the certificate' openssl s_client -quiet -connect "127.0.0.1:$PORT" -cert router.crt -key router.key
	sp-ca init --dir other >/dev/null
	sp-ca issue --dir other --role user --user alice --out forged >/dev/null
	refused 'unable to get local issuer' openssl s_client -quiet -connect "127.0.0.1:$PORT" -cert forged.crt -key forged.key
	connect_as 1 alice
	[[ $(ask 1 op=search serial=42) == *system=B1* ]]
}

@test "what our programs say: denied, and exit 4, at either end" {
	tls
	(umask 077; cat router.key router.crt >router.pem; cat alice.key alice.crt >alice.pem)
	local ask=(sp-search --monitor "tls:127.0.0.1:$PORT" --ca ca.crt)
	run -4 --separate-stderr "${ask[@]}" <<<"$(rec serial=42)"
	[[ $output == *error=denied*step=307* ]]; [[ $stderr == *"the other side wants a certificate"* ]]
	run -4 --separate-stderr "${ask[@]}" <<<"$(rec serial=42 identity=router.pem)"
	[[ $stderr == *"does not accept our certificate"* ]]
	run -0 "${ask[@]}" <<<"$(rec serial=42 identity=alice.pem)"
	# a router's certificate makes no monitor
	server false sp-back --listen tls:127.0.0.1:0 --socket "unix:$T/back" --cert router.crt --key router.key --ca ca.crt
	run -4 --separate-stderr sp-search --monitor "tls:127.0.0.1:$PORT" --ca ca.crt <<<"$(rec serial=42 identity=alice.pem)"
	[[ $stderr == *"the role in the certificate is not one that is let in here"* ]]
}

@test "a stolen certificate is revoked: the list is read again, others go on" {
	cp pki/ca.crl crl
	tls --crl crl
	connect_as 1 bob
	[[ $(ask 1 op=search) == *done=0* ]]
	sp-ca revoke --dir pki alice >/dev/null
	cp pki/ca.crl new && mv new crl
	refused 'certificate revoked' openssl s_client -quiet -connect "127.0.0.1:$PORT" -cert alice.crt -key alice.key
	connect_as 2 bob
	[[ $(ask 2 op=search) == *done=0* ]]
	[[ $(ask 1 op=search) == *done=0* ]]
	mv crl away
	refused 'unable to read the list' openssl s_client -quiet -connect "127.0.0.1:$PORT" -cert bob.crt -key bob.key
	mv away crl
	connect_as 3 bob
	[[ $(ask 3 op=search) == *done=0* ]]
}

@test "a certificate that ends during a session keeps what it began, and begins nothing" {
	tls --lease-seconds 100
	local soon
	soon=$(date -u -d '+3 seconds' +%FT%TZ)
	sp-ca issue --dir pki --role user --user alice --out late --until "$soon" >/dev/null
	sp-ca issue --dir pki --role user --user alice --out other --until "$soon" >/dev/null
	connect_as 1 late
	alloc 1 none A1
	[ -n "$LEASE" ]
	over() { [[ $(ask 1 op=search) == *error=denied*step=307*"certificate has expired"* ]]; }
	until_true 10 over
	[[ $(ask 1 op=renew "lease=$LEASE") == *done=1 ]]
	connect_as 2 late
	[[ $(ask 2 op=alloc system=A2) == *error=denied*step=307*expired* ]]
	[[ $(ask 2 op=renew "lease=$LEASE") == *done=1 ]]
	connect_as 3 other
	[[ $(ask 3 op=renew "lease=$LEASE") == *error=denied*step=313* ]]
	connect_as 4 alice
	[ "$(ask 4 op=release "lease=$LEASE")" = done=1 ]
}
