#!/usr/bin/env bats
# sp connect at a bought router, for a user who has a one-time code: a real FreeRADIUS challenges the
# log-in, and has the code checked that the recipe gets for the router (the rig's IOS). Behind
# sp-dial, which is as far as that device goes, stand stages that only add what the next would.
load common

setup_more() {
	umask 077
	echo erin-pass >pw
	printf '271828\nnext\n' >code
	echo enable-77 >enable
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role login --name sec --issues user --out sec >/dev/null
	sp-ca issue --dir c --role monitor --name mon --out mon >/dev/null
	mkdir r
	echo "$BUILD/bin/sp-auth --code --server unix:$T/s --log $T/code.log" >r/code.command
	server radius "$SP_TOP/tests/rig/radius" "$T/r"
	AUTH="sp-auth --server 127.0.0.1:$PORT --secret-file $T/r/radius.secret"
	ios
	store
	server mon sp-monitor --db db --listen tls:127.0.0.1:0 --cert mon.crt --key mon.key --ca c/ca.crt --crl c/ca.crl --log mon.log
	MONITOR=tls:127.0.0.1:$PORT
	server sec sp-login -l --listen tls:127.0.0.1:0 --listen unix:s --cert sec.crt --key sec.key --ca c/ca.crt --crl c/ca.crl \
		--issuer-cert sec.crt --issuer-key sec.key --auth "$AUTH" --refuse-after 0 --log sec.log
	printf '[sp]\nca = %s\nmonitor = %s\n[sp-login]\nserver = tls:127.0.0.1:%s\n[sp-dial]\nsecret = enable=%s\ntranscript = %s\n' \
		"$T/c/ca.crt" "$MONITOR" "$PORT" "$T/enable" "$T/t" >sp.conf
	stages
}
ios() {
	: >socat.log
	env IOS_AAA=yes IOS_ENABLE=enable-77 "IOS_AUTH=$AUTH" IOS_CALL=up IOS_LOG="$T/ios.log" \
		socat -d -d tcp-listen:0,bind=127.0.0.1,fork,reuseaddr "exec:$SP_TOP/tests/rig/ios" 2>socat.log 3>&- &
	PIDS+=($!)
	until_true 5 grep -q 'listening on' socat.log
	PORT=$(sed -n 's/.*listening on.*:\([0-9]*\)$/\1/p' socat.log)
}
store() {
	sp-db --db db create
	load() { sp-db --db db load "$@" >/dev/null; }
	rec customer=acme "name=Acme Bank" | load customers
	rec site=BOS customer=acme region=us | load sites
	rec system=A1 serial=000187260123 customer=acme site=BOS model=V5 | load systems
	rec system=A1 dial=5550123 | load endpoints
	rec router=as1 address=127.0.0.1 "port=$PORT" profile=ios region=us max_calls=1 \
		'profile_args=interface=Async1 alias=10.200.1.1 ping=192.0.2.1 speed=33600 auth=code' | load routers
	rec router=as1 scope=all | load router_may
	rec user=erin scope=everything | load grants
}
# sp looks for its tools beside itself first.
stages() {
	mkdir bin
	cp "$BUILD/bin/sp" bin
	ln -s "$BUILD"/bin/sp-* bin
	rm bin/sp-addr bin/sp-route
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nexec sp-record set %s\n' 'address=10.200.1.1' >bin/sp-addr
	printf '#!/bin/sh\nexec sp-record set %s\n' 'route=acknowledged' >bin/sp-route
	chmod 700 bin/sp-addr bin/sp-route
	export SP_LUA=$SP_TOP SP_CONFIG=$T/sp.conf
}
reached() { [ "$1" = "10.200.1.1 erin as1 yes no no" ]; }
# shellcheck disable=SC2016
SAY=(sh -c 'echo $0 $SP_USER $SP_ROUTER $SP_CLEARTEXT ${SP_CODE-no} ${SP_TOKEN-no}' '%{address}')

@test "the code of the log-in from a file; the router's is fetched on the way; none of them is seen again" {
	run -0 --separate-stderr timeout 60 bin/sp --log log connect --user erin --password-file pw --code-file code --serial 0123 -- "${SAY[@]}"
	reached "$output"
	[ -z "$stderr" ]
	[ "$(field event <code.log | tr '\n' ' ')" = "accepted " ]
	grep -q 'step=316.event=code.user=erin.*router=as1' sec.log
	[ "$(grep -c 'event=challenged' sec.log)" = 1 ]
	grep -q 'step=316.*event=code.user=erin.router=as1' log
	never grep -rqaE '271828|erin-pass|code=[A-Z2-7]{20}' log sec.log mon.log code.log t
	until_true 5 test -e ios.log
	[ ! -s ios.log ] # put back
	# a wrong one of the log-in: refused there
	echo 314159 >code
	run -4 --separate-stderr timeout 60 bin/sp connect --user erin --password-file pw --code-file code --serial 0123 -- "${SAY[@]}"
	[[ $stderr == *"step 305: user, password or group not accepted"* && -z $output ]]
}

@test "the code from a descriptor, and not more than its line; on a terminal, when it is asked for" {
	run -0 --separate-stderr timeout 60 bin/sp connect --user erin --password-file pw --code-fd 7 --serial 0123 -- "${SAY[@]}" 7<code
	reached "$output"
	run -2 --separate-stderr bin/sp connect --user erin --password-file pw --code-fd x --serial 0123
	[[ $stderr == *"--code-fd: not a number"* ]]
	cat >typed <<-EOF
	set timeout 60
	spawn sh -c {bin/sp connect --user erin --serial 0123 -- ${SAY[0]} ${SAY[1]} '${SAY[2]}' '${SAY[3]}' >out 2>err}
	expect "assword: " { send "erin-pass\r" } timeout { exit 3 }
	expect "Code of erin: " { send "271828\r" } timeout { exit 4 }
	expect eof
	EOF
	run -0 expect typed
	[[ $output == *271828* && $output != *erin-pass* ]]
	reached "$(cat out)"
}

@test "the router refuses: 4, and all is undone" {
	echo false >r/code.command
	kill "$SERVER_PID"; until_gone "$SERVER_PID" # the codes of a security server end with it
	server sec sp-login -l --listen "tls:127.0.0.1:$PORT" --cert sec.crt --key sec.key --ca c/ca.crt \
		--issuer-cert sec.crt --issuer-key sec.key --auth "$AUTH" --refuse-after 0 --log sec.log
	run -4 --separate-stderr timeout 60 bin/sp connect --user erin --password-file pw --code-file code --serial 0123 -- "${SAY[@]}"
	[[ $stderr == *"step 320: the router says: Authentication failed"* && -z $output ]]
	leases() { sp-db --db db dump leases | wc -l; }
	until_true 10 gives 0 leases
	grep -q step=313 mon.log # there was one
}
