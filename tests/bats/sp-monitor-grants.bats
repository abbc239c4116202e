#!/usr/bin/env bats
# sp-monitor - grants with windows and ports: what is outside is not there, what is open is said.
load common
load monitor

setup_more() {
	monitor_store; monitor_keys
	local other
	other=$(LC_ALL=C date -u -d '+3 days' +%a | tr A-Z a-z) # not today, and not tomorrow
	{ rec user=bob scope=customer object=acme "window=$other" ports=tcp/22
	  rec group=duty scope=system object=A1 window=mon-sun zone=America/New_York ports=tcp/80,udp/161:both
	  rec group=mail scope=site object=BOS ports=tcp/25:out
	  rec group=web scope=customer object=acme; } | sp-db --db db load grants >/dev/null
}

token() { "$BUILD/tests/tool/mktoken" token.key "user=$1" "groups=$2"; }

@test "outside its window a grant is not there: the same answers as without it" {
	monitor
	connect 1
	[ "$(ask 1 op=search "token=$bob")" = done=0 ]
	[ "$(ask 1 op=alloc "token=$bob" system=A1)" = "$(ask 1 op=alloc "token=$bob" system=G1)" ]
	[ "$(ask 1 op=search "token=$(token bob duty)" | systems)" = "A1 " ]
	[ "$(ask 1 op=search "token=$(token bob web)" | systems)" = "A1 A2 " ]
	sp-db --db db load grants <<<"$(rec user=bob scope=customer object=acme window=mon-sun)"
	[ "$(ask 1 op=search "token=$bob" | systems)" = "A1 A2 " ]
}

@test "alloc says which ports the grants that apply open together" {
	monitor --lease-seconds 60
	connect 1
	alloc 1 "$(token bob duty)" A1
	[ "$(field ports <<<"$ANSWER")" = tcp/80,udp/161:both ]
	alloc 1 "$(token emil mail)" A2
	[ "$(field ports <<<"$ANSWER")" = tcp/25:out ]
	run --separate-stderr sp-alloc --monitor "unix:$T/m" --no-hold <<<"$(rec system=G1 "token=$alice")"
	[ "$status" = 0 ]; [[ $output != *ports=* ]]
}

@test "a grant for all ports opens all; the same question again has the same answer" {
	monitor --lease-seconds 60
	connect 1
	alloc 1 "$(token bob duty,web)" A1
	[[ $ANSWER == *lease=* && $ANSWER != *ports=* ]]
	local again; again=$(token bob duty,mail)
	sp-db --db db load grants <<<"$(rec user=dora scope=system object=A2 ports=tcp/22)"
	local dora; dora=$(token dora "")
	alloc 1 "$dora" A2 request=one; local first=$ANSWER
	[ "$(field ports <<<"$first")" = tcp/22 ]
	alloc 1 "$dora" A2 request=one
	[ "$(field ports <<<"$ANSWER")" = tcp/22 ]; [ "$(field lease <<<"$first")" = "$LEASE" ]
	run --separate-stderr sp-alloc --monitor "unix:$T/m" --no-hold <<<"$(rec system=A2 "token=$again")"
	[ "$(field error <<<"$output")" = busy ]; [[ $output != *ports=* ]]
}

@test "more ranges of ports than a permit holds are refused, and no lease is made" {
	local i ports=
	for i in {1..16}; do ports+=,tcp/$((i * 10)); done
	sp-db --db db load grants <<<"$(rec group=many scope=system object=A1 "ports=${ports#,}")"
	monitor
	connect 1
	[[ $(ask 1 op=alloc "token=$(token bob many,duty)" system=A1) == *error=denied*step=313*"16 ranges"* ]]
	[ "$(sp-db --db db dump leases | wc -l)" = 0 ]
	alloc 1 "$(token bob many)" A1
	[ "$(field ports <<<"$ANSWER")" = "${ports#,}" ]
}

@test "what is no window, zone or list of ports is not loaded" {
	local f
	for f in "window=monday" "window=mon 8-18" "zone=Mars/Base" "zone=../../passwd" "ports=icmp/8" "ports=tcp/0"; do
		run --separate-stderr sp-db --db db load grants <<<"$(rec user=x scope=everything "$f")"
		[ "$status" = 7 ]; [[ $stderr == *"${f%%=*}: must be"* ]]
	done
}

@test "who is blocked, or whose grant is gone, renews no more: the lease ends with his next heartbeat" {
	monitor --lease-seconds 60
	connect 1
	alloc 1 "$alice" A1
	[[ $(ask 1 op=renew "token=$alice" "lease=$LEASE") == *done=1 ]]
	sp-db --db db load users <<<"$(rec user=alice state=blocked)"
	[[ $(ask 1 op=renew "token=$alice" "lease=$LEASE") == *error=denied*step=313*"was withdrawn"* ]]
	[ "$(sp-db --db db dump leases | wc -l)" = 0 ]
	[ "$(sp-db --db db dump calls | field reason)" = admin-reset ]
	grep -q "step=313.*event=withdrawn.*user=alice.*session=$SESSION" mon.log
	alloc 1 "$(token bob duty)" A1
	[[ $(ask 1 op=renew "token=$(token bob web)" "lease=$LEASE") == *done=1 ]] # his by another grant
	[[ $(ask 1 op=renew "token=$(token bob mail2)" "lease=$LEASE") == *error=denied*"was withdrawn"* ]]
}
