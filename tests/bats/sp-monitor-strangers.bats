#!/usr/bin/env bats
# sp-monitor - strangers: how many of one address, for how long, how fast they may guess, and what they see.
load common
load monitor

setup_more() {
	monitor_store; monitor_keys; certificates
}

tls_monitor() {
	server tls sp-monitor --db db --listen tls:127.0.0.1:0 --cert server.crt --key server.key --ca ca.crt \
		--token-key token.pub --log mon.log "$@"
}
# tls N WHO [OPTION...]: client N, over TLS, with WHO's certificate. plain N [OPTION]: one that only connects.
tls() { connect "$1" openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile ca.crt -verify_return_error -cert "$2.crt" -key "$2.key" "${@:3}"; }
plain() { connect "$1" socat - "TCP:127.0.0.1:$PORT${2:-}"; }

@test "so many strangers of one address, one more is hung up on; others and who is known are served" {
	tls_monitor --strangers 2
	tls 1 alice
	[ "$(ask 1 op=search serial=42 | systems)" = "B1 " ]
	plain 2; local first=$CLIENT
	plain 3
	until_true 5 sh -c "[ \$(ss -Htn state established dport = :$PORT | wc -l) = 3 ]"
	tls 4 alice
	until_gone "$CLIENT"
	until_true 5 grep -q "step=307.*event=too-many.*from=127.0.0.1" mon.log
	tls 5 alice -bind 127.0.0.2
	[ "$(ask 5 op=search serial=42 | systems)" = "B1 " ]
	[ "$(ask 1 op=search serial=42 | systems)" = "B1 " ]
	kill "$first"; until_gone "$first"
	again() { tls 6 manager; [[ $(ask 6 op=state session=x state=up) == *error=peer* ]] || { rm -f to6 from6; return 1; }; }
	until_true 5 again
	tls 7 alice # those who are known take no place
	[ "$(ask 7 op=search serial=42 | systems)" = "B1 " ]
}

@test "a stranger has ten seconds; who is known has not" {
	tls_monitor
	tls 1 alice
	ask 1 op=search serial=42
	local from=$SECONDS
	plain 2
	until_true 30 gone "$CLIENT"
	[ $((SECONDS - from)) -ge 9 ]
	[ "$(ask 1 op=search serial=42 | systems)" = "B1 " ]
}

@test "a token is nothing beside a certificate; without one, or with a router's, nobody is let in" {
	tls_monitor
	tls 1 bob
	[[ $(ask 1 op=alloc "token=$alice" system=A1) == *error=denied*step=313* ]]
	connect 2 openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile ca.crt
	until_gone "$CLIENT"
	tls 3 router
	until_gone "$CLIENT"
	until_true 5 grep -q "step=307.event=refused.from=127.0.0.1.role=router.name=boston.certificate_id=[0-9a-f]*.error=denied.detail=the role" mon.log
	grep -q "step=307.event=refused.from=127.0.0.1.error=denied.detail=no certificate" mon.log
}

@test "after three systems that he may not reach a user's refusals come later and later" {
	tls_monitor --fail-delay 0.3
	tls 1 bob
	local i from took
	for i in 1 2 3; do [[ $(ask 1 op=alloc system=S$i) == *error=denied*step=313* ]]; done
	for took in 300 600; do
		from=${EPOCHREALTIME/./}
		[[ $(ask 1 op=alloc system=A1) == *error=denied*step=313* ]]
		[ $(((${EPOCHREALTIME/./} - from) / 1000)) -ge "$took" ]
	done
	tls_monitor --fail-delay 60
	tls 2 bob
	for i in 1 2 3; do ask 2 op=alloc system=none >/dev/null; done
	say 2 op=alloc system=none
	tls 3 carol
	[[ $(ask 3 op=alloc system=none) == *error=denied*step=313* ]] # another user of that address
	never read -t 0 -u 55
}

