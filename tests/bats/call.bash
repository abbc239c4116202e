# call.bash - a router between a workstation and two service processors, each in a network
# namespace of its own: ws 10.50.0.5 and .6 - nas 10.50.0.38; nas 198.51.100.1 - sp1 .11, sp2 .12.
# Both service processors are 192.0.2.1 on their links. The network, and RADIUS at the router, are
# there for all tests of a file; what a test starts in it ends with it.
# shellcheck disable=SC2034,SC2154
load ../bats/radius

setup_file() {
	export NS=spc$$-
	net_up
	radius_up ip netns exec "${NS}nas"
}
teardown_file() {
	local n rc=0
	radius_down || rc=$?
	for n in ws nas sp1 sp2; do ip netns delete "$NS$n"; done
	return $rc
}

on() { local ns=$1; shift; ip netns exec "$NS$ns" "$@"; }

wire() { # NAMESPACE ADDRESS BRIDGE: a cable from a namespace to a bridge of the router's
	ip link add eth0 netns "$NS$1" type veth peer name "v$1" netns "${NS}nas"
	ip -n "$NS$1" address add "$2" dev eth0
	ip -n "$NS$1" link set eth0 up
	ip -n "${NS}nas" link set "v$1" master "$3" up
}

net_up() {
	local n
	for n in ws nas sp1 sp2; do
		ip netns add "$NS$n"
		ip -n "$NS$n" link set lo up
	done
	ip -n "${NS}nas" link add vendor type bridge
	ip -n "${NS}nas" link add lines type bridge
	ip -n "${NS}nas" address add 10.50.0.38/24 dev vendor
	ip -n "${NS}nas" address add 198.51.100.1/24 dev lines
	ip -n "${NS}nas" link set vendor up
	ip -n "${NS}nas" link set lines up
	on nas sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	wire ws 10.50.0.5/24 vendor
	wire sp1 198.51.100.11/24 lines
	wire sp2 198.51.100.12/24 lines
	ip -n "${NS}ws" address add 10.50.0.6/24 dev eth0
	ip -n "${NS}ws" route add 10.200.0.0/24 via 10.50.0.38 src 10.50.0.5
}

# A service processor: answers on its line, one RAS a call, a page with its name.
sp_up() { # sp1|sp2 ADDRESS SECRET [RAS-OPTION...]
	local n=$1 address=$2
	(umask 077; printf '%s\n' "$3" >"$n.secret")
	shift 3
	server "$n" ip netns exec "$NS$n" sp-answer "tcp:$address:5000" -- \
		sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --interface ras0 \
		--secret-file "$T/$n.secret" --log "$T/$n.ras.log" "$@"
	mkdir -p "www.$n" && echo "I am $n" >"www.$n/index.html"
	ip netns exec "$NS$n" busybox httpd -f -p 8080 -h "$T/www.$n" 3>&- &
	PIDS+=($!)
}

# What every call needs: how RADIUS is asked (AUTH), alice's password, and the first service processor.
call_up() {
	radius
	printf 'correct horse\n' >password
	chmod 600 password
	AUTH="sp-auth --server 127.0.0.1:$PORT:$ACCT_PORT --secret-file $T/r/radius.secret --nas-id router1 --step 320"
	sp_up sp1 198.51.100.11 first-secret
}

nas_up() { # OPTION...
	server nas ip netns exec "${NS}nas" sp-nas --listen tcp:10.50.0.38:23 --name router1 --alias-pool 10.200.0.0/24 \
		--group support --permit-dial 'tcp:198.51.100.*' --fail-delay 0.1 --log "$T/nas.log" "$@"
	NAS=$SERVER_PID
}

# dial NAME SECRET DIAL-STRING [KEY=VALUE...]: sp-dial in the workstation, holding until it is told
# to stop (DIAL_PID); its output in NAME.out, messages in NAME.err, progress in NAME.progress.
dial() {
	local n=$1 secret=$2 string=$3; shift 3
	rec user=alice group=support router_address=10.50.0.38 router_port=23 profile=sp-nas profile_args=transport=plain "session=$n" \
		"secret=$secret" "dial=$string" "$@" >"$n.rec"
	ip netns exec "${NS}ws" sp-dial --password-file "$T/password" --log "$T/dial.log" --progress 9 <"$n.rec" >"$n.out" 2>"$n.err" \
		9>"$n.progress" 3>&- &
	DIAL_PID=$!
	PIDS+=("$DIAL_PID")
}

# dialed NAME SECRET DIAL-STRING: the same, and it is up. Sets ALIAS.
dialed() {
	dial "$@"
	until_true 15 grep -q hold=dial "$1.out" || { cat "$1.out" "$1.err" nas.err >&2; return 1; }
	ALIAS=$(field alias <"$1.out")
}

devices() { ip -n "$NS$1" -o link show type tun | wc -l; }
routes() { ip -n "${NS}nas" route show | grep -c '^10\.200\.'; }
nothing_left() { # no TUN device and no alias route in the router, no TUN at the service processors
	[ "$(devices nas)" = 0 ] && [ "$(routes)" = 0 ] && [ "$(devices sp1)" = 0 ] && [ "$(devices sp2)" = 0 ]
}
one_route() { [ "$(routes)" = 1 ]; }

# The process ids of a program in one of these namespaces, and in no other.
running() { # NAMESPACE PROGRAM
	ip netns pids "$NS$1" | while read -r p; do [ "$(ps -o comm= -p "$p")" = "$2" ] && echo "$p"; done; :
}
