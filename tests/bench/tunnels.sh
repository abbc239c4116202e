#!/bin/bash
# tunnels.sh - one gateway (sp-gate) with a thousand tunnels, each with a session of its own: how many of them a second it
# lets in and takes the permit of, 16 at once, all ends in another process on this machine; and the gateway's private
# memory (Private_* of smaps_rollup) by their number, in kB. Loopback only.
# shellcheck disable=SC1090,SC2034
export SP_TOP=$PWD
tunnels=1000
bats_require_minimum_version() { :; }
load() { . "$SP_TOP/tests/bats/$1.bash"; }
for f in common permit gate; do load $f; done
mkdir "$BENCH_TMP/tunnels" && cd "$BENCH_TMP/tunnels" || exit 8
T=$PWD PIDS=() BATS_FILE_TMPDIR=$PWD/file
end() {
	local p
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${PIDS[@]}"; do until_gone "$p"; done
}
trap end EXIT
mkdir file && gate_keys || exit 1
server gw sp-gate gateway --listen dtls:127.0.0.1:0 --cert gw1.crt --key gw1.key --ca ca.crt --crl ca.crl \
	--permit-keys permit.pub --sessions $tunnels --peers $tunnels --log gw.log || exit 1
mkfifo hold; exec 7<>hold
setups "dtls:127.0.0.1:$PORT?key=$(field pin <gw1.rec)&name=gw1" 4711.crt 4711.key ca.crt permit.key 4711 $tunnels "${1:-16}" \
	<hold >setups.out 2>setups.err 7<&- & PIDS+=($!)
has_said() { [ -s setups.out ] || gone "${PIDS[-1]}"; }
until_true 120 has_said
[ -s setups.out ] || { cat setups.err gw.err >&2; exit 1; }
awk '{ printf "tunnels set up, of 1000 to one gateway, a second\t%d\t-\t-\t-\n", $1 }' setups.out
mawk -v n=$tunnels '/^Private_(Clean|Dirty):/ { k += $2 }
	END { printf "a tunnel at the gateway, private memory of 1000, kB\t%.1f\t-\t-\t-\n", k * 1.024 / n }' "/proc/$SERVER_PID/smaps_rollup"
