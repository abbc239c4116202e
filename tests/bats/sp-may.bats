#!/usr/bin/env bats
# sp-may - decisions, and that they are the monitor's: grants, validity, windows, ports.
load common
load monitor

setup_more() {
	monitor_store
	{ rec user=dora scope=system object=A1 "window=mon-fri 08:00-18:00" zone=Europe/Berlin ports=tcp/22,tcp/80
	  rec group=field scope=site object=BOS ports=tcp/443,udp/161:both
	  rec user=emil scope=customer object=acme valid_from=2027-01-01T00:00:00Z
	  rec user=fred domain=EMEA scope=everything; rec user=gina "domain=*" scope=everything; } | sp-db --db db load grants >/dev/null
	sp-db --db db load users <<<"$(rec user=mallory state=blocked)" >/dev/null
	sp-db --db db load grants <<<"$(rec user=mallory scope=everything)" >/dev/null
	sp-db --db db load groups <<<"$(rec group=field user=hugo)" >/dev/null
}

may() { run --separate-stderr sp-may --db db "$@"; }
# is SYSTEM WANTED-FIELDS OPTION...: its decision
is() {
	local system=$1 want=$2; shift 2
	may "$@" <<<"system=$system"
	[ "$output" = "$(rec "system=$system" "$want")" ] || { echo "$output"; return 1; }
}

@test "sp-may: owes what every filter owes" {
	filter_owes system=A1 sp-may --db db --user gina
}

@test "a grant of the user's or of a group's, by every scope" {
	is A1 "$(rec decision=allow rule="user=alice scope=everything")" --user alice
	[ "$status" = 0 ]
	is A1 "$(rec decision=allow "rule=group=field scope=site object=BOS ports=tcp/443,udp/161:both" ports=tcp/443,udp/161:both)" --user carol --groups support,field
	is G1 "$(rec decision=allow "rule=group=field scope=customer object=globex")" --user hugo
	is A1 "$(rec decision=allow "rule=user=fred domain=EMEA scope=everything")" --user fred --domain EMEA
	is A1 "$(rec decision=allow "rule=user=gina domain=* scope=everything")" --user gina --domain X
}

@test "why not: the rule says it, the exit status is 4" {
	is A1 "$(rec decision=deny rule=no-grant)" --user nobody
	[ "$status" = 4 ]; [ -z "$stderr" ]
	is B1 "$(rec decision=deny rule=no-grant)" --user carol --groups field
	is A1 "$(rec decision=deny rule=no-grant)" --user fred
	is A1 "$(rec decision=deny rule=user-blocked)" --user mallory
	is Z9 "$(rec decision=deny rule=no-such-system)" --user alice
	is A1 "$(rec decision=deny "rule=expired user=old scope=everything valid_until=2026-01-01T00:00:00Z")" --user old
	is A1 "$(rec decision=deny "rule=not-yet-valid user=emil scope=customer object=acme valid_from=2027-01-01T00:00:00Z")" --user emil --time 2026-12-31T23:59:59Z
	is A1 "$(rec decision=allow "rule=user=emil scope=customer object=acme valid_from=2027-01-01T00:00:00Z")" --user emil --time 2027-01-01T00:00:00Z
	may <<<system=A1
	[ "$(field rule <<<"$output")" = no-user ]
}

@test "a blocked user is that in every spelling that a domain server takes for him, and nobody else is" {
	{ rec user=Zoe domain=EMEA state=blocked; rec user=yan state=blocked; } | sp-db --db db load users >/dev/null
	{ rec user=zoe "domain=*" scope=everything; rec user=zoe scope=everything; rec user=yan "domain=*" scope=everything
	  rec user=zoey "domain=*" scope=everything; } | sp-db --db db load grants >/dev/null
	local who
	for who in "zoe EMEA" "ZOE emea" "zoe" "Zoe Emea" "yan" "Yan X"; do
		# shellcheck disable=SC2086
		set -- $who
		is A1 "$(rec decision=deny rule=user-blocked)" --user "$1" ${2:+--domain "$2"}
	done
	is A1 "$(rec decision=allow "rule=user=zoe domain=* scope=everything")" --user zoe --domain ASIA
	is A1 "$(rec decision=allow "rule=user=zoey domain=* scope=everything")" --user zoey --domain EMEA
}

