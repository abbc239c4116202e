#!/usr/bin/env bats
# sp-monitor - strangers: how many of one address, for how long, how fast they may guess, and what they see.
load common
load monitor

setup_more() {
	monitor_store && monitor_keys && certificates
	forged=$("$BUILD/tests/tool/mktoken" other.key user=alice)
}

tls_monitor() {
	server tls sp-monitor --db db --listen tls:127.0.0.1:0 --cert server.crt --key server.key --ca ca.crt \
		--token-key token.pub --log mon.log "$@"
}
# tls N [OPTION...]: client N, over TLS.
tls() { connect "$1" openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile ca.crt -verify_return_error "${@:2}"; }

@test "so many strangers of one address, one more is hung up on; others and who is known are served" {
	tls_monitor --strangers 2
	tls 1
	[ "$(ask 1 op=search "token=$alice" serial=42 | systems)" = "B1 " ]
	tls 2
	[[ $(ask 2 op=search "token=$forged") == *error=denied*step=307* ]]
	tls 3
	[[ $(ask 3 op=search "token=$forged") == *error=denied*step=307* ]]
	tls 4
	until_gone "$CLIENT"
	grep -q "step=307.*event=too-many.*from=127.0.0.1" mon.log
	tls 5 -bind 127.0.0.2
	[ "$(ask 5 op=search "token=$alice" serial=42 | systems)" = "B1 " ]
	[ "$(ask 1 op=search "token=$alice" serial=42 | systems)" = "B1 " ]
	[ "$(ask 2 op=search "token=$alice" serial=42 | systems)" = "B1 " ] # is no stranger any more
	tls 6
	[ "$(ask 6 op=search "token=$alice" serial=42 | systems)" = "B1 " ]
	tls 7 -cert manager.crt -key manager.key
	[[ $(ask 7 op=state session=x state=up) == *error=peer* ]]
}

@test "a stranger has ten seconds, whatever he asks meanwhile; who is known has not" {
	tls_monitor
	tls 1
	ask 1 op=search "token=$alice" serial=42
	tls 2
	local stranger=$CLIENT from=$SECONDS
	nag() { ask 2 op=search "token=$forged" >/dev/null 2>&1; gone "$stranger"; }
	until_true 30 nag
	[ $((SECONDS - from)) -ge 9 ]
	[ "$(ask 1 op=search "token=$alice" serial=42 | systems)" = "B1 " ]
}

@test "after three wrong tokens a refusal comes late, on every connection of that address; no engineer waits" {
	tls_monitor --fail-delay 60
	tls 1
	local i
	for i in 1 2 3; do [[ $(ask 1 op=search "token=$forged") == *error=denied*signature* ]]; done
	say 1 op=search "token=$forged"
	tls 2
	say 2 op=alloc "token=$forged" system=A1
	tls 3
	[ "$(ask 3 op=search "token=$alice" serial=42 | systems)" = "B1 " ]
	alloc 3 "$alice" A1
	[ -n "$LEASE" ]
	never read -t 0 -u 53
	never read -t 0 -u 55
}

@test "after three systems that he may not reach a user's refusals come later and later" {
	tls_monitor --fail-delay 0.3
	tls 1
	local i from took
	for i in 1 2 3; do [[ $(ask 1 op=alloc "token=$bob" system=S$i) == *error=denied*step=313* ]]; done
	for took in 300 600; do
		from=${EPOCHREALTIME/./}
		[[ $(ask 1 op=alloc "token=$bob" system=A1) == *error=denied*step=313* ]]
		[ $(((${EPOCHREALTIME/./} - from) / 1000)) -ge "$took" ]
	done
	tls_monitor --fail-delay 60
	tls 2
	for i in 1 2 3; do ask 2 op=alloc "token=$bob" system=none >/dev/null; done
	say 2 op=alloc "token=$bob" system=none
	tls 3
	[[ $(ask 3 op=alloc "token=$carol" system=none) == *error=denied*step=313* ]] # another user of that address
	never read -t 0 -u 55
}

@test "a system that is not there and one that is another's: the same bytes" {
	tls_monitor --fail-delay 0
	tls 1
	alloc 1 "$alice" G1
	local op
	for op in alloc search renew release watch; do
		ask 1 id=7 op=$op "token=$bob" system=G1 serial=000299260123 "lease=$LEASE" "session=$SESSION" >forbidden
		ask 1 id=7 op=$op "token=$bob" system=G9 serial=000299260999 lease=none session=none >unknown
		cmp forbidden unknown; [ -s unknown ]
	done
	for op in customer=globex site=HAM "phone=+49405550" model=V5 region=eu; do
		ask 1 id=7 op=search "token=$bob" "$op" >forbidden
		ask 1 id=7 op=search "token=$bob" "${op%%=*}=+4999123456" >unknown
		cmp forbidden unknown
	done
}

@test "garbage, TLS without a question, and plain text are hung up on; others are served" {
	tls_monitor
	tls 1
	ask 1 op=search "token=$alice" serial=42
	head -c 4096 /dev/urandom | timeout 20 socat -u - "TCP:127.0.0.1:$PORT" || :
	echo op=search | timeout 20 socat -t 15 - "TCP:127.0.0.1:$PORT" >said || :
	never grep -qa -e sp- -e error -e monitor said
	tls 2
	head -c 512 /dev/urandom >&54
	until_gone "$CLIENT"
	[ "$(ask 1 op=search "token=$alice" serial=42 | systems)" = "B1 " ]
}

@test "what the limits may be" {
	local o
	for o in "--strangers 0" "--strangers x" "--fail-delay 61" "--clients 0"; do
		# shellcheck disable=SC2086
		run -2 sp-monitor --db db --listen unix:m --token-key token.pub $o
	done
}
