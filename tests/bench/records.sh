#!/bin/bash
# records.sh - sp-record where over 1,000,000 records of 8 fields (135 bytes, 1 in 10 out, from a
# file to a pipe) beside mawk by key, mlr, jq on the same records as JSON; the limit is bykey.c.
# Best of 5 rounds in which each has its turn, in ms.
n=${1:-1000000}
cd "$BENCH_TMP" || exit 8
mawk -v n="$n" 'BEGIN { srand(1)
	split("info notice warning error critical alert minor major clear debug", sev, " ")
	split("linkDown linkUp coldStart fanFail tempHigh", trap, " ")
	for (i = 0; i < n; i++)
		printf "time=2026-11-22T%02d:%02d:%02d\tfrom=10.%d.%d.%d\tserial=SN%09d\ttrap=%s\tifindex=%d\tsev=%s\tsite=site-%04d\tmsg=%s on unit %d\n",
			int(i / 3600) % 24, int(i / 60) % 60, i % 60, int(rand() * 256), int(rand() * 256), int(rand() * 256),
			int(rand() * 1e9), trap[1 + int(rand() * 5)], int(rand() * 48), sev[1 + int(rand() * 10)],
			int(rand() * 2000), trap[1 + int(rand() * 5)], int(rand() * 9) }' >r
sp-record json -- r >r.json || exit 1
want=$(bykey sev=critical <r | cksum)

# time_of INPUT COMMAND...: ms; the output must be the same records.
time_of() {
	local input=$1 from to; shift
	from=${EPOCHREALTIME/./}
	"$@" <"$input" | cat >out
	to=${EPOCHREALTIME/./}
	echo $(((to - from) / 1000))
}
best() { [ -z "${b[$1]}" ] || [ "$2" -lt "${b[$1]}" ] && b[$1]=$2; }
declare -A b
for _ in 1 2 3 4 5; do
	best ours "$(time_of r sp-record where sev=critical)"
	[ "$(cksum <out)" = "$want" ] || { echo "sp-record's output is wrong" >&2; exit 1; }
	best limit "$(time_of r bykey sev=critical)"
	# shellcheck disable=SC2016
	best mawk "$(time_of r mawk -F'\t' '{ for (i = 1; i <= NF; i++) if ($i == "sev=critical") { print; next } }')"
done
# shellcheck disable=SC2016
best mlr "$(time_of r mlr -S -A --idkvp --odkvp --ifs tab --ofs tab --ips = --ops = filter '$sev=="critical"')"
best jq "$(time_of r.json jq -c 'select(.sev=="critical")')"
for peer in mawk mlr jq; do
	mawk -v p=$peer -v o="${b[ours]}" -v t="${b[$peer]}" -v l="${b[limit]}" \
		'BEGIN { printf "sp-record where, 1e6 records, peer %s, ms\t%d\t%d\t%d\t%.2f\n", p, o, t, l, t / o }'
done
