#!/bin/bash
# gate.sh - one TCP stream each way between a workstation and a host behind the gateway (iperf3, Mbit/s), and a round trip
# of one byte: through the tunnel between security server and gateway (sp-gate), and through others between the same two
# network namespaces, all on this machine, one at a time. The limit is tests/bench/relay.c, the same calls of the kernel
# and the same cipher without all else; of the round trip, less that without any tunnel. Medians of rounds, in which each
# has its turn, and so are the ratios. Needs root.
# shellcheck disable=SC1090,SC2034
export SP_TOP=$PWD
rounds=${1:-7}
bats_require_minimum_version() { :; }
load() { . "$SP_TOP/tests/bats/$1.bash"; }
for f in common permit gate; do load $f; done
. "$SP_TOP/tests/bench/tunnels.bash"
mkdir "$BENCH_TMP/gate" && cd "$BENCH_TMP/gate" || exit 8
T=$PWD PIDS=() BATS_FILE_TMPDIR=$PWD/file
end() {
	local p
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${PIDS[@]}"; do until_gone "$p" || kill -9 "$p"; done
	gate_teardown
}
trap end EXIT
mkdir file && gate_setup && tunnel_keys || exit 1
at=10.50.1.38
ip netns exec "$NS-r" iperf3 -s >iperf.out 2>&1 3>&- & PIDS+=($!)
ip netns exec "$NS-r" rtt serve 7 >rtt.out 3>&- & PIDS+=($!)
until_true 10 grep -q ready= rtt.out || exit 1

begin_sp() {
	gateway --router $at:5201 --router $at:7 --interface sp-g && security_server --interface sp-s &&
		workstation 1 "$(gate_permit)"
}
up_sp() { use sp; ip netns exec "$NS-w" socat -u OPEN:/dev/null TCP:$at:7,connect-timeout=1; }

# use NAME: what W and R send each other goes that way now; direct: without a tunnel
use() {
	if [ "$1" = direct ]; then
		ip -n "$NS-s" route replace $at/32 via $AT_G
		ip -n "$NS-g" route replace 10.60.0.5/32 via $AT_S
	else
		ip -n "$NS-s" route replace $at/32 dev "$1-s"
		ip -n "$NS-g" route replace 10.60.0.5/32 dev "$1-g"
	fi
	W ip route flush cache; R ip route flush cache # of what went through another
}
# Mbit/s
stream() { W timeout 20 iperf3 -c $at -t 1 -J "$@" | jq '.end.sum_received.bits_per_second / 1e6'; }
one() { # ROUND NAME
	use "$2" && echo "$1 $2 $(W rtt $at 7 500) $(stream) $(stream -R)" >>got
}

others="relay ocserv socat openvpn wireguard"
for n in sp $others; do
	"begin_$n"
	until_true 20 "up_$n" || { tail -n 5 ./*.err ./*.log >&2; echo "gate: no tunnel by $n" >&2; exit 1; }
done
for ((r = 1; r <= rounds; r++)); do for n in direct sp $others; do one $r $n; done; done
mawk -v others="$others" -f "$SP_TOP/tests/bench/gate.awk" got
