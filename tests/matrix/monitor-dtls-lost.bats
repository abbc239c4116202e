#!/usr/bin/env bats
# sp-monitor and its clients by datagram, when datagrams are lost or come twice, and when the monitor dies.
load ../bats/common
load ../bats/monitor
load ../bats/dtls

setup_more() { dtls_setup; }

@test "whichever of the first datagrams is lost, the search is answered" {
	dtls
	local lost
	for lost in c:1 c:2 c:3 s:1 s:2 s:3; do
		lossy $lost
		[ "$(find_it alice --timeout 20 | field system)" = B1 ]
		grep -q "dropped=$lost" lossy.out
	done
}

@test "the question, or its answer, is lost: the same question again" {
	dtls
	local lost
	for lost in q:1 a:1 q:1-2 a:1-2; do
		lossy $lost
		[ "$(find_it alice --timeout 20 | field system)" = B1 ]
		has_lines "$((1 + ${lost##*[-:]}))" lossy.out
	done
	[ "$(grep -c "event=question" mon.log)" = 4 ]
	grep -q "step=307.event=again.user=alice" mon.log
}

@test "the answer to an allocation is lost: one lease, whose record is whole" {
	dtls
	lossy a:1
	hold_it
	[ "$(field router <<<"$LINE")" = boston ]; [ -n "$(field lease <<<"$LINE")" ]
	[ "$(leases)" = 1 ]
	grep -q "step=312.event=again.user=alice" mon.log
	[ "$(grep -c "event=chosen" mon.log)" = 1 ]
	let_go
	[ "$(leases)" = 0 ]
}

@test "three answers are lost: the fourth time is in a new association, and still it is one lease" {
	dtls
	lossy a:1-3
	hold_it alice --timeout 25
	[ -n "$(field lease <<<"$LINE")" ]
	[ "$(leases)" = 1 ]
	[ "$(grep -c "event=asked" mon.log)" = 1 ]; [ "$(grep -c "event=again" mon.log)" -ge 3 ]
	let_go
}

@test "a client without request= that asks again under its id=, in another association: one lease" {
	dtls
	foreign 1 alice
	local first again
	first=$(ask 1 id=77 op=alloc system=A1)
	[ -n "$(field lease <<<"$first")" ]
	foreign 2 alice
	again=$(ask 2 id=77 op=alloc system=A1)
	[ "$again" = "$first" ]
	[[ $(ask 2 id=78 op=alloc system=A1) == *error=busy* ]]
	# the id= of another party is another
	foreign 3 carol
	[[ $(ask 3 id=77 op=alloc system=A1) == *error=denied* ]]
	[ "$(leases)" = 1 ]
}

@test "each datagram comes twice: nothing is done twice, no row is given twice" {
	for i in {100..120}; do rec system=L$i serial=77$i customer=acme site=BOS; done | sp-db --db db load systems >/dev/null
	dtls
	lossy double
	[ "$(find_it | field system)" = B1 ]
	[ "$(sp-search --monitor "dtls:127.0.0.1:$WAY" --ca ca.crt --serial 77 --limit 4 <<<"$(rec identity=alice.pem)" | field system | wc -l)" = 4 ]
	hold_it
	[ "$(leases)" = 1 ]
	let_go
	[ "$(leases)" = 0 ]
	[ "$(grep -c "event=chosen" mon.log)" = 1 ]
}

@test "the ticket's answer takes longer than the client's patience: it is asked for once" {
	cat >verify <<-'E'
		while IFS= read -r line; do
			echo x >>looked
			read -r _ <go
			printf '%s\tdecision=accept\n' "$line"
		done
	E
	mkfifo go
	dtls --verify-ticket "sh verify"
	mkfifo held
	sp-alloc --timeout 30 --monitor "dtls:127.0.0.1:$PORT" --ca ca.crt <<<"$(rec system=A1 ticket=T1 identity=alice.pem)" >held 2>err 3>&- & PIDS+=($!)
	exec 8<held
	until_true 20 eval '[ "$(grep -c event=again mon.log)" -ge 2 ]'
	: >go
	IFS= read -rt 20 -u 8 line
	[ -n "$(field lease <<<"$line")" ]
	has_lines 1 looked
	exec 8<&-
}

@test "the monitor is killed with -9 while a lease is held: the next one at that port renews it" {
	dtls --lease-seconds 21
	local port=$PORT
	hold_it
	kill -9 "$MONITOR"
	until_gone "$MONITOR"
	server again sp-monitor --db db --listen "dtls:127.0.0.1:$port" --cert server.crt --key server.key --ca ca.crt --lease-seconds 21 --log again.log 8<&-
	first=$(sp-db --db db dump leases | field until)
	renewed() { [ "$(sp-db --db db dump leases | field until)" != "$first" ]; }
	until_true 40 renewed
	kill -0 "$HOLDER"
	let_go
	[ "$(leases)" = 0 ]
	grep -q "event=released.*user=alice" again.log
}

@test "nobody there: the next address is asked, or that is said at once" {
	dtls
	[ "$(sp-search --monitor dtls:127.0.0.1:1 --monitor "dtls:127.0.0.1:$PORT" --ca ca.crt <<<"$(rec serial=42 identity=alice.pem)" | field system)" = B1 ]
	[ "$(sp-search --monitor dtls:127.0.0.1:1 --monitor "tls:127.0.0.1:$TLS_PORT" --ca ca.crt <<<"$(rec serial=42 identity=alice.pem)" | field system)" = B1 ]
	run -6 --separate-stderr sp-search --timeout 60 --monitor dtls:127.0.0.1:1 --ca ca.crt <<<"$(rec serial=42 identity=alice.pem)"
	[[ $stderr == *"dtls:127.0.0.1:1: Connection refused"* ]]
}
