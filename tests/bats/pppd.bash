# pppd.bash - our two roles against pppd, over a call between two modems of the exchange: ours at 5550100,
# in a network namespace of the test's own, and pppd's at 5550142.
# shellcheck disable=SC2034,SC2154
load ../bats/pstn
load ../rig/pppd

setup_file() { rig_boot; }
teardown_file() { rig_end; }

setup_more() {
	rig_paths
	rm -f "$RIG/mark"
	NS=pppd$$-$BATS_TEST_NUMBER
	ip netns add "$NS"
	printf 'sesame\n' >secret && chmod 600 secret
	rig_secret alice%router1 sesame
	# Without latency our first packet may be there before pppd is, and comes again after 3 s.
	exchange --speed "${SPEED:-4000000}" --latency 10 --modem 5550100 --modem 5550142
	rig_modem "$T/d/5550142"
}
teardown_more() {
	[ ! -e "$RIG/mark" ] || rig_hangup 2>/dev/null || :
	ip netns del "$NS"
}

# Options of pppd's: who it is, and by what it may be asked, or asks.
REFUSE_ALL="refuse-pap refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap"
client() { echo "noauth user alice%router1 remotename sp ${REFUSE_ALL/refuse-$1 / } noipdefault ipcp-accept-local ipcp-accept-remote"; }
server_by() { echo "auth require-$1 name guest $REFUSE_ALL 10.77.0.1:10.77.0.2"; }

# It calls ours, which waits: `ras` before. It waits for ours: `caller` behind.
as_client() { # pap|chap|mschap-v2 OPTION...
	NTH=$((NTH + 1))
	# shellcheck disable=SC2046
	rig_dial 5550100 $(client "$1") "${@:2}"
}
as_server() { # pap|chap|mschap-v2|eap OPTION...
	# shellcheck disable=SC2046
	rig_answer $(server_by "$1") "${@:2}"
}

# ras OPTION... / caller OPTION...: ours; what it says is in ours.out and ours.err. Ours that waits answers
# call after call, the NTH, until another waits. Without ./secret a caller has none.
ras() {
	[ -z "$WAITS" ] || { kill "$WAITS"; wait "$WAITS"; }
	NTH=0
	: >pid
	server ours ip netns exec "$NS" sp-answer modem:d/5550100 -- sh -c 'echo $$ >pid; exec sp-ras "$@"' - \
		--line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --secret-file secret --log ours.log "$@" 9>&-
	WAITS=$SERVER_PID
}
caller() {
	NTH=1
	rm -f pid
	: >ours.out # not what the call before has said
	local secret=(--secret-file secret)
	[ -e secret ] || secret=()
	ip netns exec "$NS" "$BUILD/tests/tool/ppp-call" --line 'modem:d/5550100?dial=5550142' "${secret[@]}" \
		--interface c0 "$@" >ours.out 2>ours.err 3>&- 9>&- &
	CALLER=$!
	PIDS+=("$CALLER")
}

# up: the link is up on both sides
up() {
	until_true 20 was_up || { cat ours.out ours.err x.out; rig_log; return 1; }
	rig_waits '^@up'
}
was_up() { [ "$(grep -cE '(state|event)=up' ours.out)" -ge "$NTH" ]; }
ours() { if [ -e pid ]; then cat pid; else echo "$CALLER"; fi; }
hang_up() { kill "$(ours)"; }

# ended STATUS [SECONDS]: ours is over with this exit status, and nothing is left of the call
ended() {
	local status=0
	until_true "${2:-20}" is_over || { cat ours.out ours.err x.out; rig_log; return 1; }
	if [ -e pid ]; then status=$(field exit <ours.out | tail -n 1); else wait "$CALLER" || status=$?; fi
	[ "$status" = "$1" ] || { echo "exit $status"; cat ours.out ours.err x.out; return 1; }
	until_true 10 undone
}
is_over() { if [ -e pid ]; then [ "$(grep -c state=ended ours.out)" = "$NTH" ]; else gone "$CALLER"; fi; }
undone() { [ -z "$(ip -n "$NS" -o link show type tun)" ] && order op=show number=5550100 | grep -q state=idle; }

# Tests that are the same for both roles say what pppd is: GUEST is its address, PEERS what it says when
# the link is up.
role() { # client|server
	ROLE=$1
	case $1 in
	client) GUEST=192.0.2.2 PEERS="local=192.0.2.2 remote=192.0.2.1" ;;
	server) GUEST=10.77.0.1 PEERS="local=10.77.0.1 remote=10.77.0.2" ;;
	esac
}
calls() { # METHOD OURS OPTION-OF-PPPD...
	# shellcheck disable=SC2086
	if [ "$ROLE" = client ]; then
		ras --auth "${1/-/}" $2
		as_client "$1" "${@:3}"
	else
		as_server "$1" "${@:3}"
		caller $2
	fi
}
over() { hang_up; ended 0; rig_waits '^@exit 16'; } # we hang up, and so does its modem

# 256 KiB of text there and back.
text() {
	until_true 5 ip netns exec "$NS" ping -q -c 1 -W 1 "$1"
	seq 1 45000 | head -c 262144 >sent
	echoed "$1"
}

# Packets of all sizes, then 256 KiB of random bytes by TCP and back, to the guest's ADDRESS. The first
# packet may be lost: pppd's interface is up a little later than IPCP.
traffic() {
	local size
	until_true 5 ip netns exec "$NS" ping -q -c 1 -W 1 "$1"
	for size in 0 100 260 1400; do ip netns exec "$NS" ping -q -c 2 -i 0.05 -W 3 -s "$size" "$1"; done
	head -c 262144 /dev/urandom >sent
	echoed "$1"
}
echoed() {
	ip netns exec "$NS" timeout 60 socat -t 20 - "TCP:$1:7" <sent >received
	cmp sent received
}

# Segments with TCP's timestamps are never compressed (RFC 1144 knows none).
no_timestamps() { ip netns exec "$NS" sh -c 'echo 0 >/proc/sys/net/ipv4/tcp_timestamps'; }
# shrunk in|out, after ppp-call has ended: fewer bytes on the line than in the packets, framing and all.
shrunk() { [ "$(number "line_$1")" -lt "$(number "$1_bytes")" ]; }
halved() { [ $((2 * $(number "line_$1"))) -lt "$(number "$1_bytes")" ]; }
number() { sed -n "s/^event=down.*	$1=\([0-9]*\).*/\1/p" ours.out; }
