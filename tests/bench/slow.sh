#!/bin/bash
# slow.sh - a link by modems of the exchange at 33600 bit/s, which is 4200 bytes a second: the payload
# of one TCP transfer of random data, and pings beside it over those on the idle link, p95. The peer is
# Debian's pppd in a guest (tests/rig/pppd-init), as the called side that sends; the limit is the bytes
# that the line has, and the time that a packet of 576 of them takes. Needs root.
seconds=45
top=$PWD
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
wait_for() { local i; for ((i = 0; i < 400; i++)); do "$@" && return; rest; done; echo "slow: no $*" >&2; exit 1; }
p95() { sed -n 's/.*time=\([0-9.]*\).*/\1/p' "$1" | sort -n | mawk '{ v[NR] = $1 } END { i = int(NR * 0.95 + 0.999); print v[i < 1 ? 1 : i] }'; }
listens() { ip netns exec $1 ss -ltn | grep -q :9000; }
size() { stat -c %s got; }
begun() { [ "$(size)" -gt 20000 ]; }

# exchange COMMAND...: two modems; what the one that is called is answered by
exchange() {
	mkdir d; mkfifo orders; exec 9<>orders
	sp-pstn --dir d --training 0 --ring 50 -m 5550100 -m 5550142 <&9 >x.out 2>x.err & pids=($!)
	wait_for grep -q ready= x.out
	ip netns exec $far sp-answer modem:d/5550142 -- "$@" >far.out 2>far.err & pids+=($!)
}
call() {
	ip netns exec $near "$BUILD/tests/tool/ppp-call" --line 'modem:d/5550100?dial=5550142' --secret-file secret \
		--interface c7 >near.out 2>near.err & pids+=($!)
	wait_for grep -q event=up near.out
}
# measure ADDRESS: a transfer into ./got goes on beside it; sets RATE, IDLE, BESIDE
idle() { ip netns exec $near ping -c 40 -i 0.25 "$1" >idle; IDLE=$(p95 idle); }
measure() {
	local from bytes
	wait_for begun
	from=${EPOCHREALTIME/./} bytes=$(size)
	ip netns exec $near ping -c $((seconds * 2)) -i 0.5 "$1" >beside
	RATE=$((($(size) - bytes) * 1000000 / (${EPOCHREALTIME/./} - from))) BESIDE=$(p95 beside)
}
ended() { finish; rm -rf d orders got; }

ours() {
	exchange sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --secret-file secret --interface ras7
	call
	wait_for grep -q state=up far.out
	idle 192.0.2.1
	ip netns exec $near busybox nc -l -p 9000 <&9 >got & pids+=($!)
	wait_for listens $near
	head -c 2000000 /dev/urandom >data
	ip netns exec $far busybox nc 192.0.2.2 9000 <data & pids+=($!)
	measure 192.0.2.1
	ended
}
guest() {
	mkfifo control events; exec 8<>control 7<>events
	cat <&7 >log & local log=$!
	exchange sh -c 'exec 8<>control 7<>events; exec "$@"' - linux.uml mem=64M root=/dev/root rootfstype=hostfs rootflags=/ ro init="$top/tests/rig/pppd-init" quiet noreboot \
		panic=-1 uml_dir="$PWD/uml" umid=slow con0=null,fd:1 con1=fd:8,fd:7 con=null ssl0=fd:3,fd:3 ssl=null
	printf 'secret alice%%router1 sesame\ncall auth require-pap name guest refuse-pap refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap 10.77.0.1:10.77.0.2\n' >&8
	call
	echo memory >&8
	wait_for grep -aq '^@private' log
	sed -n 's/^@private \([0-9]*\).*/\1/p' log >pppd.private # for thousand.sh
	idle 10.77.0.1
	ip netns exec $near busybox nc 10.77.0.1 19 <&9 >got & pids+=($!)
	measure 10.77.0.1
	echo halt >&8
	pids+=("$log")
	ended
}
ip netns add $near && ip netns add $far || exit 1
ours; rate=$RATE idle=$IDLE beside=$BESIDE
ip netns add $near && ip netns add $far || exit 1
guest
mawk -v o="$rate" -v p="$RATE" 'BEGIN {
	printf "TCP payload over modems at 33600 bit/s, bytes/s\t%d\t%d\t4200\t%.3f\n", o, p, o / p }'
mawk -v o="$beside" -v i="$idle" -v p="$BESIDE" -v q="$IDLE" 'BEGIN {
	printf "ping beside that, more than on the idle link, p95, ms\t%d\t%d\t%d\t%.2f\n", o - i, p - q, 576 / 4.2, (p - q) / (o - i) }'
