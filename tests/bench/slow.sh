#!/bin/bash
# slow.sh - a link by modems of the exchange at 33600 bit/s, which is 4200 bytes a second: the payload
# of one TCP transfer of random data, and pings beside it over those on the idle link, p95. Needs root.
seconds=45
cd "$BENCH_TMP" || exit 8
umask 077
echo sesame >secret
near=slow$$-n far=slow$$-f
pids=()
finish() {
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done
	wait
	ip netns del $near 2>/dev/null; ip netns del $far 2>/dev/null
}
trap finish EXIT
rest() { read -rt 0.1 <> <(:); }
wait_for() { local i; for ((i = 0; i < 300; i++)); do "$@" && return; rest; done; echo "slow: no $*" >&2; exit 1; }
p95() { sed -n 's/.*time=\([0-9.]*\).*/\1/p' "$1" | sort -n | mawk '{ v[NR] = $1 } END { i = int(NR * 0.95 + 0.999); print v[i < 1 ? 1 : i] }'; }
listens() { ip netns exec $far ss -ltn | grep -q :9000; }
size() { stat -c %s got; }
begun() { [ "$(size)" -gt 20000 ]; }

ip netns add $near || exit 1
ip netns add $far || exit 1
mkdir d; mkfifo orders; exec 9<>orders
sp-pstn --dir d --training 0 --ring 50 -m 5550100 -m 5550142 <&9 >x.out 2>x.err & pids+=($!)
wait_for grep -q ready= x.out
ip netns exec $far sp-answer modem:d/5550142 -- sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 \
	--secret-file secret --interface ras7 >far.out 2>far.err & pids+=($!)
ip netns exec $near "$BUILD/tests/tool/ppp-call" --line 'modem:d/5550100?dial=5550142' --secret-file secret \
	--interface c7 >near.out 2>near.err & pids+=($!)
wait_for grep -q event=up near.out
wait_for grep -q state=up far.out

ip netns exec $near ping -c 40 -i 0.25 192.0.2.1 >idle
ip netns exec $far busybox nc -l -p 9000 <&9 >got & pids+=($!)
wait_for listens
head -c 2000000 /dev/urandom >data
ip netns exec $near busybox nc 192.0.2.1 9000 <data & pids+=($!)
wait_for begun
from=${EPOCHREALTIME/./} bytes=$(size)
ip netns exec $near ping -c $((seconds * 2)) -i 0.5 192.0.2.1 >beside
to=${EPOCHREALTIME/./}
mawk -v b=$(($(size) - bytes)) -v us=$((to - from)) 'BEGIN { r = b * 1000000 / us
	printf "TCP payload over modems at 33600 bit/s, bytes/s\t%d\t4200\t>=0.95\t%.3f\n", r, r / 4200 }'
mawk -v i="$(p95 idle)" -v b="$(p95 beside)" 'BEGIN {
	printf "ping beside that, over the idle link, p95, ms\t%d\t%d\t<=+200\t+%d\n", b, i, b - i }'
