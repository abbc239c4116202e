# bought.bash - a bought router (the rig's IOS) whose RADIUS server wants codes, the vendor's servers, and sp with
# stages of a test's own. Loaded beside common.
# shellcheck disable=SC2034
bought_up() {
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
	rec router=as1 line=Async1 | load lines
	rec router=as1 scope=all | load router_may
	rec user=erin scope=everything | load grants
}
# sp looks for its tools beside itself first. stage NAME FIELD...: one that only adds what that one would.
stages() {
	mkdir bin
	cp "$BUILD/bin/sp" bin
	ln -s "$BUILD"/bin/sp-* bin
	export SP_LUA=$SP_TOP SP_CONFIG=$T/sp.conf
}
stage() {
	local name=$1; shift
	rm "bin/$name"
	printf '#!/bin/sh\nexec sp-record set %s\n' "$*" >"bin/$name"
	chmod 700 "bin/$name"
}
