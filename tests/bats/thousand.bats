#!/usr/bin/env bats
# A router with a thousand calls at once, to systems that have all the same address: users are checked
# by a real FreeRADIUS, and nothing is left when the calls have ended, or have not come to anything.
load common
load thousand

REALS=50

setup_more() {
	REAL=0
	call_up
	crowd_up
	ip -n "${NS}ws" route replace 10.200.0.0/22 via 10.50.0.38 src 10.50.0.5
}
teardown_more() { reals_down "$REAL"; }

# Every twentieth is a real one.
thousand() {
	local n
	for ((n = 1; n <= 1000; n++)); do
		if ((n % 20)); then call_to "tcp:$CROWD:5000"; else call_to "unix:$T/r$((n / 20))"; fi
	done
}
all_answer() { [ "$(cat r[0-9]*.out | grep -c ^ready=)" = "$REALS" ]; }
no_tun_there() { local n; for ((n = 1; n <= REALS; n++)); do [ "$(devices "r$n")" = 0 ] || return; done; }

# The pages of all real ones, by their aliases.
fetch() {
	local n alias
	for ((n = 1; n <= REALS; n++)); do
		ip -n "${NS}r$n" route add 10.50.0.5/32 dev ras0
		alias=$(grep -F "dial=unix:$T/r$n"$'\t' all.out | field alias)
		printf 'url = "http://%s:8080/"\noutput = "page.%s"\n' "$alias" "$n"
	done >pages
	on ws curl -sS --max-time 30 --parallel --parallel-max "$REALS" -K "$T/pages"
	for ((n = 1; n <= REALS; n++)); do cmp "page.$n" "www.$n/index.html" || return; done
}
accounted() { [ "$(grep -c "Acct-Status-Type = $1" r/detail)" = 1000 ]; }

@test "a thousand calls are up at once, each by its alias; all end, and nothing is left" {
	router --auth "$AUTH" --accounting "$AUTH --accounting" --lines 1000 --alias-pool 10.200.0.0/22
	while [ $REAL -lt $REALS ]; do real $((++REAL)); done
	until_true 30 all_answer
	thousand >all.calls
	callers all 64
	[ "$UP" = 1000 ]; [ "$FAILED" = 0 ]
	[ "$(devices nas)" = 1000 ]; [ "$(routes)" = 1000 ]
	[ "$(field alias <all.out | sort -u | wc -l)" = 1000 ]; [ "$(field sp_address <all.out | sort -u)" = 192.0.2.1 ]
	fetch
	hang_up
	no_tun_there
	as_before
	[ "$(grep -c 'state=down.*reason=user-request' nas.out)" = 1000 ]
	[ "$(crowd_counts up)" = 950 ]; [ "$(crowd_counts refused)" = 0 ]
	until_true 30 accounted Start; until_true 30 accounted Stop
}

# 400 of each: refused here, refused there, nobody there, gone in the middle, no PPP.
broken() {
	local n
	for ((n = 1; n <= 400; n++)); do
		call_to "tcp:$CROWD:5000" nobody
		call_to "tcp:$CROWD:5000" alice wrong
		call_to "tcp:$CROWD:5003"
		call_to "tcp:$CROWD:5001"
		call_to "tcp:$CROWD:5002"
	done
}
good() { local n; for ((n = 1; n <= 62; n++)); do call_to "tcp:$CROWD:5000"; done; }
failed_so() { field "$1" <broken.out | sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2; sep = ", " }'; }

@test "two thousand calls that come to nothing leave nothing: every line and every alias is good for another" {
	router --auth "$AUTH" --lines 62 --alias-pool 10.200.0.0/26 # which has 62 aliases
	broken >broken.calls
	callers broken 40
	[ "$UP" = 0 ]; [ "$FAILED" = 2000 ]
	[ "$(failed_so step)" = "400 320, 400 325, 800 329, 400 333" ]
	until_true 30 nothing_left; until_true 30 no_session
	as_before
	good >good.calls
	callers good 62
	[ "$UP" = 62 ]
	hang_up
	[ "$(crowd_counts up)" = 62 ]; [ "$(crowd_counts refused)" = 400 ]
}

# The median of 20 pings, in tenths of a millisecond.
median() { on ws ping -c 20 -i 0.02 "$1" | sed -n 's/.*time=\([0-9.]*\).*/\1/p' | sort -n | awk 'NR == 10 { printf "%d", $1 * 10 }'; }
# At one of ten tries it is 20 ms more at most: others may have the machine now and then.
unhurried() {
	local try beside
	for try in {1..10}; do
		beside=$(median "$1")
		if [ "$beside" -le $(($2 + 200)) ]; then return 0; fi
	done
	echo "ping takes $beside tenths of a ms, $2 without the flood" >&2
	return 1
}

@test "a call that is flooded takes nothing from another one" {
	router --auth "$AUTH"
	dialed S1 first-secret tcp:198.51.100.11:5000
	ip -n "${NS}sp1" route add 10.50.0.5/32 dev ras0
	call_to "tcp:$CROWD:5000" >flooded.calls
	callers flooded 1
	local idle
	idle=$(median "$ALIAS")
	ip netns exec "${NS}ws" socat -u -b1400 OPEN:/dev/zero "UDP:$(field alias <flooded.out):9" 3>&- &
	PIDS+=($!)
	unhurried "$ALIAS" "$idle"
	[ "$(crowd_counts packets)" -gt 1000 ]
}
