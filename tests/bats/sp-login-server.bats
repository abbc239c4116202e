#!/usr/bin/env bats
# sp-login -l: what it takes from strangers, and what it refuses to start with.
load common

# A filter of sp-auth's shape that knows one user.
keys() {
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role login --name sec --issues user >/dev/null
	sp-ca key --out c/token >/dev/null
}
setup_more() {
	once keys
	cat >check <<-'EOF'
	#!/bin/sh
	exec awk -F'\t' -v OFS='\t' '{ ok = /\tpassword=right(\t|$)/; gsub(/\tpassword=[^\t]*/, "");
		print $0, ok ? "decision=accept\tgroups=support" : "error=denied\tstep=303\tdetail=unknown user"; fflush() }'
	EOF
	chmod +x check
}

start() {
	server sec sp-login -l --listen unix:s --token-key c/token.key --auth "${CHECK:-./check}" --refuse-after 0 \
		--log log --idle 0.3 "$@"
}
# Sends what is on standard input, prints what comes until the server hangs up on the silence.
talk() { timeout 10 socat -,ignoreeof UNIX-CONNECT:s; }

@test "the protocol: answers under the question's id" {
	start
	run talk < <(rec id=q1 op=login user=alice password=right; rec id=q2 op=login user=alice password=no)
	[[ $output == *"id=q1"$'\t'"user=alice"$'\t'"groups=support"$'\t'"token="*"done=1"* ]]
	[[ $output == *"$(rec id=q2 error=denied step=304 'detail=user, password or group not accepted')"* ]]
	run talk < <(rec id=2 op=login user=a; rec id=3 op=login password=right)
	[ "$(field error <<<"$output" | tr '\n' ' ')" = "denied denied " ]
}

@test "an op= that is not known is answered, and its asker hung up on" {
	start --idle 60
	run talk < <(rec id=1 op=search; rec id=2 op=login user=alice password=right)
	[ "$status" = 0 ]; [ "$output" = "$(rec id=1 error=usage step=302 'detail=op= is not known')" ]
}

@test "a peer that asks no more (printf | socat) has its answers" {
	start --idle 5
	run socat -t 5 - UNIX-CONNECT:s <<<"$(rec id=1 op=login user=alice password=right)"
	[[ $output == *"id=1"*token=*"done=1"* ]]
}

@test "a client that asks without end and never reads is hung up on" {
	start --idle 60
	yes "$(rec id=1 op=login)" | timeout 20 socat -u - UNIX-CONNECT:s 2>/dev/null && rc=0 || rc=$?
	[ "$rc" != 124 ]
}

@test "a line that is no record, or has no id=, is hung up on" {
	start
	run talk <<<"hello"
	[ -z "$output" ]
	run talk < <(rec op=login user=alice password=right)
	[ -z "$output" ]
	run talk <<<"$(rec id=1 op=login user=alice password=right)"
	[[ $output == *token=* ]]
}

@test "a silent client is hung up on; one over the limit waits for its turn" {
	start --clients 1
	socat -u UNIX-CONNECT:s OPEN:first,creat &
	local first=$! before=${EPOCHREALTIME/./}
	PIDS+=($first)
	until_true 5 test -e first
	run talk <<<"$(rec id=1 op=login user=alice password=right)"
	[[ $output == *token=* ]]
	[ $((${EPOCHREALTIME/./} - before)) -ge 250000 ] # the first one's silence, before its turn came
	until_gone "$first"
}

@test "strangers of one address take so many places and no more; others are served" {
	start --listen tls:127.0.0.1:0 --cert c/sec.crt --key c/sec.key --strangers 2 --idle 60
	local port to i
	port=$(field port <sec.out) to="TCP:127.0.0.1:$port,bind=127.0.0.2"
	mkfifo known
	openssl s_client -quiet -bind 127.0.0.2 -connect "127.0.0.1:$port" <known >known.out 2>&1 3>&- & PIDS+=($!)
	exec 7>known
	rec id=1 op=login user=alice password=right >&7 # accepted: is not counted any more
	until_true 5 grep -q token= known.out
	for i in 1 2; do socat -u "$to" - 3>&- & PIDS+=($!); done # silent: TLS is waited for
	until_true 5 sh -c "[ \$(ss -Htn state established src 127.0.0.2 dport = :$port | wc -l) = 3 ]"
	run timeout 5 socat -u "$to" - # before those have had their time
	[ "$status" = 0 ]; [ "$(grep event=too-many log | field from)" = 127.0.0.2 ]
	(umask 077; echo right >pw)
	run -0 sp-login --server "tls:127.0.0.1:$port" --ca c/ca.crt --user alice --password-file pw <<<"$(rec n=1)"
	exec 7>&-
}

