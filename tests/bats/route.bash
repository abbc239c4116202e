# route.bash - a service processor and a workstation, each in a network namespace, and a link
# between them: a veth pair without ARP stands for the link's TUN device. The customer's network
# (eth0) uses the workstation's range. S, W: run in the service processor, in the workstation.

S() { ip netns exec "$NS-s" "$@"; }
W() { ip netns exec "$NS-w" "$@"; }

# wire NAME-IN-S NAME-IN-W: both ends with one MAC address, so that no ARP is needed
wire() {
	ip -n "$NS-s" link add "$1" address 02:00:00:00:00:01 type veth peer name "$2" address 02:00:00:00:00:01 netns "$NS-w"
	ip -n "$NS-s" link set "$1" arp off up
	ip -n "$NS-w" link set "$2" arp off up
}

setup_more() {
	NS=rt$$
	ip netns add "$NS-s"
	ip netns add "$NS-w"
	ip -n "$NS-s" link set lo up
	ip -n "$NS-w" link set lo up
	wire ras0 call0
	ip -n "$NS-s" addr add 192.0.2.1/32 dev ras0
	ip -n "$NS-w" addr add 10.50.0.5/32 dev call0
	ip -n "$NS-w" addr add 10.50.0.6/32 dev call0
	ip -n "$NS-w" route add 192.0.2.1 dev call0 src 10.50.0.5
	ip -n "$NS-s" link add eth0 type veth peer name eth1
	ip -n "$NS-s" link set eth1 up
	ip -n "$NS-s" link set eth0 up
	ip -n "$NS-s" addr add 10.50.0.77/24 dev eth0
	LINK=$(rec interface=ras0 address=192.0.2.1 user=alice state=up)
	mkfifo links
	exec 9<>links
}

teardown_more() {
	exec 9>&-
	ip netns del "$NS-s"
	ip netns del "$NS-w"
}

# service [OPTION...]: sp-route -l with the one link
service() {
	printf '%s\n' "$LINK" >&9
	server svc sh -c 'exec "$@" <links' - ip netns exec "$NS-s" sp-route -l --prefix 10.50.0.0/24 --log slog "$@"
}

# ask [OPTION...]: sp-route at the workstation, held until ASKER is killed
ask() {
	rec session=s1 user=alice address=192.0.2.1 >asked; : >out # not what was said before
	ip netns exec "$NS-w" sp-route --log wlog "$@" <asked >out 2>err 3>&- 8>&- 9>&- &
	ASKER=$!
	PIDS+=("$ASKER")
}
ready() { until_true 10 grep -q state=ready out; }

rules() { ip -n "$NS-s" rule | grep 'lookup 4341' || :; }
routes() { ip -n "$NS-s" route show table 4341 2>/dev/null || :; }
clean() { [ -z "$(rules)" ] && [ -z "$(routes)" ]; }

# question LINE [SOURCE]: what the route service answers to it before it closes the connection
question() {
	local q; q=$(mktemp -u question.XXXXXX)
	mkfifo "$q"
	exec 6<>"$q"
	printf '%s\n' "$1" >&6
	W timeout 5 socat -t 0.1 - TCP:192.0.2.1:4341,bind="${2:-10.50.0.5}" <&6 3>&- 8>&- 9>&- || :
	exec 6>&-
}

# hold FD HOST [OPTION]: a connection that has asked for its route and stays open as long as FD
hold() {
	mkfifo "held.$1"
	eval "exec $1<>held.$1"
	ip netns exec "$NS-w" socat - TCP:192.0.2.1:4341,bind="$2" <"held.$1" >"held.$1.out" 3>&- 8>&- 9>&- & PIDS+=($!)
	rec op=route host="$2" >"held.$1"
	until_true 5 test -s "held.$1.out"
}

# is N COMMAND...: it writes N lines
is() { local n=$1; shift; [ "$("$@" | wc -l)" = "$n" ]; }
