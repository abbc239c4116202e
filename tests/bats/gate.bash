# gate.bash - a workstation, a security server, a gateway with a router behind it, and a service processor, each in a
# network namespace: the ends of sp-gate between them. A veth pair without ARP stands for the link of the call. Loaded
# beside common and permit. W, S, G, R, P: run in one of them.

for n in W S G R P; do eval "$n() { ip netns exec \"\$NS-${n,}\" \"\$@\"; }"; done

gate_keys() {
	permit_keys
	once gate_certificates
}
gate_certificates() {
	sp-ca init --dir pki
	sp-ca issue --dir pki --role login --name sec --out sec
	sp-ca issue --dir pki --role gateway --name gw1 --san ip:10.61.0.35 --out gw1 >gw1.rec
	sp-ca issue --dir pki --role gateway --name gw2 --out gw2 >gw2.rec
	sp-ca issue --dir pki --role router --name router1 --out router
	sp-ca issue --dir pki --role processor --serial 4711 --out 4711
	sp-ca issue --dir pki --role processor --serial 4712 --out 4712
	sp-ca issue --dir pki --role user --user alice --out alice
	sp-ca issue --dir pki --role user --user bob --out bob
	cp pki/ca.crt pki/ca.crl .
} >/dev/null

# veth NS NAME ADDRESS/BITS NS NAME ADDRESS/BITS
veth() {
	ip -n "$NS-$1" link add "$2" type veth peer name "$5" netns "$NS-$4"
	ip -n "$NS-$1" addr add "$3" dev "$2"; ip -n "$NS-$1" link set "$2" up
	ip -n "$NS-$4" addr add "$6" dev "$5"; ip -n "$NS-$4" link set "$5" up
}

# link [MTU]: the service processor's, at the gateway's side without a router's translation
link() {
	ip -n "$NS-p" link add ras0 address 02:00:00:00:00:01 mtu "${1:-1500}" type veth peer name call0 address 02:00:00:00:00:01 mtu "${1:-1500}" netns "$NS-g"
	ip -n "$NS-p" link set ras0 arp off up
	ip -n "$NS-g" link set call0 arp off up
	ip -n "$NS-p" addr add 192.0.2.1/32 dev ras0
	ip -n "$NS-g" route add 192.0.2.1 dev call0 src 10.50.0.35
}

gate_setup() {
	local n
	NS=gt$$
	gate_keys
	for n in w s g r p; do
		ip netns add "$NS-$n"
		ip -n "$NS-$n" link set lo up
		ip netns exec "$NS-$n" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.disable_ipv6=1
	done
	veth w eth0 10.60.0.5/24 s eth0 10.60.0.31/24
	veth s eth1 10.50.0.31/24 g eth0 10.50.0.35/24
	veth g eth1 10.50.1.35/24 r eth0 10.50.1.38/24
	ip -n "$NS-w" route add 10.210.0.0/24 via 10.60.0.31
	ip -n "$NS-w" route add 10.50.1.38 via 10.60.0.31
	ip -n "$NS-r" route add 10.60.0.5 via 10.50.1.35
	link "${LINK_MTU:-1500}"
}
gate_teardown() { local n; for n in w s g r p; do ip netns del "$NS-$n"; done; }

# gateway [OPTION...], security_server [OPTION...]: those ends. gw=ADDRESS: how the gateway is named to others
gateway() {
	server gw ip netns exec "$NS-g" sp-gate gateway --listen dtls:10.50.0.35:4340 --cert gw1.crt --key gw1.key --ca ca.crt --crl ca.crl \
		--permit-keys permit.pub --router 10.50.1.38:23 --route 10.60.0.5/32 --log gw.log "$@"
	GATEWAY=$SERVER_PID
}
at_gw() { echo "dtls:10.50.0.35:4340?key=$(field pin <gw1.rec)&name=gw1"; }
security_server() {
	server sec ip netns exec "$NS-s" sp-gate server --listen tls:10.60.0.31:4305 --cert sec.crt --key sec.key --ca ca.crt --crl ca.crl \
		--permit-keys permit.pub --gateway "$(at_gw)" --route 10.210.0.0/24 --route 10.50.1.38/32 --log sec.log "$@"
	SECURITY=$SERVER_PID
}

# gate_permit [KEY=VALUE...]: for alice at the workstation, to the system 4711 at 10.210.0.7
gate_permit() { permit workstation=10.60.0.5 inside=10.210.0.7 connect_by=60 until=600 ports=tcp/80,udp/7 "$@"; }

# talker N ADDRESS:PORT WHO NAME: a connection from the workstation, with WHO's certificate, until TALKER is killed. It says
# what is written to TO; what it hears is in NAME.N.
talker() {
	mkfifo "say.$1"
	ip netns exec "$NS-w" openssl s_client -quiet -connect "$2" -CAfile ca.crt -cert "$3.crt" -key "$3.key" \
		<"say.$1" >"$4.$1" 2>"say.$1.err" 3>&- 8>&- 9>&- &
	TALKER=$!
	PIDS+=("$TALKER")
	exec {TO}>"say.$1"
}

# workstation N PERMIT [WHO]: shows it to the security server, until SHOWS is killed. Its answers: shown.N
workstation() {
	talker "$1" 10.60.0.31:4305 "${3:-alice}" shown
	SHOWS=$TALKER
	rec op=permit id=1 permit="$2" >&"$TO"
	until_true 10 test -s "shown.$1"
}

# processor PERMIT [KEY=VALUE...] [-- OPTION...]: the security client, fed with a link as sp-ras tells it; its records: client.out
processor() {
	local permit=$1 fields=(); shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do fields+=("$1"); shift; done
	[ $# = 0 ] || shift
	[ -e links ] || mkfifo links
	exec 9<>links
	rec interface=ras0 address=192.0.2.1 session=0123456789abcdef inside=10.210.0.7 workstation="${WORKSTATION:-10.60.0.5}" user=alice permit="$permit" "${fields[@]}" >&9
	: >client.out
	ip netns exec "$NS-p" sh -c 'exec "$@" <links 9>&-' - sp-gate client --cert 4711.crt --key 4711.key --ca ca.crt --crl ca.crl \
		--gateway "${GATE:-$(at_gw)}" --log client.log "$@" >client.out 2>client.err 3>&- 8>&- 9>&- &
	CLIENT=$!
	PIDS+=("$CLIENT")
}

# The workstation's first packet raises its end's tunnel.
raise() { W ping -q -c 1 -W 0.1 10.210.0.7 >/dev/null || :; }

# Both ends are there. The route back is sp-route's matter; here it is set by hand.
open_up() {
	until_true 15 grep -q tunnel=open client.out || { cat client.err client.log gw.log sec.log >&2; return 1; }
	ip -n "$NS-p" route add 10.60.0.5 dev "$(field interface <client.out)" src 10.210.0.7
}

# web: a page in the service processor's namespace, on every address. page_at N PORT: the same in one of them
web() {
	mkdir www; echo '<p>4711</p>' >www/index.html
	page_at p 80
}
page_at() {
	ip netns exec "$NS-$1" busybox httpd -f -p "$2" -h www 3>&- 8>&- 9>&- & PIDS+=($!)
	until_true 5 ip netns exec "$NS-$1" curl -s -o /dev/null "http://127.0.0.1:$2/"
}
