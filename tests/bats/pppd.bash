# pppd.bash - our two roles against pppd, in a network namespace of the test's own.
load ../rig/pppd

setup_file() { rig_boot; }
teardown_file() { rig_end; }

setup_more() {
	rig_paths
	NS=pppd$$-$BATS_TEST_NUMBER
	ip netns add "$NS"
	printf 'sesame\n' >secret && chmod 600 secret
	rig_secret alice%router1 sesame
}
teardown_more() {
	rig_hangup 2>/dev/null || :
	ip netns del "$NS"
}

# Options of pppd's that say who it is; what it may do is in the words after them.
REFUSE_ALL="refuse-pap refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap"
as_client() { # pap|chap|mschap-v2 OPTION...
	local method=$1; shift
	rig_call noauth user alice%router1 remotename sp ${REFUSE_ALL/refuse-$method / } \
		noipdefault ipcp-accept-local ipcp-accept-remote "$@"
}
as_server() { # pap|chap|mschap-v2 OPTION...
	local method=$1; shift
	rig_call auth "require-$method" name guest $REFUSE_ALL 10.77.0.1:10.77.0.2 "$@"
}

# ras OPTION... / caller OPTION...: ours, in the background; wait_ours gives its exit status.
ras() {
	ip netns exec "$NS" sp-ras --line "unix:$LINE" --address 192.0.2.1 --peer-address 192.0.2.2 \
		--secret-file secret "$@" >out 2>err 3>&- &
	OURS=$!
	PIDS+=("$OURS")
}
caller() {
	ip netns exec "$NS" "$BUILD/tests/tool/ppp-call" --line "unix:$LINE" --secret-file secret \
		--interface c0 "$@" >out 2>err 3>&- &
	OURS=$!
	PIDS+=("$OURS")
}
wait_ours() { local rc=0; wait "$OURS" || rc=$?; [ "$rc" = "$1" ] || { echo "exit $rc"; cat out err; return 1; }; }
up() { until_true 8 grep -qE '(state|event)=up' out || { cat out err; rig_log; return 1; } && rig_waits '^@up'; }

# 256 KiB of text there and back.
text() {
	until_true 5 ip netns exec "$NS" ping -q -c 1 -W 1 "$1"
	seq 1 45000 | head -c 262144 >sent
	ip netns exec "$NS" timeout 30 socat -t 10 - "TCP:$1:7" <sent >received
	cmp sent received
}

# Packets of all sizes, then 256 KiB of random bytes by TCP and back, to the guest's ADDRESS. The first
# packet may be lost: pppd's interface is up a little later than IPCP.
traffic() {
	local size
	until_true 5 ip netns exec "$NS" ping -q -c 1 -W 1 "$1"
	for size in 0 100 260 1400; do ip netns exec "$NS" ping -q -c 2 -i 0.05 -W 3 -s "$size" "$1"; done
	head -c 262144 /dev/urandom >sent
	ip netns exec "$NS" timeout 30 socat -t 10 - "TCP:$1:7" <sent >received
	cmp sent received
}

# Segments with TCP's timestamps are never compressed (RFC 1144 knows none).
no_timestamps() { ip netns exec "$NS" sh -c 'echo 0 >/proc/sys/net/ipv4/tcp_timestamps'; }
# shrunk in|out, after ppp-call has ended: fewer bytes on the line than in the packets, framing and all.
shrunk() { [ "$(number "line_$1")" -lt "$(number "$1_bytes")" ]; }
halved() { [ $((2 * $(number "line_$1"))) -lt "$(number "$1_bytes")" ]; }
number() { sed -n "s/^event=down.*	$1=\([0-9]*\).*/\1/p" out; }
