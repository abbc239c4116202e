#!/usr/bin/env bats
# Telnet within TLS: sp-nas knows the user by his certificate, sp-dial the router by its.
load common
load nas

# Groups by name alone: who it is is known.
keys() {
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role router --name router1 --out router >/dev/null
	sp-ca issue --dir c --role monitor --name mon --out mon >/dev/null
	local u
	for u in alice bob carol; do
		sp-ca issue --dir c --role user --user $u --groups support,office --out $u >/dev/null
		(umask 077; cat $u.key $u.crt >$u.pem)
	done
	sp-ca issue --dir c --role user --user dora --groups office --out dora >/dev/null
	cp c/ca.crl crl
}
setup_more() {
	once keys
	cat >auth.sed <<-'EOF'
		/\tpassword=/ { s/\tpassword=[^\t]*//; s/$/\terror=denied\tstep=320\tdetail=a password was sent/; b }
		/user=\(alice\|carol\|dora\).*service=authorize/ { s/$/\tdecision=accept\tgroups=support,field/; b }
		/user=bob.*service=authorize/ { s/$/\tdecision=accept\tgroups=office/; b }
		s/$/\terror=denied\tstep=320\tdetail=rejected/
	EOF
	AUTH="sed -u -f $T/auth.sed"
	server nas sp-nas --listen tls:127.0.0.1:0 --cert router.crt --key router.key --ca c/ca.crt --crl crl --name router1 \
		--alias-pool 10.200.0.0/24 --group support --fail-delay 0.1 --permit-dial 'tcp:127.0.0.1:*' --log nas.log --auth "$AUTH" --strangers 100
}
# client WHO [OPENSSL-OPTION...]: what the router says; a group is typed, and quit
client() {
	local who=$1; shift
	printf '%s\r\nshow\r\nquit\r\n' "${GROUP:-}" | lines_of 99 timeout 10 openssl s_client -quiet -connect "127.0.0.1:$PORT" \
		-CAfile c/ca.crt -verify_return_error -cert "$who.crt" -key "$who.key" "$@" 2>err | tr -d '\r\000'
}
# Asked of a line where nobody answers: as far as a call gets without PPP.
dial() { sp-dial --ca c/ca.crt --no-hold "$@" < <(rec router_address=127.0.0.1 "router_port=$PORT" profile_args=transport=tls session=S1 dial=tcp:127.0.0.1:1 "identity=${WHO:-alice}.pem" user=alice); }

@test "the certificate is the user: no name and no password is asked for" {
	run client alice
	[[ $output == *"Group: "*"Permission granted."*"user=alice"*"groups=support,field"* ]]
	[[ $output != *Username* ]]; [[ $output != *Password* ]]
	[ "$(field step <nas.log | head -n 4 | tr '\n' ' ')" = "315 316 317 320 " ]
	run client bob
	[[ $output == *"ERROR denied 322 this group may not use this device"* ]]
	GROUP=field run client alice
	[[ $output == *"ERROR denied 322 "* ]]
}

@test "a group counts when RADIUS and the certificate have it" {
	run client dora
	[[ $output == *"ERROR denied 322 "* ]]
}

@test "a router's certificate is that of the router which the record names: another one gets nothing" {
	sp-ca issue --dir c --role router --name router2 --out router2 >/dev/null
	named() { sp-dial --ca c/ca.crt --no-hold < <(rec "router=$1" router_address=127.0.0.1 "router_port=$PORT" profile_args=transport=tls session=S1 dial=tcp:127.0.0.1:1 identity=alice.pem user=alice); }
	run -6 named router1 # as far as a call gets without PPP
	[[ $output == *step=32[5-9]* ]]
	run -4 named router2
	[[ $output == *error=denied*step=315*"the name in the certificate is another one"* ]]
	server second sp-nas --listen tls:127.0.0.1:0 --cert router2.crt --key router2.key --ca c/ca.crt --name router2 \
		--alias-pool 10.201.0.0/24 --group support --permit-dial 'tcp:127.0.0.1:*' --log second.log --auth "$AUTH"
	run -4 named router1
	[[ $output == *error=denied*step=315*"the name in the certificate is another one"* ]]
	never grep -q 'event=login\|step=32' second.log
}

@test "no certificate, another role, a revoked one, TLS 1.2: no session, and why is in the log" {
	said() { until_true 5 grep -q "step=315.event=refused.*detail=$1" nas.log || { cat nas.log; return 1; }; }
	timeout 5 openssl s_client -quiet -connect "127.0.0.1:$PORT" </dev/null >got 2>&1 || :
	said 'no certificate'
	timeout 5 openssl s_client -tls1_2 -connect "127.0.0.1:$PORT" </dev/null >>got 2>&1 || :
	said 'unsupported protocol'
	client mon >>got
	said 'the role in the certificate.*role=monitor.name=mon.certificate_id='
	sp-ca revoke --dir c alice >/dev/null; cp c/ca.crl new; mv new crl
	client alice >>got
	said 'certificate revoked.*role=user.name=alice.certificate_id='
	never grep -q 'Group:' got
	run client carol
	[[ $output == *"Permission granted."* ]]
}

@test "sp-dial: within TLS, without a password; the router is one by its certificate" {
	run --separate-stderr dial
	[[ $stderr == *"step 325: "* || $stderr == *"step 324: "* || $stderr == *"step 326: "* ]]
	[[ $output != *cleartext=* ]]
	grep -q 'event=accepted.*user=alice' nas.log
	WHO=mon run -8 --separate-stderr dial
	(umask 077; cat mon.key mon.crt >mon.pem)
	WHO=mon run -4 --separate-stderr dial
	[[ $stderr == *"step 315: not let in by certificate at 127.0.0.1:$PORT: the other side does not accept our certificate"* ]]
	run -7 --separate-stderr sp-dial --ca c/ca.crt --no-hold < <(rec router_address=127.0.0.1 "router_port=$PORT" profile_args=transport=tls dial=tcp:127.0.0.1:1)
	[[ $stderr == *"has no identity="* ]]
	# a monitor's certificate makes no router
	mkfifo silent
	openssl s_server -accept 127.0.0.1:0 -cert mon.crt -key mon.key >false.out 2>&1 <>silent 3>&- &
	PIDS+=($!)
	until_true 5 grep -q '^ACCEPT 127' false.out
	PORT=$(sed -n 's/^ACCEPT 127.0.0.1://p' false.out)
	run -4 --separate-stderr dial
	[[ $stderr == *"step 315: not let in by certificate"*"the role in the certificate is not one that is let in here"* ]]
}

@test "in the clear only where the record, or a profile, says so, and then the record says it" {
	server plain sp-nas --listen tcp:127.0.0.1:0 --name router1 --alias-pool 10.200.0.0/24 --group support --auth "$AUTH" --fail-delay 0.1
	(umask 077; echo x >pw)
	plain() { sp-dial --password-file pw --no-hold "$@" < <(rec router_address=127.0.0.1 "router_port=$PORT" session=S1 dial=tcp:127.0.0.1:1 user=alice ${ARGS:+"profile_args=$ARGS"}); }
	ARGS=transport=plain run -4 --separate-stderr plain
	[[ $output == *cleartext=yes*error=denied* ]]
	ARGS=transport=none run -7 plain
	run -2 --separate-stderr plain
	[[ $stderr == *"step 315: the router is reached within TLS, which wants --ca"* && $output != *cleartext* ]]
	run -2 sp-nas --listen tls:127.0.0.1:0 --name router1 --alias-pool 10.200.0.0/24 --group support --auth "$AUTH"
}

@test "who stands on the way and speaks no TLS hears no name and no password" {
	: >man.log
	socat -d -d tcp-listen:0,bind=127.0.0.1,fork,reuseaddr "system:printf 'Username\: '; exec cat >>$T/heard" 2>man.log 3>&- & PIDS+=($!)
	until_true 5 grep -q 'listening on' man.log
	PORT=$(sed -n 's/.*listening on.*:\([0-9]*\)$/\1/p' man.log)
	(umask 077; echo wonder >pw)
	run --separate-stderr sp-dial --ca c/ca.crt --identity alice.pem --password-file pw --no-hold < <(
		rec router_address=127.0.0.1 "router_port=$PORT" session=S1 dial=tcp:127.0.0.1:1 user=alice)
	[ "$status" = 6 ]; [[ $stderr == *"step 315: "* && $output != *cleartext* ]]
	until_true 5 test -s heard
	never grep -aqE 'alice|wonder' heard
}

@test "RADIUS authorises without a password: Service-Type Authorize-Only, with the groups; nobody else gets in so" {
	server radius "$SP_TOP/tests/rig/radius" "$T/r"
	local ask=(sp-auth --domain EMEA --server "127.0.0.1:$PORT" --secret-file r/radius.secret)
	run -0 "${ask[@]}" <<<"$(rec user=alice service=authorize)"
	[ "$(field decision <<<"$output") $(field groups <<<"$output")" = "accept support,field" ]
	run -4 "${ask[@]}" <<<"$(rec user=nobody service=authorize)"
	run -7 "${ask[@]}" <<<"$(rec user=alice service=nas)"
	run -4 "${ask[@]}" <<<"$(rec user=alice service=authorize password=wrong)"
	# the password alone is not enough where none was sent
	run -4 "${ask[@]}" <<<"$(rec user=alice service=nas password=)"
}

@test "revoked while he is logged in: his next command ends the session" {
	mkfifo typed
	openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile c/ca.crt -verify_return_error -cert alice.crt -key alice.key <typed >said 2>&1 3>&- & PIDS+=($!)
	exec 7>typed
	printf '\r\n' >&7
	until_true 10 grep -q 'Permission granted' said
	sp-ca revoke --dir c alice >/dev/null; cp c/ca.crl new; mv new crl
	printf 'show\r\n' >&7
	until_true 10 grep -q 'ERROR denied 322 the certificate is not accepted any more' said
	until_gone "${PIDS[-1]}"
	exec 7>&-
	never grep -q user=alice said
	until_true 5 grep -q 'step=322.event=refused.*detail=certificate revoked' nas.log
}
