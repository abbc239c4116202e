# monitor.bash - a monitor with a small store, tokens for its users, and clients made of socat and
# openssl. Loaded beside common.

monitor_store() { once a_store; }
a_store() {
	sp-db --db db create
	{ rec customer=acme "name=Acme Bank"; rec customer=globex name=Globex; rec customer=bank3 "name=Банк Три"; } | sp-db --db db load customers >/dev/null
	{ rec site=BOS customer=acme region=us lat=42.36 lon=-71.06; rec site=HAM customer=globex region=eu lat=53.55 lon=9.99; } | sp-db --db db load sites >/dev/null
	{ rec system=A1 serial=000187260123 customer=acme site=BOS model=V5 phone=+16175550142
	  rec system=A2 serial=000187260999 customer=acme site=BOS model=V7
	  rec system=G1 serial=000299260123 customer=globex site=HAM
	  rec system=B1 serial=42 customer=bank3; } | sp-db --db db load systems >/dev/null
	{ rec system=A1 priority=2 dial=tcp:192.0.2.9:1; rec system=A1 dial=tcp:127.0.0.1:7000 secret=s3cret-of-A1 phone=+16175550199
	  rec system=A2 dial=tcp:127.0.0.1:7001; rec system=G1 phone=+49.40/5550; } | sp-db --db db load endpoints >/dev/null
	{ rec router=boston address=127.0.0.1 port=2301 lat=42.0 lon=-71.0 max_calls=2
	  rec router=hamburg address=127.0.0.1 port=2302 lat=53.0 lon=10.0 region=eu; } | sp-db --db db load routers >/dev/null
	{ rec router=boston line=tty1; rec router=boston line=tty2; } | sp-db --db db load lines >/dev/null
	{ rec router=boston scope=all; rec router=hamburg scope=all; } | sp-db --db db load router_may >/dev/null
	{ rec user=alice scope=everything; rec group=field scope=customer object=globex
	  rec user=old scope=everything valid_until=2026-01-01T00:00:00Z; } | sp-db --db db load grants >/dev/null
}

monitor_keys() {
	once token_keys
	read -r alice <alice.token; read -r bob <bob.token; read -r old <old.token; read -r carol <carol.token
}
token_keys() {
	umask 077
	openssl genpkey -algorithm ed25519 -out token.key; openssl genpkey -algorithm ed25519 -out other.key
	openssl pkey -in token.key -pubout -out token.pub
	local u
	for u in alice bob old; do "$BUILD/tests/tool/mktoken" token.key user=$u >$u.token; done
	"$BUILD/tests/tool/mktoken" token.key user=carol groups=support,field >carol.token
}

# monitor [OPTION...]: starts one at unix:$T/m; MONITOR is its process.
monitor() {
	server monitor sp-monitor --db db --listen "unix:$T/m" --token-key token.pub --log mon.log "$@"
	MONITOR=$SERVER_PID
}

certificates() { once user_certificates; } # ca, server, manager, router, and of users alice, bob, carol and old
user_certificates() {
	sp-ca init --dir pki >/dev/null
	sp-ca issue --dir pki --role monitor --name server --out server >/dev/null
	sp-ca issue --dir pki --role manager --name manager --out manager >/dev/null
	sp-ca issue --dir pki --role router --name boston --out router >/dev/null
	local u
	for u in alice bob old; do sp-ca issue --dir pki --role user --user $u --out $u >/dev/null; done
	sp-ca issue --dir pki --role user --user carol --groups support,field --out carol >/dev/null
	cp pki/ca.crt ca.crt
}

# tls [OPTION...]: a monitor at 127.0.0.1:$PORT. connect_as N WHO [OPTION...]: a client of it, with WHO's certificate.
tls() { server tls sp-monitor --db db --listen tls:127.0.0.1:0 --cert server.crt --key server.key --ca ca.crt --token-key token.pub --log tls.log "$@"; }
connect_as() { connect "$1" openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile ca.crt -verify_return_error -cert "$2.crt" -key "$2.key" "${@:3}"; }

# connect_stranger N: a client on the unix socket that is no manager: another user's.
connect_stranger() {
	chmod 711 "$T"; chmod 666 m
	connect "$1" setpriv --reuid=65534 --regid=65534 --clear-groups socat - "UNIX-CONNECT:$T/m"
}

# connect N [COMMAND...]: a client (its process: CLIENT) on descriptors of its own; default socat to the unix socket.
connect() {
	local n=$1; shift
	[ $# -gt 0 ] || set -- socat - "UNIX-CONNECT:$T/m"
	mkfifo "to$n" "from$n"
	"$@" <"to$n" >"from$n" 2>"client$n.err" 3>&- &
	CLIENT=$!
	PIDS+=("$CLIENT")
	eval "exec $((50 + 2 * n))<>to$n $((51 + 2 * n))<>from$n"
}

say() { local n=$1; shift; rec "$@" >&$((50 + 2 * n)); }
# hear N [ROWS]: lines up to done= or error= (or so many).
hear() {
	local line rows=0
	while IFS= read -rt 10 -u $((51 + 2 * $1)) line; do
		printf '%s\n' "$line"
		if [[ $((++rows)) = "${2:-0}" || $'\t'$line =~ $'\t'(done|error)= ]]; then return 0; fi
	done
	echo "hear: nothing came" >&2
	return 1
}
ask() { local n=$1; say "$@" && hear "$n"; }

# alloc N TOKEN SYSTEM [FIELD...]: LEASE and SESSION of the answer, which is in ANSWER.
alloc() {
	ANSWER=$(ask "$1" op=alloc "token=$2" "system=$3" workstation=10.0.0.5 "${@:4}")
	LEASE=$(field lease <<<"$ANSWER") SESSION=$(field session <<<"$ANSWER")
}
systems() { field system | sort | tr '\n' ' '; }
