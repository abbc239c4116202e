#!/usr/bin/env bats
# sp connect to TCP/IP with a service processor behind a bought router, by a telephone call. Real are: the call (chat
# and Debian's pppd, by a modem of the exchange), PPP in a kernel, that kernel's static NAT, net-snmp's traps, and all
# of ours. The router is a guest of its own with that kernel; its terminal, of which none can be had here, is played by
# tests/rig/ios. Workstation, monitor and manager are in one network, and the router beside them: 10.50.0.5 and .38.
load ../bats/common
load ../bats/pstn
load ../bats/bought

on() { local ns=$1; shift; ip netns exec "$NS$ns" "$@"; }

setup_more() {
	umask 077
	NS=dld$$
	echo wonder >pw
	echo enable-77 >enable
	echo sesame >secret
	echo public >community
	printf '/password=wonder/ { s/$/\\tdecision=accept/; b }\ns/$/\\terror=denied/\n' >auth.sed
	once keys
	networks
	router
	PORT=23 store
	rec router=as1 address=10.50.0.38 port=23 profile=ios region=us max_calls=1 \
		'profile_args=interface=Async1 alias=10.200.1.1 ping=192.0.2.1 speed=33600' | load routers
	rec system=A1 dial=5550142 secret=sesame | load endpoints
	sp-db --db db dump routers >routers
	office
	stages
	service
	until_true 30 grep -q '^ready' guest.log || { tail -n 20 guest.log console >&2; return 1; }
}
teardown_more() {
	[ -z "$GUEST" ] || kill -KILL -- "-$GUEST" # the group that setsid made for it
	local n
	for n in ws sp; do ip netns pids "$NS$n" | xargs -r kill; ip netns delete "$NS$n"; done
}
keys() {
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role login --name sec --issues user --out sec >/dev/null
	sp-ca issue --dir c --role monitor --name mon --out mon >/dev/null
	sp-ca issue --dir c --role manager --name nm --out nm >/dev/null
}
networks() {
	local n
	for n in ws sp; do
		ip netns add "$NS$n"
		ip -n "$NS$n" link set lo up
	done
	ip -n "${NS}ws" tuntap add tap0 mode tap
	ip -n "${NS}ws" address add 10.50.0.5/24 dev tap0
	ip -n "${NS}ws" link set tap0 up
	ip -n "${NS}ws" route add 10.200.1.0/24 via 10.50.0.38
}
router() {
	local memory=/tmp
	[ ! -w /dev/shm ] || memory=/dev/shm
	exchange -m 5550100 -m 5550142
	TMPDIR=$memory ip netns exec "${NS}ws" setsid linux.uml mem=64M root=/dev/root rootfstype=hostfs rootflags=/ ro \
		init="$SP_TOP/tests/rig/access-server" quiet noreboot panic=-1 uml_dir="$T/uml" con0=null,fd:1 con=null ssl=null \
		ssl1="tty:$T/d/5550100" eth0=tuntap,tap0 "AS_TOP=$SP_TOP" "AS_DIR=$T" AS_ADDRESS=10.50.0.38/24 AS_ALIAS=10.200.1.1 \
		AS_INSIDE=192.0.2.1 AS_TRAPS=udp:10.50.0.5:162 </dev/null >console 2>&1 3>&- 9>&- & GUEST=$!
	: >guest.log
}
office() {
	server mon ip netns exec "${NS}ws" sp-monitor --db db --listen tls:127.0.0.1:0 --cert mon.crt --key mon.key --ca c/ca.crt --crl c/ca.crl --log mon.log
	MONITOR=tls:127.0.0.1:$PORT
	server sec ip netns exec "${NS}ws" sp-login -l --listen tls:127.0.0.1:0 --cert sec.crt --key sec.key --ca c/ca.crt --crl c/ca.crl \
		--issuer-cert sec.crt --issuer-key sec.key --auth "sed -u -f $T/auth.sed" --refuse-after 0 --log sec.log
	printf '[sp]\nca = %s\nmonitor = %s\n[sp-login]\nserver = tls:127.0.0.1:%s\n[sp-dial]\nsecret = enable=%s\ntranscript = %s\n' \
		"$T/c/ca.crt" "$MONITOR" "$PORT" "$T/enable" "$T/t" >sp.conf
	on ws sp-trapd --listen udp:10.50.0.5:162 --community-file community 2>trapd.err 3>&- 9>&- |
		sp run "$SP_TOP/recipes/linkstate.lua" --routers routers 2>linkstate.err 3>&- 9>&- |
		on ws sp-state --monitor "$MONITOR" --cert nm.crt --key nm.key --ca c/ca.crt >state.out 2>state.err 3>&- 9>&- & PIDS+=($!)
	until_true 10 grep -q ready=sp-trapd state.out
}
service() { # as one in the field: it answers its telephone, holds the link, and has the route back when it is told
	server answer ip netns exec "${NS}sp" sp-answer modem:d/5550142 --log answer.log -- sh -c "sp-ras --line fd:3 --address 192.0.2.1 \
		--peer-address 192.0.2.2 --secret-file $T/secret --router as1 --user erin | sp-route -l --prefix 10.50.0.0/24 >>$T/routes.out"
	mkdir www
	echo "I am A1" >www/index.html
	on sp busybox httpd -f -p 80 -h www 3>&- 9>&- & PIDS+=($!)
}
connect() { run --separate-stderr ip netns exec "${NS}ws" bin/sp --log log connect --user erin --password-file pw --serial 0123 "$@"; }

@test "a page of the service processor through the static NAT of a bought router that dials; hung up, nothing is left" {
	connect -- sh -c 'curl -sS --max-time 20 "http://$0/"; echo "$0 $SP_SP_ADDRESS $SP_SPEED $SP_LINE"' '%{address}'
	[ "$status" = 0 ] || { echo "$stderr"; cat guest.log pppd.log state.err linkstate.err trapd.err answer.log; false; }
	[ "$output" = $'I am A1\n10.200.1.1 192.0.2.1 33600 Async1' ]
	# hung up: by both sides, the router is as it was, the monitor has no call
	until_true 10 grep -q 'event=ended' x.out
	until_true 10 nothing_left
	until_true 10 grep -q 'state=ended.*exit=0' answer.out
	until_true 10 grep -q 'host=10.50.0.5.*route=removed' routes.out || { cat routes.out; false; }
	until_true 20 grep -q linkDown state.out || { cat state.out linkstate.err trapd.err pppd.log; false; } # the second trap
	until_true 10 test -e ios.log
	[ ! -s ios.log ] || { cat ios.log; tail -n 30 t; false; }
	never grep -rqaE 'sesame|enable-77|wonder' log mon.log sec.log t
}
nothing_left() {
	[ "$(sp-db --db db dump leases | wc -l)" = 0 ] && [ -z "$(ip -n "${NS}sp" -o link show type tun)" ] &&
		[ -z "$(ip -n "${NS}sp" rule | grep 4341)" ] && order op=show number=5550100 | grep -q state=idle
}
