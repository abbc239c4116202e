# back.bash - certificates, sp-back, service processors that hold a connection to it, and callers.
# shellcheck disable=SC2034,SC2154

authority() { # NAME: NAME.crt, NAME.key
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -days 2 -keyout "$1.key" -out "$1.crt" 2>/dev/null
}
certificate() { # NAME CN [AUTHORITY [ADDRESS]]: NAME.crt, NAME.key
	local ca=${3:-ca}
	(umask 077; openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$1.key" -out csr 2>/dev/null)
	openssl x509 -req -in csr -CA "$ca.crt" -CAkey "$ca.key" -CAcreateserial -days 2 -out "$1.crt" \
		-extfile <(echo "subjectAltName=IP:${4:-127.0.0.1}") 2>/dev/null
}

# back_up [OPTION...]: an sp-back at $PORT and ./back.sock; BACK is its process
back_up() {
	server back sp-back --listen tls:127.0.0.1:0 --cert router.crt --key router.key --ca ca.crt --socket "unix:$T/back.sock" --log "$T/back.log" "$@"
	BACK=$SERVER_PID BACK_PORT=$PORT
}
# holds NAME CERTIFICATE COMMAND...: a service processor; SP is its process
holds() {
	local name=$1 c=$2; shift 2
	server "$name" sp-answer ${MAX:+--max "$MAX"} "back:127.0.0.1:$BACK_PORT?cert=$c.crt&key=$c.key&ca=ca.crt" -- "$@"
	SP=$SERVER_PID
}
said() { until_true "${2:-10}" grep -q -- "$1" back.out || { cat back.out ./*.err >&2; return 1; }; } # PATTERN [SECONDS]
times() { [ "$(grep -c -- "$1" back.out)" -ge "$2" ]; }
waits() { said "^serial=$1.state=waiting"; }

# call SERIAL [OPTION...]: with standard input; its events in events
call() { timeout 20 "$BUILD/tests/tool/circuit" "back:$1?via=unix:$T/back.sock" 10 2>events; }
# raw LINE...: to the unix socket
raw() { printf '%b' "$1" | timeout 5 socat -t 5 - "UNIX-CONNECT:$T/back.sock"; }
