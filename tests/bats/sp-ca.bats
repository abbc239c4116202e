#!/usr/bin/env bats
# sp-ca: the authority is made, vouches, revokes, gets its next key; openssl(1) agrees.
load common

ca() { local c=$1; shift; sp-ca "$c" --dir ca "$@"; }
init() { sp-ca init --dir ca >/dev/null; }
setup_more() { once init; }
verified() { openssl verify -x509_strict -CAfile ca/ca.crt "$@"; }
says() { openssl x509 -in "$1" -noout -text | grep -A1 1.3.6.1.4.1.8072.9999.9999.4341.9.1 | tail -n 1; }

@test "a folder for its owner, and an authority in it, once" {
	[ "$(stat -c %a ca ca/1.key ca/ca.crt | tr '\n' ' ')" = "700 600 644 " ]
	verified ca/ca.crt
	run -8 --separate-stderr sp-ca init --dir ca
	[[ $stderr == *"has an authority already" ]]
	mkdir -m 755 open
	run -8 --separate-stderr sp-ca init --dir open
	[[ $stderr == *"closed to all others"* ]]
	chmod 755 ca
	run -8 ca list
}

@test "a certificate for a party: openssl verifies it, it says who, its key is the owner's" {
	run -0 ca issue --role monitor --name mon --san ip:127.0.0.1 --san dns:mon.example
	[ "$(field role <<<"$output") $(field cert <<<"$output") $(field key <<<"$output")" = "monitor ca/mon.crt ca/mon.key" ]
	[ "$(openssl x509 -in ca/mon.crt -noout -serial)" = "serial=$(field id <<<"$output" | tr a-f A-F)" ]
	verified -purpose sslserver -verify_ip 127.0.0.1 ca/mon.crt
	verified -purpose sslclient -verify_hostname mon.example ca/mon.crt
	[[ $(says ca/mon.crt) == *$'role=monitor'*name=mon ]]
	[ "$(stat -c %a ca/mon.key)" = 600 ]
	cmp <(openssl x509 -in ca/mon.crt -noout -pubkey) <(openssl pkey -in ca/mon.key -pubout)
	run -0 ca issue --role processor --serial 000187260123 --days 9000 -o sp
	[[ $(says sp.crt) == *serial=000187260123 ]]
	# nothing holds longer than who vouches for it
	[ "$(openssl x509 -in sp.crt -noout -enddate)" = "$(openssl x509 -in ca/1.crt -noout -enddate)" ]
}

@test "a request of openssl(1)'s is certified; its wishes are not looked at" {
	openssl req -new -newkey ed25519 -nodes -keyout k -subj /CN=king -addext basicConstraints=CA:TRUE -out csr 2>/dev/null
	run -0 ca issue --role router --name r1 --request csr --out r1
	[ -z "$(field key <<<"$output")" ]
	[ ! -e r1.key ]
	verified r1.crt
	[ "$(openssl x509 -in r1.crt -noout -subject -ext basicConstraints | tr -d ' \n')" = "subject=CN=r1X509v3BasicConstraints:criticalCA:FALSE" ]
	cmp <(openssl x509 -in r1.crt -noout -pubkey) <(openssl pkey -in k -pubout)
	openssl req -new -newkey rsa:2048 -nodes -keyout k2 -subj /CN=x -out csr 2>/dev/null
	run -7 --separate-stderr ca issue --role router --name r2 --request csr --out r2
	[[ $stderr == *"not an Ed25519 key" ]]
	run -7 ca issue --role router --name r2 --request k --out r2
	[ ! -e r2.crt ]
}

@test "an authority below vouches for users, and for nobody else" {
	ca issue --role login --issues user --name sec --out sec >/dev/null
	run -0 sp-ca init --dir below --cert sec.crt --key sec.key
	sp-ca issue --dir below --role user --user alice --domain EMEA --groups support,field >/dev/null
	verified -purpose sslclient -untrusted below/alice.crt below/alice.crt
	[[ $(says below/alice.crt) == *user=alice*domain=EMEA*groups=support,field ]]
	never verified -purpose sslserver -untrusted below/alice.crt below/alice.crt
	run -2 --separate-stderr sp-ca issue --dir below --role monitor --name m
	[[ $stderr == *"may not vouch for that role" ]]
	run -2 sp-ca issue --dir below --issues user --role login --name sec2 --out sec2
	run -8 --separate-stderr sp-ca rotate --dir below
	[[ $stderr == *"below another authority"* ]]
	ca issue --role monitor --name m >/dev/null
	run -8 --separate-stderr sp-ca init --dir not --cert ca/m.crt --key ca/m.key
	[[ $stderr == *"no authority's certificate" ]]
}

