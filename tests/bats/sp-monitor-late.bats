#!/usr/bin/env bats
# sp-monitor - a token that expires during a session: it keeps what it began, and begins nothing.
load common
load monitor

setup_more() { monitor_store; monitor_keys; }

# expiring KEY FIELD...: a token that ends in a moment.
expiring() { "$BUILD/tests/tool/mktoken" "$1" "until=$(date -u -d '+2 seconds' +%FT%TZ)" "${@:2}"; }
expired() { [[ $(ask 1 op=search "token=$1") == *error=denied*step=307*expired* ]]; }

# A session of alice's, whose token has expired since; and other tokens that have.
begun() {
	monitor --lease-seconds 100
	connect_stranger 1
	late=$(expiring token.key user=alice token_id=first)
	alloc 1 "$late" A1
	[ -n "$LEASE" ]
	other=$(expiring token.key user=alice token_id=second)
	foreign=$(expiring token.key user=bob token_id=first)
	domain=$(expiring token.key user=alice domain=elsewhere token_id=first)
	forged=$(expiring other.key user=alice token_id=first)
	until_true 10 expired "$domain"
	expired "$late"
}

@test "renew, watch and release go on; search and alloc are refused" {
	begun
	[[ $(ask 1 op=renew "token=$late" "lease=$LEASE") == *lease_until=*done=1 ]]
	[[ $(ask 1 op=alloc "token=$late" system=A2) == *error=denied*step=307*expired* ]]
	say 1 id=w op=watch "token=$late" "session=$SESSION"
	[[ $(hear 1 1) == *state=reserved* ]]
	connect_stranger 2
	[ "$(ask 2 op=release "token=$late" "lease=$LEASE" reason=idle)" = done=1 ]
	[[ $(hear 1) == *state=down*reason=idle*done=2* ]]
	[[ $(ask 2 op=renew "token=$late" "lease=$LEASE") == *error=denied*step=313* ]]
	[[ $(ask 2 op=watch "token=$late" "session=$SESSION") == *error=denied*step=339* ]]
	[ "$(sp-db --db db dump leases | wc -l)" = 0 ]
}

@test "an expired token of another login, user or domain, or a forged one, is refused" {
	begun
	local t
	for t in "$other" "$foreign" "$domain"; do
		[[ $(ask 1 op=renew "token=$t" "lease=$LEASE") == *error=denied*step=313* ]]
		[[ $(ask 1 op=release "token=$t" "lease=$LEASE") == *error=denied*step=313* ]]
		[[ $(ask 1 op=watch "token=$t" "session=$SESSION") == *error=denied*step=339* ]]
	done
	for t in renew release watch; do
		[[ $(ask 1 op=$t "token=$forged" "lease=$LEASE" "session=$SESSION") == *error=denied*step=307*signature* ]]
		[[ $(ask 1 op=$t "token=$late" lease=nothing session=nothing) == *error=denied* ]]
	done
	[ "$(ask 1 op=renew "token=$other" "lease=$LEASE")" = "$(ask 1 op=renew "token=$other" lease=nothing)" ]
	[[ $(ask 1 op=renew "token=$alice" "lease=$LEASE") == *done=1 ]]
	[[ $(ask 1 op=renew "token=$late" "lease=$LEASE") == *done=1 ]]
}

@test "the holder of a session whose token has expired holds on" {
	monitor --lease-seconds 2
	connect 1
	late=$(expiring token.key user=alice token_id=first)
	mkfifo leased
	sp-alloc --monitor "unix:$T/m" <<<"$(rec system=A1 "token=$late")" >leased 2>alloc.err & local pid=$!
	PIDS+=("$pid")
	exec 7<leased
	IFS= read -rt 10 -u 7 line
	[[ $line == *lease=* ]]
	until_true 10 expired "$late"
	local first
	first=$(sp-db --db db dump leases | field until)
	later() { [[ $(sp-db --db db dump leases | field until) > $first ]]; }
	until_true 10 later
	exec 7<&-
	wait "$pid"
	[ ! -s alloc.err ]
	[ "$(sp-db --db db dump leases | wc -l)" = 0 ]
}

@test "--session-max: what is older is renewed no more, and ends" {
	monitor --lease-seconds 100 --session-max 1
	connect 1
	alloc 1 "$alice" A1
	say 1 id=w op=watch "token=$alice" "session=$SESSION"
	hear 1 1 >watched
	connect 2
	too_old() { [[ $(ask 2 op=renew "token=$alice" "lease=$LEASE") == *error=timeout*step=313* ]]; }
	until_true 10 too_old
	[[ $(hear 1) == *state=down*reason=session-timeout*done=2* ]]
	[ "$(sp-db --db db dump leases | wc -l)" = 0 ]
	grep -q "step=313.*event=expired.*session=$SESSION" mon.log
	[[ $(ask 2 op=renew "token=$alice" "lease=$LEASE") == *error=denied* ]]
	run --separate-stderr sp-monitor --db db --listen "unix:$T/n" --token-key token.pub --session-max 0
	[ "$status" = 2 ]
}