@test "a window: open, closed, until when; ports of all grants that apply" {
	local grant="user=dora scope=system object=A1 window=mon-fri 08:00-18:00 zone=Europe/Berlin ports=tcp/22,tcp/80"
	is A1 "$(rec decision=allow "rule=$grant" ports=tcp/22,tcp/80 may_until=2026-11-24T17:00:00Z)" --user dora --time 2026-11-24T07:00:00Z
	is A1 "$(rec decision=deny "rule=outside-window $grant")" --user dora --time 2026-11-24T06:59:59Z
	is A1 "$(rec decision=allow "rule=group=field scope=site object=BOS ports=tcp/443,udp/161:both" ports=tcp/22,tcp/80,tcp/443,udp/161:both)" --user dora --groups field --time 2026-11-24T07:00:00Z
	[ "$(sp-may --db db --user dora --groups field --time 2026-11-24T06:00:00Z <<<system=A1 | field ports)" = tcp/443,udp/161:both ]
}

@test "who is in the record; serial numbers; what is no question" {
	may <<<"$(rec serial=000187-260123 user=carol groups=field x=y)"
	[[ $output == "$(rec serial=000187-260123 user=carol groups=field x=y system=A1 decision=allow rule=)"* ]]
	sp-db --db db load systems <<<"$(rec system=B2 serial=42 customer=bank3)" >/dev/null
	may --user alice <<<serial=42
	[ "$status" = 7 ]; [ "$(field error <<<"$output")" = record ]; [ "$(field step <<<"$output")" = 308 ]
	may --user alice <<<site=BOS
	[ "$status" = 7 ]
	may --user alice <<<serial=4711
	[ "$(field rule <<<"$output")" = no-such-system ]
	run -2 sp-may --db db --user alice --time tomorrow
	run -2 sp-may --db db --groups x
	run -2 sp-may
	run -8 sp-may --db none
}

@test "over a monitor the same is said, to managers only" {
	monitor_keys; certificates
	server tls sp-monitor --db db --listen tls:127.0.0.1:0 --listen "unix:$T/m" --cert server.crt --key server.key --ca ca.crt --token-key token.pub
	local o
	sp-db --db db dump systems | sp-record drop serial >in; rec serial=42 >>in; rec serial=4711 >>in
	for o in "--user alice" "--user dora --groups field --time 2026-11-24T07:00:00Z" "--user mallory" "--user old" "--user nobody"; do
		# shellcheck disable=SC2086
		{ sp-may --db db $o <in || echo $?; } >store
		# shellcheck disable=SC2086
		{ sp-may --monitor "unix:$T/m" $o <in || echo $?; } >monitor
		diff store monitor
	done
	run --separate-stderr sp-may --monitor "tls:127.0.0.1:$PORT" --ca ca.crt --cert manager.crt --key manager.key --user alice <<<system=A1
	[ "$status" = 0 ]; [ "$(field decision <<<"$output")" = allow ]
	run --separate-stderr sp-may --monitor "tls:127.0.0.1:$PORT" --ca ca.crt --cert alice.crt --key alice.key --user alice <<<system=A1
	[ "$status" = 4 ]; [ "$(field error <<<"$output")" = denied ]; [ "$(field step <<<"$output")" = 308 ]; [[ $output != *decision=* ]]
	run --separate-stderr sp-may --monitor "unix:$T/m" --user alice <<<site=BOS
	[ "$status" = 7 ]; [ "$(field error <<<"$output")" = record ]
	run -2 sp-may --monitor "unix:$T/m" --ticket T-1
}

@test "it says what the monitor does, of every user and system" {
	monitor_keys
	monitor
	connect 1
	local u groups token
	for u in alice bob old mallory dora emil gina hugo carol:field carol:field,x; do
		groups=; [[ $u != *:* ]] || groups=${u#*:}
		token=$("$BUILD/tests/tool/mktoken" token.key "user=${u%:*}" "groups=$groups")
		ask 1 op=search "token=$token" | systems >found
		sp-db --db db dump systems | { sp-may --db db --user "${u%:*}" --groups "$groups" || :; } | { grep decision=allow || :; } | systems >allowed
		diff found allowed || { echo "$u"; return 1; }
	done
}
