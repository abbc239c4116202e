# back.bash - certificates, sp-back, service processors that hold a connection to it, and callers.
# shellcheck disable=SC2034,SC2154

authority() { # NAME: NAME.crt
	sp-ca init --dir "pki-$1" >/dev/null; cp "pki-$1/ca.crt" "$1.crt"
}
certificate() { # FILE SERIAL [AUTHORITY]: FILE.crt, FILE.key of a service processor; SERIAL router: of the router
	local who=(--role processor --serial "$2")
	[ "$2" != router ] || who=(--role router --name router)
	sp-ca issue --dir "pki-${3:-ca}" "${who[@]}" --out "$1" >/dev/null
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
