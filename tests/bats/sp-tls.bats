#!/usr/bin/env bats
# sp-tls: bytes within TLS, to the right server only. The peer is socat's OpenSSL.
load common

keys() { "$SP_TOP/share/lab/radius-certs.sh" tls 127.0.0.1 client; }
setup_more() {
	once keys
	C=(--ca tls/ca.crt --cert tls/client.crt --key tls/client.key)
}

# A server with a certificate of tls/, sets PORT; its log is tls.log.
listen() { # ADDRESS [NAME [OPTION]]
	: >tls.log
	socat -d -d -t 30 "OPENSSL-LISTEN:0,bind=127.0.0.1,fork,cert=tls/${2:-server}.crt,key=tls/${2:-server}.key,cafile=tls/ca.crt${3:-}" \
		"$1" 2>>tls.log 3>&- & PIDS+=($!)
	until_true 10 grep -q 'listening on' tls.log
	PORT=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' tls.log)
}
refused() { # STATUS WHY OPTION...
	local want=$1 why=$2; shift 2
	run --separate-stderr sp-tls "$@" <<<secret
	[ "$status" = "$want" ] && [ -z "$output" ] && [[ $stderr == *"$why"* ]] || { echo "$status $output $stderr"; return 1; }
}

@test "bytes go both ways, whatever they are, and the answer comes after the end of the input" {
	listen SYSTEM:'exec cat'
	head -c 3000000 /dev/urandom >in
	sp-tls "${C[@]}" "tls:127.0.0.1:$PORT" <in >out
	cmp in out
	listen SYSTEM:'wc -c'
	run -0 --separate-stderr sp-tls "${C[@]}" "tls:127.0.0.1:$PORT" <in
	[ "$output" = 3000000 ]; [ -z "$stderr" ]
}

@test "the server's certificate is made out to the host, of the authority, and TLS is 1.3" {
	"$SP_TOP/share/lab/radius-certs.sh" foreign 127.0.0.1 client
	listen OPEN:got,creat,append
	refused 4 certificate --ca foreign/ca.crt "tls:127.0.0.1:$PORT"
	refused 4 "made out to another name" --ca tls/ca.crt --host 127.0.0.2 "tls:127.0.0.1:$PORT"
	refused 4 "" --ca tls/ca.crt --role '*' "tls:127.0.0.1:$PORT"
	listen OPEN:got,creat,append client
	refused 4 "made out to another name" "${C[@]}" "tls:127.0.0.1:$PORT"
	listen OPEN:got,creat,append server ,openssl-max-proto-version=TLS1.2
	refused 6 "" "${C[@]}" "tls:127.0.0.1:$PORT"
	never grep -q secret got
}

@test "with --role the certificate says who it is, and its host does not matter" {
	sp-ca init --dir pki >/dev/null
	sp-ca issue --dir pki --role monitor --name mon1 --out server >/dev/null
	mkdir -p tls; mv server.* tls; cp pki/ca.crt tls/ca.crt
	listen SYSTEM:'exec cat' server ,verify=0
	run -0 sp-tls --ca pki/ca.crt --role login,monitor --name mon1 "tls:127.0.0.1:$PORT" <<<hello
	[ "$output" = hello ]
	refused 4 "the role in the certificate" --ca pki/ca.crt --role login "tls:127.0.0.1:$PORT"
	refused 4 "the name in the certificate" --ca pki/ca.crt --role monitor --name mon2 "tls:127.0.0.1:$PORT"
	refused 4 "made out to another name" --ca pki/ca.crt "tls:127.0.0.1:$PORT"
}

@test "an inherited socket, and what the log says" {
	listen SYSTEM:'exec cat'
	run -0 --separate-stderr bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT; sp-tls ${C[*]} --host 127.0.0.1 --log log fd:3 <<<hello"
	[ "$output" = hello ]
	[ "$(field event <log | tr '\n' ' ')" = "open closed " ]; [ "$(field peer <log)" = "127.0.0.1:$PORT" ]
	refused 4 "another name" --ca tls/ca.crt --host other --log failed "tls:127.0.0.1:$PORT"
	[ "$(field event <failed)" = failed ]; [ "$(field error <failed)" = denied ]; grep -q 'detail=.*another name' failed
	never grep -q hello log
}

@test "it ends with its reader, its peer and a signal, and tells the peer" {
	listen SYSTEM:'echo hello; exec cat'
	mkfifo in
	sp-tls "${C[@]}" "tls:127.0.0.1:$PORT" <in | head -c 6 >out & PIDS+=($!)
	exec 7>in
	until_gone $!
	until_true 5 sh -c "! pgrep -P $BASHPID -x sp-tls"
	[ "$(cat out)" = hello ]
	exec 7>&-
	sp-tls "${C[@]}" "tls:127.0.0.1:$PORT" <in >out & PIDS+=($!)
	local tls=$! status=0
	exec 7>in
	until_true 5 grep -q hello out
	kill "$tls"; wait "$tls" || status=$?
	[ "$status" = 0 ]
	until_true 5 sh -c "! pgrep -P ${PIDS[0]}" # the server's child has seen the end
	listen SYSTEM:'exec true'
	run -0 --separate-stderr sp-tls "${C[@]}" "tls:127.0.0.1:$PORT" <in
	exec 7>&-
	[ -z "$output$stderr" ]
}

@test "nobody there, silence, a full disk, closed input" {
	refused 6 "Connection refused" "${C[@]}" tls:127.0.0.1:9
	socat -d -d TCP-LISTEN:0,bind=127.0.0.1,fork SYSTEM:'exec cat >/dev/null' 2>silent.log 3>&- & PIDS+=($!)
	until_true 5 grep -q 'listening on' silent.log
	refused 3 "timed out" "${C[@]}" --timeout 0.3 "tls:127.0.0.1:$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' silent.log)"
	listen SYSTEM:'exec cat'
	run -8 bash -c "echo hello | sp-tls ${C[*]} tls:127.0.0.1:$PORT >/dev/full"
	run -0 bash -c "sp-tls ${C[*]} tls:127.0.0.1:$PORT <&-"
}

@test "options" {
	refused 2 "--ca is needed" tls:127.0.0.1:9
	refused 2 "one address" "${C[@]}"
	refused 2 "must be tls: or fd:" "${C[@]}" tcp:127.0.0.1:9
	refused 2 "--host is needed" "${C[@]}" fd:3
	refused 2 "belong together" --ca tls/ca.crt --cert tls/client.crt tls:127.0.0.1:9
	refused 2 "do not go together" --ca tls/ca.crt --role '*' --host h tls:127.0.0.1:9
	refused 2 "belongs to --role" --ca tls/ca.crt --name n tls:127.0.0.1:9
	refused 2 "a word is no role" --ca tls/ca.crt --role king tls:127.0.0.1:9
	chmod 644 tls/client.key
	refused 8 "readable by its owner only" "${C[@]}" tls:127.0.0.1:9
}
