# dtls.bash - a monitor that is asked by datagram, its clients, and a way to it on which datagrams are
# lost. Loaded beside common and monitor.

dtls_setup() {
	monitor_store; monitor_keys; once pairs
}
pairs() { # certificates, and each with its key in one file
	certificates
	local u
	for u in alice bob carol manager boston; do (umask 077; cat $u.key $u.crt >$u.pem 2>/dev/null || cat router.key router.crt >$u.pem); done
}

# dtls [OPTION...]: a monitor at 127.0.0.1, by datagram at $PORT, over TLS at $TLS_PORT.
dtls() {
	server dtls sp-monitor --db db --listen dtls:127.0.0.1:0 --listen tls:127.0.0.1:0 --cert server.crt --key server.key \
		--ca ca.crt --log mon.log "$@"
	MONITOR=$SERVER_PID
	until_true 5 has_lines 2 dtls.out
	TLS_PORT=$(field port <dtls.out | sed -n 2p)
}

# lossy RULE...: $WAY is a port of 127.0.0.1 that leads to $PORT, with what is lost on it (tests/tool/udp-lossy.c).
lossy() {
	local port=$PORT
	server lossy "$BUILD/tests/tool/udp-lossy" "$port" "$@"
	WAY=$PORT PORT=$port
}

# find [WHO [OPTION...]]: sp-search for serial 42 by datagram at $WAY, else $PORT.
find_it() { sp-search --monitor "dtls:127.0.0.1:${WAY:-$PORT}" --ca ca.crt --log find.log "${@:2}" <<<"$(rec serial=42 "identity=${1:-alice}.pem")"; }

# foreign N WHO [OPTION...]: client N is openssl's, with WHO's certificate.
foreign() {
	connect "$1" openssl s_client -quiet -dtls1_2 -connect "127.0.0.1:$PORT" -CAfile ca.crt -verify_return_error -cert "$2.crt" -key "$2.key" "${@:3}"
}

# hold_it [WHO]: sp-alloc holds A1 by datagram at $WAY, else $PORT: its record is LINE, its process HOLDER, until let_go.
hold_it() {
	mkfifo held
	sp-alloc --monitor "dtls:127.0.0.1:${WAY:-$PORT}" --ca ca.crt --log hold.log "${@:2}" <<<"$(rec system=A1 "identity=${1:-alice}.pem")" >held 2>hold.err 3>&- &
	HOLDER=$!
	PIDS+=("$HOLDER")
	exec 8<held
	IFS= read -rt 30 -u 8 LINE
}
let_go() { exec 8<&-; wait "$HOLDER"; }
leases() { sp-db --db db dump leases | wc -l; }
