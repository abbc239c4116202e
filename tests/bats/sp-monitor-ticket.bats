#!/usr/bin/env bats
# sp-monitor - tickets: none is given a router without one that the command accepts, and one that is
# closed ends its sessions.
load common
load monitor

setup_more() {
	monitor_store; monitor_keys
	sp-db --db db load grants <<<"$(rec user=bob scope=customer object=acme)" >/dev/null
	# A filter that accepts the tickets which are in the file `open`, and writes down what it is asked.
	cat >verify <<-'END'
		#!/bin/bash
		while IFS= read -r line; do
			printf '%s\n' "$line" >>asked
			ticket=$(tr '\t' '\n' <<<"$line" | sed -n 's/^ticket=//p')
			case $ticket in mute) continue ;; die) exit ;; away) printf '%s\terror=peer\tdetail=no answer\n' "$line"; continue ;; esac
			if grep -qx "$ticket" open; then printf '%s\tdecision=accept\n' "$line"
			else printf '%s\tdecision=deny\tdetail=%s is closed\n' "$line" "$ticket"; fi
		done
	END
	chmod +x verify
	echo T-1 >open
}

with_tickets() { monitor --verify-ticket "$T/verify" --lease-seconds 60 "$@"; }
leases() { sp-db --db db dump leases | wc -l; }
asked_again() { [ "$(grep -c "session=$1" asked)" -gt "${2:-0}" ]; }

@test "a ticket that is accepted: a lease, and its number in lease, call and log" {
	with_tickets
	connect 1
	alloc 1 "$carol" G1 ticket=T-1
	[[ $ANSWER == *lease=*done=1* ]]
	[ "$(sp-db --db db dump leases | field ticket)" = T-1 ]
	[ "$(sp-db --db db dump calls | field ticket)" = T-1 ]
	grep -q "step=312.*ticket=T-1" mon.log
	[ "$(tr '\t' '\n' <asked | grep -v ^id= | sort | tr '\n' ' ')" = "customer=Globex groups=support,field serial=000299260123 site=HAM system=G1 ticket=T-1 user=carol workstation=10.0.0.5 " ]
}

@test "without one, with one that is closed, or that cannot be checked: no lease" {
	with_tickets
	connect 1
	[[ $(ask 1 op=alloc "token=$alice" system=A1) == *error=denied*step=313*"ticket is needed"* ]]
	[[ $(ask 1 op=alloc "token=$alice" system=A1 ticket=T-2) == *error=denied*step=313*"not accepted: T-2 is closed"* ]]
	[[ $(ask 1 op=alloc "token=$alice" system=A1 ticket=away) == *error=peer*step=313*"cannot be checked"* ]]
	[[ $(ask 1 op=alloc "token=$alice" system=A1 "ticket=$(printf 'x%.0s' {1..129})") == *error=record*step=313* ]]
	[ "$(leases)" = 0 ]
	[ "$(grep -c event=refused mon.log)" = 4 ]
}

@test "about a system that is not for this user no ticket is asked for, and the answer is the same" {
	with_tickets
	connect 1
	local forbidden unknown
	for t in T-1 T-2 ""; do
		forbidden=$(ask 1 op=alloc "token=$bob" system=G1 ticket=$t)
		unknown=$(ask 1 op=alloc "token=$bob" system=none ticket=$t)
		[ "$forbidden" = "$unknown" ]; [[ $forbidden == *error=denied*step=313*"no such system"* ]]
	done
	[ ! -e asked ]
}

@test "others are served meanwhile; who goes away before the verdict leaves no lease" {
	with_tickets
	connect 1
	connect 2
	say 1 op=alloc "token=$alice" system=A1 ticket=mute
	until_true 5 grep -q ticket=mute asked
	[[ $(ask 2 op=alloc "token=$carol" system=G1 ticket=T-1) == *lease=* ]]
	kill "$CLIENT"
	[[ $(hear 1) == *error=peer*step=313*"cannot be checked"* ]]
	[ "$(leases)" = 1 ]
}

