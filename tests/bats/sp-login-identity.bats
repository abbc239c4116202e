#!/usr/bin/env bats
# sp-login: the user gets a certificate of his own key, and where it is kept.
load common

keys() {
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role login --name sec --issues user >/dev/null
	sp-ca key --out token >/dev/null
}
# A filter of sp-auth's shape that knows alice.
setup_more() {
	once keys
	cat >check <<-'EOF'
	#!/bin/sh
	exec awk -F'\t' -v OFS='\t' '{ ok = /\tpassword=right(\t|$)/; gsub(/\tpassword=[^\t]*/, "");
		print $0, ok ? "decision=accept\tgroups=support,field" : "error=denied\tstep=303\tdetail=unknown user"; fflush() }'
	EOF
	chmod +x check
	umask 077
	echo right >pw; echo wrong >wrong
	server sec sp-login -l --listen tls:127.0.0.1:0 --listen "unix:$T/s" --cert c/sec.crt --key c/sec.key --issuer-cert c/sec.crt \
		--issuer-key c/sec.key --token-key token.key --auth ./check --refuse-after 0 --log log
	LOGIN=(sp-login --server "tls:127.0.0.1:$PORT" --ca c/ca.crt --password-file pw)
}
says() { openssl x509 -in "$1" -noout -text | grep -A1 4341.9.1 | tail -n 1; }

@test "key and certificate in a file of the user's, named by the record; no password, no token" {
	run -0 --separate-stderr "${LOGIN[@]}" --user 'EMEA\alice' <<<"$(rec ticket=T token=old)"
	[ -z "$stderr" ]
	[ "$(sed 's/identity_until=.*//' <<<"$output")" = "$(rec ticket=T user=alice domain=EMEA groups=support,field "identity=$T/sp/alice@EMEA.pem" '')" ]
	[ "$(stat -c %a sp sp/alice@EMEA.pem | tr '\n' ' ')" = "700 600 " ]
	openssl verify -x509_strict -purpose sslclient -CAfile c/ca.crt -untrusted sp/alice@EMEA.pem sp/alice@EMEA.pem
	[[ $(says sp/alice@EMEA.pem) == *role=user*user=alice*domain=EMEA*groups=support,field ]]
	cmp <(openssl x509 -in sp/alice@EMEA.pem -noout -pubkey) <(openssl pkey -in sp/alice@EMEA.pem -pubout)
	openssl x509 -in sp/alice@EMEA.pem -noout -checkend 28000
	never openssl x509 -in sp/alice@EMEA.pem -noout -checkend 29000
	local id; id=$(openssl x509 -in sp/alice@EMEA.pem -noout -serial | tr A-F a-f)
	grep -q "step=304.event=accepted.*certificate_id=${id#serial=}" log
	never grep -rqa right log sp
}

@test "each login has a key of its own; the group that was asked for, alone" {
	"${LOGIN[@]}" --user alice <<<"$(rec n=1)" >one
	cp sp/alice.pem first
	"${LOGIN[@]}" --user alice <<<"$(rec n=1)" >two
	never cmp first sp/alice.pem
	run -0 "${LOGIN[@]}" --user alice --group field --identity own.pem <<<"$(rec n=1; rec n=2)"
	[ "$(field identity <<<"$output" | uniq)" = own.pem ]
	[ "$(field groups <<<"$output" | uniq)" = field ]
	[[ $(says own.pem) == *user=alice*groups=field ]]
	[[ $(says sp/alice.pem) == *user=alice*groups=support,field ]]
	run -0 "${LOGIN[@]}" --user '../x y' --group field <<<"$(rec n=1)"
	[ "$(field identity <<<"$output")" = "$T/sp/%2E.%2Fx%20y+field.pem" ]
}

@test "refused: no file; a folder that is another's or open: refused, too" {
	run -4 --separate-stderr "${LOGIN[@]}" --password-file wrong --user alice <<<"$(rec n=1)"
	[ ! -e sp ]
	mkdir -m 755 sp
	run -8 --separate-stderr "${LOGIN[@]}" --user alice <<<"$(rec n=1)"
	[[ $stderr == *"the folder is not ours alone"* ]]; [[ $output == *error=system*step=302* ]]
	rmdir sp; mkdir -m 700 real; ln -s real sp
	run -8 "${LOGIN[@]}" --user alice <<<"$(rec n=1)"
	rm sp; mkdir -m 700 sp; chown 65534 sp
	run -8 "${LOGIN[@]}" --user alice <<<"$(rec n=1)"
	[ -z "$(find real sp -type f)" ]
	XDG_RUNTIME_DIR=/nowhere run -8 "${LOGIN[@]}" --user alice <<<"$(rec n=1)"
}

@test "without XDG_RUNTIME_DIR: a folder of the user's own in /tmp" {
	run -0 unshare --mount sh -c 'mount -t tmpfs tmpfs /run; unset XDG_RUNTIME_DIR; exec "$@"' - "${LOGIN[@]}" --user alice <<<"$(rec n=1)"
	[[ $(field identity <<<"$output") == "/tmp/sp-$(id -u)/alice.pem" ]]
	[ "$(stat -c %a "/tmp/sp-$(id -u)/alice.pem")" = 600 ]
	rm "/tmp/sp-$(id -u)/alice.pem"
}

@test "what is no request, or one of another key, is not certified; over TLS there is no token" {
	local to=(openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile c/ca.crt -verify_return_error)
	said() { rec id=1 op=login user=alice password=right "$@" | lines_of 1 timeout 20 "${to[@]}" 2>/dev/null; }
	[[ $(said) == *error=record*step=304*"request for a certificate is needed"* ]]
	[[ $(said csr=nonsense) == *error=record*"no request in it"* ]]
	openssl req -new -newkey rsa:2048 -nodes -keyout k -subj /CN=alice 2>/dev/null >csr
	[[ $(said "csr=$(sed 's/$/\\n/' csr | tr -d '\n')") == *error=record*"not an Ed25519 key"* ]]
	[[ $(rec id=1 op=login user=alice password=right | lines_of 1 timeout 5 socat - "UNIX-CONNECT:$T/s") == *token=* ]]
	# the name in the request is not looked at
	openssl req -new -newkey ed25519 -nodes -keyout k -subj /CN=root 2>/dev/null >csr
	said "csr=$(sed 's/$/\\n/' csr | tr -d '\n')" | field certificate | sed 's/\\n/\n/g' >got
	[[ $(says got) == *user=alice* ]]
	[ "$(openssl x509 -in got -noout -subject)" = "subject=CN = alice" ]
}

@test "an issuer that may not vouch for users is none" {
	sp-ca issue --dir c --role login --name sec2 --out sec2 >/dev/null
	run -8 --separate-stderr sp-login -l --listen unix:x --issuer-cert sec2.crt --issuer-key sec2.key --auth ./check
	[[ $stderr == *"may not vouch for users"* ]]
	run -2 sp-login -l --listen unix:x --issuer-cert c/sec.crt --auth ./check
	run -8 sp-login -l --listen unix:x --issuer-cert c/sec.crt --issuer-key token.key --auth ./check
}
