#!/bin/bash
# thousand.sh - one sp-nas with a thousand calls up: how many came up a second (logged in by a real
# FreeRADIUS with sp-auth, over TCP lines, 64 at once, PPP up and the alias's route there); what memory
# each takes that it shares with no other process: Private_* of smaps_rollup, of the parent, the process
# that sessions come from, and all sessions, by their number; and how much longer a ping through one of
# them takes while UDP is sent through another one as fast as it can be, p95. Needs root.
# shellcheck disable=SC1090,SC2034
export SP_TOP=$PWD
bats_require_minimum_version() { :; }
load() { . "$SP_TOP/tests/bats/$1.bash"; }
load common
load thousand
mkdir "$BENCH_TMP/thousand" && cd "$BENCH_TMP/thousand" || exit 8
T=$PWD PIDS=() BATS_FILE_TMPDIR=$PWD/file
end() {
	local p
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${PIDS[@]}"; do until_gone "$p"; done
	teardown_file
}
trap end EXIT
mkdir file && setup_file && cd "$T" || exit 1
PIDS=() # RADIUS has an end of its own

private_kib() { # of the router's own processes
	local p
	for p in "$NAS" $(pgrep -P "$NAS" -x 'sp-nas|nas-nursery'); do cat "/proc/$p/smaps_rollup"; done |
		mawk '/^Private_(Clean|Dirty):/ { n += $2 } END { print n }'
}
p95() { sed -n 's/.*time=\([0-9.]*\).*/\1/p' | sort -n | mawk '{ v[NR] = $1 } END { i = int(NR * 0.95 + 0.999); print v[i] }'; }
pings() { on ws ping -c 200 -i 0.05 "$1" | p95; }

call_up && crowd_up && router --auth "$AUTH" --lines 1000 --alias-pool 10.200.0.0/22 || exit 1
ip -n "${NS}ws" route add 10.200.0.0/22 via 10.50.0.38 src 10.50.0.5
dialed S1 first-secret tcp:198.51.100.11:5000 || exit 1
ip -n "${NS}sp1" route add 10.50.0.5/32 dev ras0
for ((n = 1; n < 1000; n++)); do call_to "tcp:$CROWD:5000"; done >all.calls
callers all 64 && [ "$UP" = 999 ] || { tail -n 3 all.out all.err nas.err >&2; exit 1; }
grep '^settled=' all.out | field ms | mawk '{ printf "set-ups a second, lines without training, 1000 calls\t%d\t-\t>=50\t%d\n", 999000 / $1, 999000 / $1 }'
private_kib | mawk '{ printf "private memory a call at 1000, KiB\t%d\t-\t<=2048\t%d\n", $1 / 1000, $1 / 1000 }'

idle=$(pings "$ALIAS")
ip netns exec "${NS}ws" socat -u -b1400 OPEN:/dev/zero "UDP:$(field alias <all.out | tail -n 1):9" 3>&- &
PIDS+=($!)
beside=$(pings "$ALIAS")
[ "$(crowd_counts packets)" -gt 1000 ] || { echo "thousand: nothing flooded" >&2; exit 1; }
mawk -v i="$idle" -v b="$beside" 'BEGIN { printf "ping beside a flooding call, more than idle, p95, ms\t%.1f\t-\t<=20\t%.1f\n", b - i, b - i }'
