#!/usr/bin/env bats
# sp-auth over TLS (RFC 6614), to a real FreeRADIUS.
load common
load radius

prepare() { "$SP_TOP/share/lab/radius-certs.sh" r/tls 127.0.0.1 client; }
setup_more() {
	radius
	REAL=$PORT
	C=(--ca r/tls/ca.crt --cert r/tls/client.crt --key r/tls/client.key)
}
ALICE=$'user=alice\tpassword=correct horse'

# A RADIUS server of TLS whose replies are forged: what arrives over TLS is a datagram to the forger.
forger() { # KIND...
	(umask 077; echo radsec >radsec)
	server "forger$RANDOM" "$BUILD/tests/tool/radius-forger" 2 radsec 0 "$@"
	tls_to "UDP:127.0.0.1:$PORT"
}
# Listens with the server's certificate, sets PORT. The log is tls.log.
tls_to() { # ADDRESS [NAME [OPTION]]
	: >tls.log
	socat -d -d "OPENSSL-LISTEN:0,bind=127.0.0.1,fork,cert=r/tls/${2:-server}.crt,key=r/tls/${2:-server}.key,cafile=r/tls/ca.crt${3:-}" \
		"$1" 2>>tls.log 3>&- & PIDS+=($!)
	until_true 5 grep -q 'listening on' tls.log
	PORT=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' tls.log)
}

@test "accepted, refused, challenged, accounted for" {
	A=(sp-auth --server "tls:127.0.0.1:$REAL" "${C[@]}")
	run --separate-stderr "${A[@]}" <<<"$ALICE"
	[ "$status" = 0 ]; [ "$output" = "$(rec user=alice decision=accept groups=support,field)" ]; [ -z "$stderr" ]
	run --separate-stderr "${A[@]}" < <(rec user=alice password=wrong; rec user=nobody password=x)
	[ "$status" = 4 ]; [ "$(grep -c error=denied <<<"$output")" = 2 ]
	run "${A[@]}" <<<"$(rec user=erin password=erin-pass)"
	[ "$(field decision <<<"$output")" = challenge ]
	run "${A[@]}" <<<"$(rec user=erin password=271828 state="$(field state <<<"$output")")"
	[ "$status" = 0 ]; [[ $output == *decision=accept* ]]
	run "${A[@]}" --accounting < <(rec acct=start session=s1 user=alice; rec acct=stop session=s1 user=alice reason=idle)
	[ "$status" = 0 ]; [ "$(field acct_done <<<"$output" | wc -l)" = 2 ]
	grep -q 'Acct-Terminate-Cause = Idle-Timeout' r/detail
}

@test "many at once, each its own answer, over few connections" {
	for i in $(seq 600); do
		rec id=$i user=alice "password=$([ $((i % 3)) = 0 ] && echo wrong || echo correct horse)"
	done >in
	run --separate-stderr sp-auth --timeout 30 --server "tls:127.0.0.1:$REAL" "${C[@]}" <in
	[ "$status" = 4 ]
	[ "$(field id <<<"$output" | sort -n | uniq | wc -l)" = 600 ]
	[ "$(grep -c decision=accept <<<"$output")" = 400 ]
	[ -z "$(grep error=denied <<<"$output" | field id | awk '$1 % 3')" ]
}

@test "a connection that the server closed is opened anew, and nothing is lost" {
	tls_to "OPENSSL:127.0.0.1:$REAL,cert=r/tls/client.crt,key=r/tls/client.key,cafile=r/tls/ca.crt"
	mkfifo in
	sp-auth --server "tls:127.0.0.1:$PORT" "${C[@]}" <in >out 2>err & PIDS+=($!)
	local auth=$!
	exec 7>in
	for n in 1 2 3; do
		echo "$ALICE" >&7
		until_true 10 gives "$n" grep -c decision=accept out
		kill "$(pgrep -P "${PIDS[-2]}")"
		until_true 5 sh -c "! pgrep -P ${PIDS[-2]}"
	done
	exec 7>&-
	until_gone "$auth"
	[ ! -s err ]; [ "$(grep -c 'accepting connection' tls.log)" = 3 ]
}

@test "who has not the right certificate is told nothing, and nobody believes him" {
	"$SP_TOP/share/lab/radius-certs.sh" foreign 127.0.0.1 client
	refused() { # WHY OPTION...
		local why=$1; shift
		run --separate-stderr sp-auth "$@" <<<"$ALICE"
		[ "$status" = 6 ] && [[ $output == *error=peer* && $output == *"$why"* ]] || { echo "$why: $status $output"; return 1; }
	}
	refused certificate --server "tls:127.0.0.1:$REAL" --ca foreign/ca.crt --cert r/tls/client.crt --key r/tls/client.key
	refused "is our certificate accepted" --server "tls:127.0.0.1:$REAL" --ca r/tls/ca.crt --cert foreign/client.crt --key foreign/client.key
	tls_to - client # of our authority, but not a server's of that address
	refused "" --server "tls:127.0.0.1:$PORT" "${C[@]}"
	tls_to - server ,openssl-max-proto-version=TLS1.2
	refused "" --server "tls:127.0.0.1:$PORT" "${C[@]}"
	never grep -q Login r/radius.log
}

