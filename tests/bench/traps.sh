#!/bin/bash
# traps.sh - sp-trapd beside snmptrapd: 40000 v2c traps as fast as one sender can, and what of them
# was recorded, how fast; then 20000 a second, where nothing may be lost. One receiver at a time. The
# limit is what was sent, and how fast.
n=40000
cd "$BENCH_TMP" || exit 8
export MIBS=
echo public >community
echo 'authCommunity log public
[snmp] serverRecvBuf 4194304' >snmptrapd.conf
pid=
finish() { [ -z "$pid" ] || { kill "$pid"; wait "$pid"; } 2>/dev/null; pid=; }
trap finish EXIT
port_of() { sed -n 's/^ready=.*port=\([0-9]*\).*/\1/p' out; }

ours() {
	sp-trapd --listen udp:127.0.0.1:0 --community-file community >out 2>err & pid=$!
	until [ -n "$(port_of)" ]; do read -rt 0.02 <> <(:); done
	port=$(port_of)
}
peer() { # the port that ours has just given back
	: >out
	snmptrapd -f -Lf out -C -c snmptrapd.conf -m '' -n -F 'source=%b\tvars=%v\n' "udp:127.0.0.1:$port" 2>err & pid=$!
	until grep -q NET-SNMP out; do read -rt 0.02 <> <(:); done
}

# run RATE: sends, waits until nothing more is written for half a second; sets GOT and PER_SECOND.
run() {
	local from to size last=-1 quiet=0
	from=${EPOCHREALTIME/./}; to=$from
	blast "$port" $n "$1" >sent
	while [ $quiet -lt 25 ]; do
		size=$(stat -c %s out)
		if [ "$size" = "$last" ]; then quiet=$((quiet + 1)); else quiet=0; last=$size; to=${EPOCHREALTIME/./}; fi
		read -rt 0.02 <> <(:)
	done
	GOT=$(grep -c 'source=127\|source=UDP' out)
	PER_SECOND=$((GOT * 1000000 / (to - from + 1)))
	finish
}
for rate in 0 20000; do
	ours; run $rate; got=$GOT; per=$PER_SECOND
	read -r sent second <sent
	peer; run $rate
	what="$n traps as fast as they can be sent"
	[ $rate = 0 ] || what="$n traps at $rate/s"
	mawk -v w="$what" -v o="$got" -v p="$GOT" -v l="$sent" 'BEGIN { printf "sp-trapd, recorded of %s\t%d\t%d\t%s\t%.2f\n", w, o, p, l, o / (p + !p) }'
	mawk -v w="$what" -v o="$per" -v p="$PER_SECOND" -v l="$second" 'BEGIN { printf "sp-trapd, recorded a second of %s\t%d\t%d\t%d\t%.2f\n", w, o, p, l, o / (p + !p) }'
done
