#!/usr/bin/env bats
# A router with a hundred calls at once, to systems that have all the same address: users are checked
# by a real FreeRADIUS, and nothing is left when the calls have ended, or have not come to anything.
# A thousand: tests/matrix.
load common
load thousand

setup_more() { thousand_up; }
teardown_more() { reals_down "$REAL"; }

@test "a hundred calls are up at once, each by its alias; all end, and nothing is left" { up_and_down 100 5; }

@test "two hundred calls that come to nothing leave nothing: every line and every alias is good for another" { nothing_of_broken 40; }

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