@test "who has guessed wrong waits; others there, and he elsewhere, do not" {
	start --listen tls:127.0.0.1:0 --cert c/sec.crt --key c/sec.key --refuse-after 0.1 --idle 60
	local port
	port=$(field port <sec.out)
	mkfifo to
	guess() { # SOURCE USER PASSWORD: three at once, so that each but the first is one too many where there are some
		for id in 1 2 3; do rec id=$id op=login user="$2" password="$3"; done >asked
		: >answered
		openssl s_client -quiet -bind "$1" -connect "127.0.0.1:$port" <to >answered 2>/dev/null 3>&- & PIDS+=($!)
		exec 7>to
		cat asked >&7
		until_true 15 gives 3 grep -c ^id= answered
		exec 7>&-
	}
	held() { grep event=held log | field user | sort | uniq -c | tr -s ' \n' ' '; }
	guess 127.0.0.1 alice wrong
	[ "$(held)" = "" ]
	guess 127.0.0.2 alice wrong
	guess 127.0.0.1 bob wrong
	[ "$(held)" = "" ]
	guess 127.0.0.1 alice wrong
	[[ $(held) == " "[23]" alice " ]]
	[ "$(grep -c error=denied answered)" = 3 ]
	guess 127.0.0.1 alice right # in his turn, too, and then all is forgotten
	[ "$(grep -c token= answered)" = 3 ]
	: >log
	guess 127.0.0.1 alice wrong
	[ "$(held)" = "" ]; grep -q event=refused log
}

@test "what a filter says decides only if it says decision=accept" {
	cat >check <<-'EOF'
	#!/bin/sh
	exec awk '{ sub(/\tpassword=[^\t]*/, ""); print $0 "\tgroups=support"; fflush() }'
	EOF
	start
	run talk <<<"$(rec id=1 op=login user=alice password=right)"
	[[ $output == *error=denied* && $output != *token=* ]]
}

@test "a filter that ends at once: an error, the next question starts another" {
	printf '#!/bin/sh\nread -r line; echo x >>started; exit 1\n' >check
	start
	run talk < <(rec id=1 op=login user=alice password=right)
	[[ $output == *error=system*step=303* ]]
	run talk < <(rec id=2 op=login user=alice password=right)
	[[ $output == *error=system* ]]
	[ "$(wc -l <started)" = 2 ]
}

@test "it does not start with what it cannot use" {
	run --separate-stderr sp-login -l --listen unix:s
	[ "$status" = 2 ]; [[ $stderr == *"--issuer-cert is needed"* ]]
	chmod 644 c/token.key
	run --separate-stderr sp-login -l --listen unix:s --token-key c/token.key --auth ./check
	[ "$status" = 8 ]; [[ $stderr == *"readable by its owner only"* ]]
	chmod 600 c/token.key
	chmod 600 c/sec.crt
	run --separate-stderr sp-login -l --listen unix:s --token-key c/sec.crt --auth ./check
	[ "$status" = 8 ]; [[ $stderr == *"no private key"* ]]
	run --separate-stderr sp-login -l --listen tcp:127.0.0.1:0 --token-key c/token.key --auth ./check
	[ "$status" = 2 ]; [[ $stderr == *"only tls: and unix:"* ]]
	printf 'group=g\thash=plain\n' >groups; chmod 600 groups
	run --separate-stderr sp-login -l --listen unix:s --token-key c/token.key --auth ./check --group-passwords groups
	[ "$status" = 7 ]; [[ $stderr == *"groups: line 1"* ]]
	run --separate-stderr sp-login -l --listen unix:s --token-key c/token.key --auth ./missing
	[ "$status" = 8 ]; [[ $stderr == *"./missing"* ]]
	run -8 --separate-stderr bash -c 'sp-login -l --listen unix:s --token-key c/token.key --auth ./check >/dev/full'
	[ "$stderr" = "sp-login: unable to write standard output: No space left on device" ]
}

@test "a name of 60 KiB is refused, is not logged, and ends nothing" {
	start
	long=$(printf '%065400d' 0)
	for q in "user=$long"$'\t'"password=right" "user=alice"$'\t'"domain=$long"$'\t'"password=right" \
		"user=alice"$'\t'"group=$long"$'\t'"password=right"; do
		run talk <<<"$(rec id=1 op=login "$q")"
		[[ $output == "$(rec id=1 error=denied step=304)"* ]]
	done
	run talk <<<"$(rec id=1 op=login user=alice password=right)"
	[[ $output == *token=* ]]
	[ "$(wc -c <log)" -lt 4000 ]
}
