#!/usr/bin/env bats
# permits as the monitor issues them: what is in them, their numbers, and where they are not to be seen.
load common
load monitor
load permit

setup_more() { monitor_store; monitor_keys; permit_keys; }

issuing() { monitor --permit-key permit.key "$@"; }
shows() { permit_shows "$(field permit <<<"$ANSWER")" "$@"; }

@test "without a key there are none; with one the answer has a permit for just this call" {
	monitor
	connect 1
	alloc 1 "$alice" A1
	[[ $ANSWER == *done=1* && $ANSWER != *permit=* ]]
	kill "$MONITOR"; until_gone "$MONITOR"
	issuing
	connect 2
	alloc 2 "$bob" A1
	[[ $ANSWER == *error=denied* && $ANSWER != *permit=* ]]
	alloc 2 "$alice" A2
	shown=$(shows user=alice router=boston serial=000187260999 dial=tcp:127.0.0.1:7001)
	[[ $shown == *"session=$SESSION	workstation=10.0.0.5	dials=1"*"connect_by=300	until=900	ports="* ]]
	permit=$(field permit <<<"$ANSWER")
	never permit_shows "$permit" serial=000187260123
	never permit_shows "$permit" dial=tcp:127.0.0.1:7000
	never permit_shows "$permit" ticket=T-7
	never permit_shows "$(flipped "$permit")"
	never grep -qF "${permit:0:40}" mon.log monitor.out monitor.err
}

@test "with a domain it is in the name; the ticket is in it; every endpoint may be dialed; times as configured" {
	rec user=dora domain=EMEA scope=everything | sp-db --db db load grants >/dev/null
	dora=$("$BUILD/tests/tool/mktoken" token.key user=dora domain=EMEA)
	issuing --permit-connect 2 --permit-life 90
	connect 1
	alloc 1 "$dora" A1 ticket=T-7
	shown=$(shows 'user=EMEA\dora' ticket=T-7 dial=tcp:127.0.0.1:7000 dial=tcp:192.0.2.9:1)
	[[ $shown == *dials=2*"connect_by=90	until=90	"* ]]
	run -2 sp-monitor --db db --listen "unix:$T/n" --token-key token.pub --permit-connect 0
	run -8 sp-monitor --db db --listen "unix:$T/n" --token-key token.pub --permit-key permit.pub
}

@test "for a router that was bought, which cannot be handed a later one, it is good for the session" {
	rec router=old address=127.0.0.1 port=23 profile=ios | sp-db --db db load routers >/dev/null
	rec router=old scope=all | sp-db --db db load router_may >/dev/null
	issuing --session-max 7200
	connect 1
	alloc 1 "$alice" A1 router=old
	[[ $(shows router=old) == *"connect_by=300	until=7200	"* ]]
}

@test "an address within the tunnel: one for each lease, in the permit, renewed with it; none left is busy" {
	issuing --inside-pool 10.210.0.0/30
	connect 1
	alloc 1 "$alice" A1
	one=$(field inside <<<"$ANSWER") lease=$LEASE
	[[ $one == 10.210.0.[12] ]]; [[ $(shows) == *"inside=$one" ]]
	alloc 1 "$alice" A2
	two=$(field inside <<<"$ANSWER")
	[[ $two == 10.210.0.[12] ]]; [ "$two" != "$one" ]
	[[ $(shows) == *"inside=$two" ]]
	alloc 1 "$alice" G1
	[[ $ANSWER == *error=busy*"every address within the tunnel is taken"* && $ANSWER != *lease=* ]]
	ANSWER=$(ask 1 op=renew "token=$alice" "lease=$lease" wants=permit)
	[[ $(shows) == *"inside=$one" ]]
	ask 1 op=release "token=$alice" "lease=$lease"
	alloc 1 "$alice" G1
	[ "$(field inside <<<"$ANSWER")" = "$one" ]
	run -2 sp-monitor --db db --listen "unix:$T/n" --token-key token.pub --inside-pool 10.210.0.0/30
	run -2 sp-monitor --db db --listen "unix:$T/n" --token-key token.pub --permit-key permit.key --inside-pool 10.210.0.1/30
}

