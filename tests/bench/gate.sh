#!/bin/bash
# gate.sh - one TCP stream each way between a workstation and a host behind the gateway (iperf3, Mbit/s), and a round trip
# of one byte: through the tunnel between security server and gateway (sp-gate), and through others between the same two
# network namespaces, all on this machine, one at a time. The limit is tests/bench/relay.c, the same calls of the kernel
# and the same cipher without all else; of the round trip, less that without any tunnel. Medians of rounds, in which each
# has its turn, and so are the ratios. On a busy machine the processor time that both ends take is the steadier measure.
# Needs root.
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
# got WHAT NAME VALUE: of this round
got() { echo "$round $*" >>got; }
# stream NAME WAY [OPTION]: GB that went
stream() {
	W timeout 20 iperf3 -c $at -t 1 -J "${@:3}" >iperf.json
	got "$2" "$1" "$(jq '.end.sum_received.bits_per_second / 1e6' iperf.json)"
	GB=$(jq '.end.sum_received.bytes / 1e9' iperf.json)
}
# Ticks of the processes of both ends.
ticks() { local p; for p in ${ENDS[$1]}; do sed 's/.*) //' "/proc/$p/stat"; done | mawk '{ n += $12 + $13 } END { print n + 0 }'; }
streams() { # NAME
	local before gb
	use "$1"
	before=$(ticks "$1")
	stream "$1" there; gb=$GB
	stream "$1" back -R
	got processor "$1" "$(mawk -v n=$(($(ticks "$1") - before)) -v t="$(getconf CLK_TCK)" -v g="$gb" -v h="$GB" 'BEGIN { print n / t / (g + h) }')"
}
trip() { use "$1" && got trip "$1" "$(W rtt $at 7 300)"; } # how long it takes swings with where the processes are: many short ones

others="relay ocserv socat openvpn wireguard"
declare -A ENDS
for n in sp $others; do
	first=${#PIDS[@]}
	"begin_$n"
	until_true 20 "up_$n" || { tail -n 5 ./*.err ./*.log >&2; echo "gate: no tunnel by $n" >&2; exit 1; }
	[ $n != relay ] || ENDS[relay]="${PIDS[*]:first:2}"
done
ENDS[sp]="$GATEWAY $SECURITY"
for ((round = 1; round <= rounds; round++)); do for n in sp $others; do streams $n; done; done
for ((round = 1; round <= 5 * rounds; round++)); do for n in direct sp $others; do trip $n; done; done
mawk -v others="$others" -f "$SP_TOP/tests/bench/gate.awk" got
