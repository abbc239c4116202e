#!/bin/bash
# thousand.sh - one sp-nas with a thousand calls up: how many came up a second (logged in by a real
# FreeRADIUS with sp-auth, over TCP lines, 64 at once, PPP up and the alias's route there), and what memory
# each takes that it shares with no other process: Private_* of smaps_rollup, of the parent, the process
# that sessions come from, and all sessions, by their number. The limit of both is tests/bench/bare.c; the
# peer, where slow.sh ran before, the process of a pppd. (How fast pppd comes up cannot be said: it is in a
# guest whose processor is emulated.) And how much longer a ping through one of the calls takes while
# another one is flooded with UDP as fast as it can be sent, floods, or both; p95 of 100. The limit is the
# same between the same namespaces without calls, by the kernel's forwarding alone. Needs root.
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
	reals_down "$REAL"
	teardown_file
}
REAL=0
trap end EXIT
mkdir file && setup_file && cd "$T" || exit 1
PIDS=() # RADIUS has an end of its own

private_kib() { # of the router's own processes
	local p
	for p in "$NAS" $(pgrep -P "$NAS" -x 'sp-nas|nas-nursery'); do cat "/proc/$p/smaps_rollup"; done |
		mawk '/^Private_(Clean|Dirty):/ { n += $2 } END { print n }'
}

# The kernel alone: from the workstation to sp2 and back, and pings to sp1. MORE[WAY]: us.
declare -A MORE
kernel() {
	local n idle way senders
	for n in sp1 sp2; do ip -n "$NS$n" route add 10.50.0.6/32 via 198.51.100.1; done
	ip -n "${NS}ws" route add 198.51.100.0/24 via 10.50.0.38
	pings -I 10.50.0.6 198.51.100.11 && idle=$P95
	for way in to from both; do
		senders=()
		[ $way = from ] || { ip netns exec "${NS}ws" socat -u -b1400 OPEN:/dev/zero UDP4-SENDTO:198.51.100.12:9,bind=10.50.0.6 & senders+=($!); }
		[ $way = to ] || { ip netns exec "${NS}sp2" socat -u -b1400 OPEN:/dev/zero UDP4-SENDTO:10.50.0.6:9 & senders+=($!); }
		pings -I 10.50.0.6 198.51.100.11
		kill "${senders[@]}"; wait "${senders[@]}"
		MORE[$way]=$((P95 - idle))
	done
}
flood_row() { # WAY WHAT
	flooded "$1" 1 "$(alias_of 1)" pings "$ALIAS" || { echo "thousand: no flood" >&2; exit 1; }
	mawk -v w="$2" -v o=$((P95 - IDLE)) -v l="${MORE[$1]}" 'BEGIN {
		printf "ping beside a call that %s, more than idle, p95, ms\t%.1f\t-\t%.1f\t%s\n", w, o / 1000, (l > 0 ? l : 0) / 1000, (o > 0 && l > 0 ? sprintf("%.2f", l / o) : "-") }'
}

read -r bare_rate bare_kib < <(bare 1000) || exit 1
pppd_kib=$(cat "$BENCH_TMP/pppd.private" 2>/dev/null)
call_up && crowd_up || exit 1
kernel
router --auth "$AUTH" --lines 1000 --alias-pool 10.200.0.0/22 || exit 1
ip -n "${NS}ws" route add 10.200.0.0/22 via 10.50.0.38 src 10.50.0.5
dialed S1 first-secret tcp:198.51.100.11:5000 || exit 1
ip -n "${NS}sp1" route add 10.50.0.5/32 dev ras0
real $((++REAL)) && until_true 10 all_answer || exit 1
call_to "unix:$T/r1" >all.calls
for ((n = 2; n < 1000; n++)); do call_to "tcp:$CROWD:5000"; done >>all.calls
callers all 64 && [ "$UP" = 999 ] || { tail -n 3 all.out all.err nas.err >&2; exit 1; }
grep '^settled=' all.out | field ms | mawk -v l="$bare_rate" '{
	printf "set-ups a second, lines without training, 1000 calls\t%d\t-\t%d\t%.2f\n", 999000 / $1, l, 999000 / $1 / l }'
private_kib | mawk -v p="${pppd_kib:--}" -v l="$bare_kib" '{ o = $1 / 1000
	printf "private memory a call at 1000, KiB\t%d\t%s\t%d\t%.2f\n", o, p, l, (p == "-" ? l : p) / o }'
fetch
pings "$ALIAS" && IDLE=$P95
flood_row to "is flooded"
flood_row from floods
flood_row both "floods and is flooded"