@test "numbers of a system only go up: renewed, asked again, a monitor started anew, a store that was lost" {
	issuing
	connect 1
	alloc 1 "$alice" A1 request=once
	one=$(shows | field sequence)
	alloc 1 "$alice" A1 request=once
	two=$(shows | field sequence)
	[ "$two" -gt "$one" ]
	[[ $(ask 1 op=renew "token=$alice" "lease=$LEASE") != *permit=* ]]
	ANSWER=$(ask 1 op=renew "token=$alice" "lease=$LEASE" wants=permit)
	[[ $(shows user=alice dial=tcp:127.0.0.1:7000) == *"session=$SESSION"* ]]
	three=$(shows | field sequence)
	[ "$three" -gt "$two" ]
	kill -9 "$MONITOR"; until_gone "$MONITOR"
	sqlite3 db-live "UPDATE permits SET sequence=sequence+1000000"
	issuing
	connect 2
	ANSWER=$(ask 2 op=renew "token=$alice" "lease=$LEASE" wants=permit)
	[ "$(shows | field sequence)" = $((three + 1000001)) ]
	sqlite3 db-live "DELETE FROM permits"
	ANSWER=$(ask 2 op=renew "token=$alice" "lease=$LEASE" wants=permit)
	[ "$(shows | field sequence)" = "$(shows | field issued)" ]
	[ "$(sp-db --db db dump permits | field serial)" = 000187260123 ]
}

@test "what cannot be in a permit is refused, with the reason and nothing else; the system stays free" {
	issuing
	connect 1
	refused=$(ask 1 op=alloc "token=$alice" system=A1 workstation=ws1.example)
	[[ $refused == *"$(rec error=usage step=313 "detail=workstation= must be an IPv4 address for a permit")"* ]]
	[[ $refused != *secret=* && $refused != *lease=* ]]
	[ -z "$(sp-db --db db dump leases)" ]
	for p in {3..9}; do rec system=A1 priority=$p dial=tcp:192.0.2.9:$p; done | sp-db --db db load endpoints >/dev/null
	rec router=a-router-of-a-long-name address=127.0.0.1 | sp-db --db db load routers >/dev/null
	rec router=a-router-of-a-long-name scope=all | sp-db --db db load router_may >/dev/null
	refused=$(ask 1 op=alloc "token=$alice" system=A1 workstation=10.0.0.5 router=a-router-of-a-long-name)
	[[ $refused == *error=usage*"too long for a permit"* ]]
	[ -z "$(sp-db --db db dump leases)" ]
	alloc 1 "$alice" A1
	[[ $ANSWER == *done=1* ]]
}

@test "sp-alloc hands it on, whole into a pipe, cut short on a terminal" {
	issuing
	rec "token=$alice" system=A1 >request
	sp-alloc --monitor "unix:$T/m" --no-hold --workstation 10.0.0.5 --log alloc.log <request >got
	permit_shows "$(field permit <got)" user=alice
	rec "token=$alice" system=A2 >request
	script -qec "sp-alloc --monitor unix:$T/m --no-hold --workstation 10.0.0.5 <request" /dev/null >shown
	grep -q 'permit=A...[.][.][.]' shown
	[ "$(tr -d '\r' <shown | field permit | wc -c)" -lt 20 ]
	never grep -q permit= alloc.log
}

@test "a store from before permits is brought up to date" {
	sqlite3 db-live "DROP TABLE permits; DROP INDEX leases_ticket; ALTER TABLE leases DROP COLUMN ticket;
		DROP INDEX leases_inside; ALTER TABLE leases DROP COLUMN inside;
		ALTER TABLE calls DROP COLUMN ticket; ALTER TABLE calls DROP COLUMN tunnel; PRAGMA user_version=4"
	issuing
	connect 1
	alloc 1 "$alice" A1
	shows user=alice
}

@test "no more ports and no longer than the grants open, also renewed; without a grant it is renewed no more" {
	end=$(date -u -d '+1 hour' +%FT%TZ)
	rec user=dora scope=system object=A1 ports=tcp/22,udp/161:both "valid_until=$end" | sp-db --db db load grants >/dev/null
	dora=$("$BUILD/tests/tool/mktoken" token.key user=dora)
	issuing --permit-life 0
	connect 1
	alloc 1 "$dora" A1
	shown=$(shows user=dora)
	[[ $shown == *"ports=tcp/22,udp/161:both	inside=" ]]
	[[ $ANSWER == *"ports=tcp/22,udp/161:both"* && $ANSWER == *"until=$end"* ]]
	ANSWER=$(ask 1 op=renew "token=$dora" "lease=$LEASE" wants=permit)
	[[ $(shows user=dora) == *"ports=tcp/22,udp/161:both	inside=" ]]
	[ "$(field until <<<"$ANSWER")" = "$end" ]
	sqlite3 db "DELETE FROM grants WHERE user='dora'"
	ANSWER=$(ask 1 op=renew "token=$dora" "lease=$LEASE" wants=permit)
	[[ $ANSWER == *error=denied*step=313*"was withdrawn"* && $ANSWER != *permit=* ]]
	grep -q 'event=withdrawn.*system=A1' mon.log
}
