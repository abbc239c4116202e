#!/usr/bin/env bats
# Codes for whom his certificate speaks: over TLS the security server knows the user by that, and a
# real FreeRADIUS has the code checked by sp-auth --code. Nobody else has one.
load common
load radius

prepare() { asks_for_codes; }
keys() {
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role login --name sec --issues user --out sec >/dev/null
	openssl genpkey -algorithm ed25519 -out token.key
	cp c/ca.crl crl
}
setup_more() {
	umask 077
	echo 'correct horse' >pw
	once keys
	radius
	AUTH=(sp-auth --server "127.0.0.1:$PORT" --secret-file r/radius.secret)
	security_server
}
security_server() {
	server sec sp-login -l --listen tls:127.0.0.1:0 --listen unix:s --cert sec.crt --key sec.key --ca c/ca.crt --crl crl \
		--issuer-cert sec.crt --issuer-key sec.key --token-key token.key --auth "${AUTH[*]}" --refuse-after 0 --log sec.log "$@"
	LOGIN=(sp-login --server "tls:127.0.0.1:$PORT" --ca c/ca.crt)
}
log_in() { "${LOGIN[@]}" --user "$1" --password-file "$2" --identity "$T/$1.pem" >"$1.rec" < <(rec serial=1 router=r1 profile_args=auth=code); }
# code USER: the record with his code.
code() { "${LOGIN[@]}" --code --log ws.log <"$1.rec"; }
router() { "${AUTH[@]}" <<<"$(rec user="$1" password="$2" router="$3" service=nas)" 2>/dev/null; }
refused() { run router "$@"; [ "$status" = 4 ] && [[ $output == *error=denied* ]]; }
said() { until_true 5 grep -q "$1" sec.log || { cat sec.log; return 1; }; }
# shown CERT KEY RECORD...: what the server says to who shows that
shown() {
	local cert=$1 key=$2; shift 2
	rec "$@" | lines_of 1 timeout 5 openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile c/ca.crt -verify_return_error \
		-cert "$cert" -key "$key" 2>err
}

@test "the certificate is enough: a code for its user, at that router, once; a token beside it is not looked at" {
	log_in alice pw
	run -0 --separate-stderr code alice
	[ -z "$stderr" ]; [[ $output != *token=* && $output == *$'\tcode='[A-Z2-7]*$'\tcode_until='*Z ]]
	local c
	c=$(field code <<<"$output")
	refused bob "$c" r1
	c=$(code alice | field code)
	run -0 router alice "$c" r1
	[ "$(field groups <<<"$output")" = support,field ]
	refused alice "$c" r1
	grep -q "step=316.event=code.user=alice.*router=r1.*certificate_id=$(field certificate_id <sec.log | head -n 1)" sec.log
	# bob's token does not make alice bob
	local token
	token=$("$BUILD/tests/tool/mktoken" token.key user=alice)
	sp-ca issue --dir c --role user --user bob --out bob >/dev/null; cat bob.key bob.crt >bob.pem
	c=$("${LOGIN[@]}" --code <<<"$(rec identity=bob.pem token="$token" router=r1 profile_args=auth=code)" | field code)
	refused alice "$c" r1
	run -0 "${LOGIN[@]}" --code --cert bob.crt --key bob.key <<<"$(rec router=r1 profile_args=auth=code)"
	run -0 router bob "$(field code <<<"$output")" r1
	never grep -rqE "$c|correct" code.log sec.log ws.log
}

@test "without a certificate it is the token, over TLS too; without both nothing is asked" {
	local token
	token=$("$BUILD/tests/tool/mktoken" token.key user=alice)
	run -0 "${LOGIN[@]}" --code <<<"$(rec token="$token" router=r1 profile_args=auth=code)"
	run -0 router alice "$(field code <<<"$output")" r1
	run -7 --separate-stderr "${LOGIN[@]}" --code <<<"$(rec router=r1 profile_args=auth=code)"
	[[ $stderr == *"step 316: the record has no identity=: sp-login gives it"* ]]
	run -8 --separate-stderr "${LOGIN[@]}" --code <<<"$(rec identity=none.pem router=r1 profile_args=auth=code)"
	[[ $stderr == *"none.pem: No such file"* ]]
}

@test "a certificate in another role is refused, and why is in the log" {
	local role
	for role in router monitor login gateway manager; do
		sp-ca issue --dir c --role $role --name x --out $role >/dev/null; cat $role.key $role.crt >$role.pem
	done
	sp-ca issue --dir c --role processor --serial 42 --out processor >/dev/null; cat processor.key processor.crt >processor.pem
	for role in router processor monitor login gateway manager; do
		local name=x; [ $role != processor ] || name=42
		: >sec.log
		kill "$SERVER_PID"; until_gone "$SERVER_PID"; security_server # which has forgotten handshakes that failed
		run -4 --separate-stderr "${LOGIN[@]}" --code <<<"$(rec identity=$role.pem router=r1 profile_args=auth=code)"
		[[ $output == *error=denied*step=316* && $output != *code=[A-Z2-7]* ]]
		said "step=302.event=refused.from=127.0.0.1.role=$role.name=$name.certificate_id=[0-9a-f]*.detail=the role in the certificate is not one that is let in here"
		[ -z "$(shown $role.crt $role.key id=1 op=code router=r1)" ]
	done
}

@test "a revoked one, one of another authority, one that has ended: refused" {
	local w
	for w in alice carol; do sp-ca issue --dir c --role user --user $w --out $w >/dev/null; cat $w.key $w.crt >$w.pem; done
	mine() { run --separate-stderr "${LOGIN[@]}" --code <<<"$(rec "identity=$1.pem" router=r1 profile_args=auth=code)"; }
	mine alice
	[ "$status" = 0 ]
	sp-ca revoke --dir c alice >/dev/null; cp c/ca.crl new; mv new crl
	mine alice
	[ "$status" = 4 ]; [[ $output == *error=denied* && $output != *code=[A-Z2-7]* ]]
	said 'step=302.event=refused.*role=user.name=alice.*detail=certificate revoked'
	mine carol
	[ "$status" = 0 ]
	sp-ca init --dir other >/dev/null
	sp-ca issue --dir other --role user --user alice --out mallory >/dev/null; cat mallory.key mallory.crt >mallory.pem
	mine mallory
	[ "$status" = 4 ]; [[ $output != *code=[A-Z2-7]* ]]
	[ "$(grep -c event=code sec.log)" = 2 ]
}

@test "who goes on asking over one connection is hung up on: a revocation is seen soon" {
	kill "$SERVER_PID"; until_gone "$SERVER_PID"
	security_server --idle 1
	sp-ca issue --dir c --role user --user alice --out alice >/dev/null
	mkfifo to
	openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile c/ca.crt -cert alice.crt -key alice.key <to >from 2>err 3>&- &
	local pid=$! n=0 end=$((SECONDS + 10))
	PIDS+=("$pid")
	exec 7>to
	trap '' PIPE
	while kill -0 "$pid" 2>/dev/null && [ $SECONDS -lt $end ]; do
		n=$((n + 1))
		rec id=$n op=code router=r1 >&7 2>/dev/null || break
		rest
	done
	exec 7>&-
	until_gone "$pid"
	[ "$(field code <from | wc -l)" -gt 5 ]
	[ $SECONDS -lt $end ]
	cat alice.key alice.crt >alice.pem # and who comes again is welcome
	run -0 "${LOGIN[@]}" --code <<<"$(rec identity=alice.pem router=r1 profile_args=auth=code)"
}
