#!/usr/bin/env bats
# A bought router whose RADIUS server wants codes: the rig's IOS asks a real FreeRADIUS, that sp-auth
# --code, that the security server, which made the code for whom his certificate speaks.
load common
load radius

prepare() { asks_for_codes; }
keys() {
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role login --name sec --issues user --out sec >/dev/null
	sp-ca issue --dir c --role user --user alice --out alice >/dev/null; cat alice.key alice.crt >alice.pem
}
setup_more() {
	umask 077
	echo 'correct horse' >pw
	echo enable-77 >enable
	once keys
	radius
	AUTH="sp-auth --server 127.0.0.1:$PORT --secret-file $T/r/radius.secret"
	server sec sp-login -l --listen tls:127.0.0.1:0 --listen unix:s --cert sec.crt --key sec.key --ca c/ca.crt --crl c/ca.crl \
		--issuer-cert sec.crt --issuer-key sec.key --auth "$AUTH" --refuse-after 0 --log sec.log
	CODE="sp-login --code --server tls:127.0.0.1:$PORT --ca c/ca.crt --log ws.log"
	DIAL="sp-dial --password-file pw --secret enable=enable --transcript t --log dial.log"
	ARGS='interface=Async1 alias=10.200.1.1 ping=192.0.2.1 speed=33600 auth=code'
}

ios() { # IOS_CALL
	: >socat.log
	env IOS_AAA=yes IOS_ENABLE=enable-77 "IOS_AUTH=$AUTH" IOS_CALL="$1" IOS_LOG="$T/ios.log" \
		socat -d -d tcp-listen:0,bind=127.0.0.1,fork,reuseaddr "exec:$SP_TOP/tests/rig/ios" 2>socat.log 3>&- &
	PIDS+=($!)
	until_true 5 grep -q 'listening on' socat.log
	PORT=$(sed -n 's/.*listening on.*:\([0-9]*\)$/\1/p' socat.log)
}
request() { rec user=alice identity=alice.pem router=as1 profile=ios router_address=127.0.0.1 "router_port=$PORT" session=S1 dial=5550 "profile_args=$ARGS" "$@"; }
nowhere() { # CODE...: not in anything that was written, shown or handed on
	local c
	for c; do
		[ ${#c} = 20 ] || return 1
		never grep -rqaF "$c" t dial.log ws.log sec.log code.log progress out err env said || return 1
	done
}

@test "the code is the password, once: it is in no record, log, transcript, argument or environment after it" {
	ios up
	request | $CODE >coded
	local c
	c=$(field code <coded)
	# shellcheck disable=SC2016
	$DIAL --progress 9 -- sh -c 'echo $SP_ALIAS $SP_CLEARTEXT; env >env; cat /proc/$PPID/cmdline /proc/$PPID/environ /proc/$$/environ >said' <coded >out 2>err 9>progress
	[ "$(cat out)" = "10.200.1.1 yes" ]; [ ! -s err ]
	[ "$(field event <code.log | tr '\n' ' ')" = "accepted " ]
	run ! grep -q correct t env
	$DIAL <coded >out 2>err || status=$?
	[ "$status" = 4 ]; [ "$(field step <out)" = 320 ]; [[ $(cat out) == *"Authentication failed"* && $(cat out) != *$'\tcode'* ]]
	nowhere "$c"
	sp-dial --profile "$SP_TOP/share/profiles/ios.profile" --replay t >replayed || { cat replayed; false; }
	grep -q 'dir=out.text=%{password}' t
	# a record without one: neither is the password sent in its place
	run -7 --separate-stderr $DIAL < <(request)
	[[ $stderr == *"step 315: the router wants a code, and the record has no code=: sp-login --code gives it"* ]]
	run -7 --separate-stderr $DIAL < <(ARGS=auth=pin request)
	[[ $stderr == *"auth= of the router is neither code nor password"* ]]
	# with one it is taken also where nobody said that it is wanted; what is written has none
	ARGS=${ARGS% *}
	ios up
	request | sp-login --code --router as1 --server "$(sed 's/.*--server \([^ ]*\).*/\1/' <<<"$CODE")" --ca c/ca.crt >coded
	$DIAL <coded | head -n 1 >out
	[[ $(cat out) == *state=connected* && $(cat out) != *$'\tcode'* ]]
	nowhere "$(field code <coded)"
}

@test "each endpoint that is called takes a code of its own" {
	ios failed
	request dial2=5551 | $CODE >coded
	$DIAL <coded >out 2>err || status=$?
	[ "$status" = 6 ]; [ "$(field step <out)" = 325 ]; [ "$(field dial <out)" = 5551 ]; [[ $(cat out) != *$'\tcode'* ]]
	[ "$(field event <code.log | tr '\n' ' ')" = "accepted accepted " ]
	nowhere "$(field code <coded)" "$(field code2 <coded)"
	request dial2=5551 | $CODE | sp-record drop code2 | $DIAL >out 2>err || status=$?
	[ "$status" = 7 ]; [[ $(cat out) == *"each that the record had was used"* ]]
}

@test "between holders: it ends with its reader, a later permit makes no further code, a refusal ends all" {
	ios up
	local chain="$CODE | $DIAL"
	mkfifo in go
	exec 8<>in
	# shellcheck disable=SC2016
	timeout 60 sh -c "{ $chain -- sh -c 'read -r _ <go; echo \$SP_ALIAS'; echo ended; } <in >out 2>err" 8>&- 3>&- &
	local pid=$!
	PIDS+=("$pid")
	chain=
	request hold=alloc permit=p1 >&8
	until_true 20 grep -q state=up dial.log
	request hold=alloc permit=p2 >&8
	echo >go
	until_gone "$pid"
	[ "$(cat out)" = $'10.200.1.1\nended' ] # though the input goes on
	[ "$(grep -c event=code sec.log)" = 1 ]
	sp-ca revoke --dir c alice >/dev/null
	timeout 60 sh -c "$CODE <in | $DIAL; echo \$? >&2" 8>&- 3>&- >out 2>err &
	pid=$!
	PIDS+=("$pid")
	request hold=alloc >&8
	until_true 20 gone "$pid"
	[ "$(tail -n 1 err)" = 4 ]; [[ $(cat out) == *error=denied*step=316* ]]
	exec 8>&-
}