@test "revoked by name and by id: openssl crl and openssl verify see it" {
	local id
	ca issue --role monitor --name mon >/dev/null
	id=$(ca issue --role router --name r1 | field id)
	ca issue --role router --name r2 >/dev/null
	verified -crl_check -CRLfile ca/ca.crl ca/mon.crt
	run -0 ca revoke mon "$id"
	[ "$output" = "$(rec revoked=mon count=1; rec "revoked=$id" count=1)" ]
	openssl crl -in ca/ca.crl -noout -CAfile ca/ca.crt 2>&1 | grep -q 'verify OK'
	[ "$(openssl crl -in ca/ca.crl -noout -text | grep -c 'Serial Number')" = 2 ]
	run never verified -crl_check -CRLfile ca/ca.crl ca/mon.crt
	[[ $output == *"certificate revoked"* ]]
	never verified -crl_check -CRLfile ca/ca.crl ca/r1.crt
	verified -crl_check -CRLfile ca/ca.crl ca/r2.crt
	[ "$(ca list | field state | tr '\n' ' ')" = "revoked revoked valid " ]
	run -1 ca revoke mon
	# issued elsewhere with this key
	ca revoke 0123456789abcdef0123456789abcdef >/dev/null
	openssl crl -in ca/ca.crl -noout -text | grep -q 0123456789ABCDEF0123456789ABCDEF
	[ "$(ca crl --crl-days 2 | field crl)" = ca/ca.crl ]
	[ "$(openssl crl -in ca/ca.crl -noout -text | grep -c 'Serial Number')" = 3 ]
}

@test "the next key: who trusts the old one alone follows, who trusts both takes both" {
	ca issue --role monitor --name mon >/dev/null
	cp ca/ca.crt shipped.crt
	run -0 ca rotate
	[ "$(field issuer <<<"$output")" = 2 ]
	ca issue --role router --name r1 >/dev/null
	openssl verify -x509_strict -CAfile shipped.crt -untrusted ca/r1.crt ca/r1.crt
	verified ca/r1.crt
	verified ca/mon.crt
	openssl verify -CAfile ca/2.crt ca/r1.crt
	never openssl verify -CAfile ca/2.crt ca/mon.crt
	# each of them revokes what it has vouched for
	ca revoke mon r1 >/dev/null
	never verified -crl_check -CRLfile ca/ca.crl ca/r1.crt
	never verified -crl_check -CRLfile ca/ca.crl ca/mon.crt
	ca issue --role router --name r3 >/dev/null
	verified -crl_check -CRLfile ca/ca.crl ca/r3.crt
}

@test "two at once wait for each other, and nothing is lost" {
	local i pids=()
	for i in {1..12}; do ca issue --role router --name "r$i" >/dev/null & pids+=($!); done
	for i in "${pids[@]}"; do wait "$i"; done
	[ "$(ca list | field name | sort -u | wc -l)" = 12 ]
}

@test "keys for tokens; what is missing is said; a full disk is" {
	sp-ca key --out token >/dev/null
	[ "$(stat -c %a token.key)" = 600 ]
	cmp token.pub <(openssl pkey -in token.key -pubout)
	run -2 --separate-stderr ca issue --role monitor
	[[ $stderr == *"who? --name"* ]]
	run -2 --separate-stderr ca issue --role monitor --out m
	[[ $stderr == *"a name is missing"* ]]
	[ ! -e m.key ]
	run -2 ca issue --role king --name x
	run -2 ca issue --role user --user a --san dns:a,b
	run -2 ca issue --role user --user a --name x -o x
	run -2 sp-ca issue --role user --user a
	run -2 ca nothing
	run -2 ca
	run -1 ca list
	run -8 sp-ca list --dir nowhere
	ca issue --role monitor --name mon >/dev/null
	run -8 bash -c 'sp-ca list --dir ca >/dev/full'
	[ "$(ca list --json | grep -c '"role":"monitor"')" = 1 ]
	echo broken >>ca/issued
	run -8 --separate-stderr ca list
	[[ $stderr == *"issued: line 2: "* ]]
}