@test "a reply that is not the request's ends the connection; the control is one" {
	for kind in auth secret badmac id; do
		forger $kind
		run --separate-stderr sp-auth --server "tls:127.0.0.1:$PORT" "${C[@]}" <<<"$ALICE"
		[ "$status" = 6 ] && [[ $output == *error=peer* ]] || { echo "$kind: $status $output"; return 1; }
	done
	forger short # less than its length says: the rest is waited for
	run --separate-stderr sp-auth --timeout 0.5 --server "tls:127.0.0.1:$PORT" "${C[@]}" <<<"$ALICE"
	[ "$status" = 3 ]
	for kind in good nomac; do # TLS says that it is the server's
		forger $kind
		run -0 sp-auth --server "tls:127.0.0.1:$PORT" "${C[@]}" <<<"$ALICE"
		[[ $output == *groups=root ]]
	done
}

@test "a server that is gone is left at once, a silent one after its share, and passed over then" {
	local gone=9
	while grep -q "$(printf ':%04X ' $gone)" /proc/net/tcp; do gone=$((gone + 1)); done
	run --separate-stderr sp-auth --server "tls:127.0.0.1:$gone" "${C[@]}" <<<"$ALICE"
	[ "$status" = 6 ]; [[ $output == *"Connection refused"* ]]
	: >silent.log
	socat -d -d TCP-LISTEN:0,bind=127.0.0.1,fork SYSTEM:'exec cat >/dev/null' 2>silent.log 3>&- & PIDS+=($!)
	until_true 5 grep -q 'listening on' silent.log
	PORT=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' silent.log)
	mkfifo in
	sp-auth --timeout 2 --server "tls:127.0.0.1:$gone" --server "tls:127.0.0.1:$PORT" --server "tls:127.0.0.1:$REAL" \
		"${C[@]}" <in >out 2>err & PIDS+=($!)
	exec 7>in
	for n in 1 2 3; do
		echo "$ALICE" >&7
		until_true 10 gives "$n" grep -c decision=accept out
	done
	exec 7>&-
	[ "$(grep -c 'accepting connection' silent.log)" = 1 ]; [ ! -s err ]
	# when its handshake has no time left, that is silence, too
	run -3 --separate-stderr sp-auth --timeout 11 --server "tls:127.0.0.1:$PORT" "${C[@]}" <<<"$ALICE"
	[[ $output == *error=timeout*"no RADIUS server answered in time"* ]]
}

@test "TLS is sp-tls's, which gets no password by arguments or environment, and ends with sp-auth" {
	mkfifo in
	sp-auth --server "tls:127.0.0.1:$REAL" "${C[@]}" <in >out & PIDS+=($!)
	local auth=$! tls
	exec 7>in
	echo "$ALICE" >&7
	until_true 10 grep -q decision=accept out
	tls=$(pgrep -P "$auth" -x sp-tls)
	tr '\0' '\n' <"/proc/$tls/cmdline" >args; grep -q -- --host args
	never grep -qE 'horse|radsec' args "/proc/$tls/environ"
	kill -9 "$auth"
	until_gone "$tls"
	exec 7>&-
}

@test "options: what TLS needs, and what does not go with it" {
	run --separate-stderr sp-auth --server tls:127.0.0.1 --cert r/tls/client.crt --key r/tls/client.key
	[ "$status" = 2 ]; [[ $stderr == *"--ca is needed"* ]]
	run --separate-stderr sp-auth --server tls:127.0.0.1 --server 127.0.0.1 "${C[@]}"
	[ "$status" = 2 ]; [[ $stderr == *"all servers are tls:, or none"* ]]
	run --separate-stderr sp-auth --server tls:127.0.0.1 "${C[@]}" --secret-file r/radius.secret
	[ "$status" = 2 ]; [[ $stderr == *"not for tls:"* ]]
	run --separate-stderr sp-auth --server tls:127.0.0.1:1:2 "${C[@]}"
	[ "$status" = 2 ]; [[ $stderr == *"not tls:HOST[:PORT]"* ]]
	run --separate-stderr sp-auth --server tls:127.0.0.1 --ca r/tls/client.key --cert r/tls/client.crt --key r/tls/client.key
	[ "$status" = 8 ]
}
