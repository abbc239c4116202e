# stranger.bash - every listener in a network namespace of its own (10.66.0.1), and in another one
# the net: an engineer at 10.66.9.9 and a stranger with forty addresses, 10.66.1.1 to .40.
# shellcheck disable=SC2034,SC2154

S() { ip netns exec "$NS-s" "$@"; }
W() { ip netns exec "$NS-w" "$@"; }

net_up() {
	local i
	NS=str$$-$BATS_TEST_NUMBER
	ip netns add "$NS-s"; ip netns add "$NS-w"
	ip -n "$NS-s" link set lo up; ip -n "$NS-w" link set lo up
	ip -n "$NS-s" link add eth0 type veth peer name eth0 netns "$NS-w"
	ip -n "$NS-s" address add 10.66.0.1/16 dev eth0; ip -n "$NS-s" link set eth0 up
	ip -n "$NS-w" address add 10.66.9.9/16 dev eth0; ip -n "$NS-w" link set eth0 up
	for i in {1..40}; do echo "address add 10.66.1.$i/16 dev eth0"; done | ip -n "$NS-w" -batch -
}
teardown_more() {
	local p
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${PIDS[@]}"; do until_gone "$p" || kill -9 "$p"; done
	PIDS=()
	ip netns delete "$NS-s"; ip netns delete "$NS-w"
}

keys_up() { once keys; }
keys() {
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role login --name sec --issues user --out sec >/dev/null
	sp-ca issue --dir c --role monitor --name mon --out mon >/dev/null
	sp-ca issue --dir c --role router --name router1 --out router1 >/dev/null
	sp-ca issue --dir c --role processor --serial 4711 --out 4711 >/dev/null
	sp-ca issue --dir c --role gateway --name gw1 --out gw >/dev/null
	sp-ca key --out token >/dev/null
	sp-ca key --out permit >/dev/null
	cp c/ca.crt ca.crt
	cat >check <<-'EOS'
	#!/bin/sh
	exec awk -F'\t' -v OFS='\t' '{ ok = /\tpassword=right(\t|$)/ || /service=authorize/; gsub(/\tpassword=[^\t]*/, "");
		print $0, ok ? "decision=accept\tgroups=support,field" : "error=denied\tstep=303"; fflush() }'
	EOS
	chmod +x check
	(umask 077; echo right >pw)
}

# Each sets the port of the same name, and the process.
sec_up() { server sec ip netns exec "$NS-s" sp-login -l --listen tls:10.66.0.1:0 --cert sec.crt --key sec.key --issuer-cert sec.crt --issuer-key sec.key --auth ./check --log sec.log "$@"; SEC=$PORT SEC_PID=$SERVER_PID; }
mon_up() {
	[ -e db ] || monitor_store
	server mon ip netns exec "$NS-s" sp-monitor --db db --listen tls:10.66.0.1:0 --cert mon.crt --key mon.key --ca ca.crt --token-key token.pub --log mon.log "$@"
	MON=$PORT MON_PID=$SERVER_PID
}
nas_up() { # NAME KIND [OPTION...]
	local name=$1 kind=$2 tls=(); shift 2
	[ "$kind" = tcp ] || tls=(--cert router1.crt --key router1.key --ca ca.crt)
	server "$name" ip netns exec "$NS-s" sp-nas --listen "$kind:10.66.0.1:0" "${tls[@]}" --name router1 --alias-pool 10.200.0.0/24 --group support \
		--auth ./check --permit-dial 'tcp:127.0.0.1:*' --log "$name.log" "$@"
	NAS=$PORT NAS_PID=$SERVER_PID
}
back_up() { server back ip netns exec "$NS-s" sp-back --listen tls:10.66.0.1:0 --cert router1.crt --key router1.key --ca ca.crt --socket "unix:$T/back.sock" --log back.log "$@"; BACK=$PORT BACK_PID=$SERVER_PID; }
proxy_up() {
	server proxy ip netns exec "$NS-s" sp-gate gateway --listen dtls:10.66.0.1:0 --proxy tls:10.66.0.1:0 --proxy-pool 10.70.0.0/24 \
		--cert gw.crt --key gw.key --ca ca.crt --permit-keys permit.pub --log proxy.log
	PROXY=$(field proxy <proxy.out); PROXY=${PROXY##*:}
}
answer_up() { # [OPTION...]: one whose calls sp-ras takes
	(umask 077; echo sesame >secret)
	server answer ip netns exec "$NS-s" sp-answer --log answer.log "$@" tcp:10.66.0.1:0 -- \
		sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --secret-file secret --timeout 5
	ANSWER=$PORT ANSWER_PID=$SERVER_PID
}
trapd_up() {
	(umask 077; rec user=r auth_password=authentication priv_password=confidential >users)
	server trapd ip netns exec "$NS-s" sp-trapd --listen udp:10.66.0.1:0 --user-file users --log trapd.log
	TRAPD=$PORT TRAPD_PID=$SERVER_PID
}

# All listeners; those of TLS's ports are in TLS, the telnet in the clear is at PLAIN.
everything_up() {
	sec_up --refuse-after 0.1; mon_up; back_up
	nas_up plain tcp --login-timeout 3 --strangers 20; PLAIN=$NAS
	nas_up nas tls --login-timeout 3 --strangers 20
	answer_up
	proxy_up
	TLS=("$SEC" "$MON" "$BACK" "$NAS" "$PROXY")
}

# An engineer's work, from his own address; alice.pem is made by the first.
logs_in() { W sp-login --server "tls:10.66.0.1:$SEC" --ca ca.crt --user alice --password-file pw --identity alice.pem --timeout 10 "$@" <<<"$(rec n=1)" | grep -q 'identity=alice.pem'; }
searches() { W sp-search --monitor "tls:10.66.0.1:$MON" --ca ca.crt --identity alice.pem --timeout 10 <<<"$(rec serial=42)" | grep -q system=B1; }
telnets() { # a session at the router
	printf '\r\nquit\r\n' | lines_of 99 ip netns exec "$NS-w" timeout 20 openssl s_client -quiet -connect "10.66.0.1:$NAS" -bind 10.66.9.9 \
		-CAfile ca.crt -verify_return_error -cert alice.pem -cert_chain alice.pem -key alice.pem 2>/dev/null >telnets
	grep -q 'Permission granted' telnets
}
waits() { printf 'op=show\n' | timeout 5 socat -t 5 - "UNIX-CONNECT:$T/back.sock" | grep -q state=waiting; }
calls_home() { # a service processor connects, and is called
	W timeout 20 sp-answer "back:10.66.0.1:$BACK?cert=4711.crt&key=4711.key&ca=ca.crt" -- sh -c 'echo here I am >&3' >home.out 2>&1 3>&- & local home=$!
	PIDS+=($home)
	until_true 20 waits
	[ "$(timeout 20 "$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock" 10 2>events </dev/null)" = "here I am" ]
	kill $home; until_gone $home
}
