#!/bin/bash
# search.sh - a page of 50 among 1,000,000 systems of 20,000 customers, as sp-monitor searches, beside
# one hand-written SQL text without grants, which is the limit; us of CPU, medians of 200. And loading those systems, in s.
cd "$BENCH_TMP" || exit 8
awk 'BEGIN { print "customer,name"; for (i = 0; i < 20000; i++) printf "c%05d,Customer %d Bank\n", i, i }' >customers.csv
awk 'BEGIN { print "system,serial,customer,model,phone"; for (i = 0; i < 1000000; i++)
	printf "s%07d,%012d,c%05d,M%d,+1%010d\n", i, (i * 7919) % 1000000007, i % 20000, i % 7, i * 31 }' >systems.csv
sp-db --db store create && sp-db --db store --csv load customers customers.csv >/dev/null || exit 8
began=$EPOCHREALTIME
sp-db --db store --csv replace systems systems.csv >/dev/null || exit 8
mawk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "sp-db, replacing 1000000 systems, s\t%.1f\t-\t-\t-\n", b - a }'
printf 'user=all\tscope=everything\nuser=some\tscope=customer\tobject=c00077\n' | sp-db --db store load grants >/dev/null
for user in all some; do
	search store $user | mawk -F'\t' -v u=$user '{ printf "%s, %s\t%s\t-\t%s\t%s\n", $1, u, $2, $3, ($2 > 0 ? $3 / $2 : "-") }'
done