@test "a system that is not there and one that is another's: the same bytes" {
	tls_monitor --fail-delay 0
	tls 2 alice
	alloc 2 "" G1
	tls 1 bob
	local op
	for op in alloc search renew release watch; do
		ask 1 id=7 op=$op system=G1 serial=000299260123 "lease=$LEASE" "session=$SESSION" >forbidden
		ask 1 id=7 op=$op system=G9 serial=000299260999 lease=none session=none >unknown
		cmp forbidden unknown; [ -s unknown ]
	done
	local from=${EPOCHREALTIME/./}
	for op in customer=globex site=HAM "phone=+49405550" model=V5 region=eu; do
		ask 1 id=7 op=search "$op" >forbidden
		ask 1 id=7 op=search "${op%%=*}=+4999123456" >unknown
		cmp forbidden unknown
	done
	[ $(((${EPOCHREALTIME/./} - from) / 1000)) -ge 200 ] # 20 ms each, however short the work was
}

@test "garbage, TLS without a question, and plain text are hung up on; others are served" {
	tls_monitor
	tls 1 alice
	ask 1 op=search serial=42
	head -c 4096 /dev/urandom | timeout 20 socat -u - "TCP:127.0.0.1:$PORT" || :
	echo op=search | timeout 20 socat -t 15 - "TCP:127.0.0.1:$PORT" >said || :
	never grep -qa -e sp- -e error -e monitor said
	tls 2 bob
	{ head -c 512 /dev/urandom; echo; } >&54
	until_gone "$CLIENT"
	[ "$(ask 1 op=search serial=42 | systems)" = "B1 " ]
}

@test "who is not let in is written, ten at once, and then with the number of those who were not" {
	tls_monitor
	local i pids=()
	knock() { echo | timeout 20 socat -t 5 - "TCP:127.0.0.1:$PORT,bind=127.0.0.$1" >/dev/null 2>&1 || :; }
	for i in {2..31}; do knock $i & pids+=($!); done
	wait "${pids[@]}"
	told() { echo $(($(grep -c event=refused mon.log) + $(field count <mon.log | awk '{ n += $1 } END { print n + 0 }'))); }
	all_told() { knock 32; [ "$(told)" -ge 31 ]; }
	until_true 10 all_told
	grep -q "event=refused.*count=" mon.log
}

@test "what the limits may be" {
	local o
	for o in "--strangers 0" "--strangers x" "--fail-delay 61" "--clients 0"; do
		# shellcheck disable=SC2086
		run -2 sp-monitor --db db --listen unix:m --token-key token.pub $o
	done
}

@test "all places are taken by strangers of several addresses: who comes from elsewhere has one of theirs" {
	tls_monitor --strangers 3 --clients 6
	local i s
	for i in 1 2 3; do for s in 7 8; do plain "$((2 * i + s - 7))" ",bind=127.0.0.$s"; done; done
	all_in() { [ "$(ss -Htn state established "dport = :$PORT" | wc -l)" = 6 ]; }
	until_true 5 all_in
	tls 1 alice -bind 127.0.0.9
	[ "$(ask 1 op=search serial=42 | systems)" = "B1 " ]
	until_true 5 grep -q "step=307.*event=too-many.*from=127.0.0.[78].*detail=all places are taken" mon.log
	[ "$(ss -Htn state established "dport = :$PORT" | wc -l)" = 6 ]
	[ "$(ask 1 op=search serial=42 | systems)" = "B1 " ]
}

@test "revoked while connected: the next question ends the connection; others go on" {
	tls_monitor --crl pki/ca.crl
	tls 1 alice
	tls 2 carol
	[ "$(ask 1 op=search serial=42 | systems)" = "B1 " ]
	ask 2 op=search serial=0002 >/dev/null
	sp-ca revoke --dir pki alice >/dev/null
	local alice=${PIDS[-2]}
	say 1 op=search serial=42
	until_gone "$alice"
	grep -q "step=307.event=refused.from=127.0.0.1.role=user.name=alice.certificate_id=.*detail=certificate revoked" mon.log
	tls 3 alice
	until_true 5 gives 2 grep -c "event=refused.*role=user.name=alice.certificate_id=.*detail=certificate revoked" mon.log
	[ "$(ask 2 op=search serial=0002 | systems)" = "G1 " ]
}