@test "a ticket that is closed ends its session at the next check, and its holder's" {
	with_tickets --ticket-check 0.2
	mkfifo leased
	sp-alloc --monitor "unix:$T/m" <<<"$(rec ticket=T-1 system=A1 "token=$alice")" >leased 2>alloc.err & local pid=$!
	PIDS+=("$pid")
	exec 7<leased
	IFS= read -rt 10 -u 7 line
	SESSION=$(field session <<<"$line")
	connect 1
	until_true 10 asked_again "$SESSION" 2
	[ "$(leases)" = 1 ]
	say 1 id=w op=watch "token=$alice" "session=$SESSION"
	hear 1 1 >watched
	: >open
	[[ $(hear 1) == *state=down*reason=admin-reset*done=2* ]]
	[ "$(leases)" = 0 ]
	grep -q "step=313.*event=ticket-closed.*session=$SESSION.*ticket=T-1" mon.log
	[ "$(sp-db --db db dump calls | field reason)" = admin-reset ]
	exec 7<&-
}

@test "a command that does not answer, or ends, ends no session" {
	with_tickets --ticket-check 0.2
	connect 1
	alloc 1 "$alice" A1 ticket=T-1
	local t
	for t in away die; do
		sqlite3 db-live "UPDATE leases SET ticket='$t'"
		several() { [ "$(grep -c "ticket=$t.*session=$SESSION" asked)" -gt 3 ]; }
		until_true 10 several
	done
	[ "$(leases)" = 1 ]
	[[ $(ask 1 op=renew "token=$alice" "lease=$LEASE") == *done=1 ]]
}

@test "op=ticket: a manager closes one, with sp-state; nobody else can" {
	with_tickets
	connect 1
	alloc 1 "$alice" A1 ticket=T-1; local first=$SESSION
	alloc 1 "$carol" G1 ticket=T-1
	run --separate-stderr sp-state --monitor "unix:$T/m" --log state.log <<<"$(rec ticket=T-9 state=closed)"
	[ "$status" = 0 ]; [ "$(leases)" = 2 ]
	[ "$(ask 1 op=ticket ticket=T-1 state=closed)" = "$(rec count=2 done=1)" ]
	[ "$(leases)" = 0 ]
	[ "$(grep -c event=ticket-closed mon.log)" = 2 ]
	[ "$(sp-db --db db dump calls | grep "session=$first" | field reason)" = admin-reset ]
	[[ $(ask 1 op=ticket ticket=T-1) == *error=record* ]]
	certificates
	server tls sp-monitor --db db --listen tls:127.0.0.1:0 --cert server.crt --key server.key --ca ca.crt --token-key token.pub
	connect_as 2 alice
	[[ $(ask 2 op=ticket ticket=T-1 state=closed) == *error=denied* ]]
}

@test "without a command a ticket is recorded as it is; sp-alloc hands it over" {
	monitor
	run --separate-stderr sp-alloc --monitor "unix:$T/m" --no-hold <<<"$(rec ticket=T-77 system=A1 "token=$alice")"
	[ "$status" = 0 ]
	[ "$(sp-db --db db dump calls | field ticket)" = T-77 ]
	run -8 sp-monitor --db db --listen "unix:$T/n" --token-key token.pub --verify-ticket /none
	run -2 sp-monitor --db db --listen "unix:$T/n" --token-key token.pub --ticket-check 0
}

@test "sp-may: with a ticket, as the monitor" {
	may() { run --separate-stderr sp-may --db db --user bob --verify-ticket "$T/verify" "$@" <<<system=A1; }
	may --ticket T-1
	[ "$status" = 0 ]; [[ $output == *"$(rec decision=allow "rule=user=bob scope=customer object=acme")" ]]
	may --ticket T-2
	[ "$status" = 4 ]; [[ $output == *"$(rec decision=deny "rule=ticket-refused T-2 is closed")" ]]
	may
	[[ $output == *"$(rec decision=deny rule=no-ticket)" ]]
	may --ticket mute --timeout 0.2
	[[ $output == *"rule=ticket-not-checked no answer in time" ]]
	run -8 sp-may --db db --user bob --verify-ticket /none
}
