# tunnels.bash - other programs' tunnels between the namespaces of the security server and the gateway
# (tests/bats/gate.bash, loaded before): begin_NAME starts its two ends, and up_NAME says whether packets can pass, by
# devices NAME-s and NAME-g. tunnel_keys first.
AT_S=10.50.0.31 AT_G=10.50.0.35 # of the veth pair that they go over

in_s() { ip netns exec "$NS-s" "$@" 3>&- & PIDS+=($!); } # beside us, to the end
in_g() { ip netns exec "$NS-g" "$@" 3>&- & PIDS+=($!); }

tunnel_keys() {
	local n
	for n in tun-s tun-g; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$n" -keyout $n.key -out $n.crt
	done 2>/dev/null
}
fingerprint() { openssl x509 -in "$1.crt" -noout -fingerprint -sha256 | cut -d= -f2; }

begin_relay() {
	in_g relay relay-g 1435 $AT_G $AT_S 7000 >relay-g.out
	in_s relay relay-s 1435 $AT_S $AT_G 7000 >relay-s.out
}
up_relay() { cat relay-[gs].out | grep -c ready= | grep -qx 2; }

# socat sets no MTU. A DTLS record has 37 bytes.
begin_socat() {
	local tls=openssl-min-proto-version=DTLS1.2 tun=iff-up,iff-no-pi,tun-name=socat
	in_g socat "OPENSSL-DTLS-LISTEN:7001,bind=$AT_G,cert=tun-g.crt,key=tun-g.key,cafile=tun-s.crt,$tls" TUN:10.77.1.1/30,$tun-g 2>socat-g.err
	until_true 10 eval "G ss -Hlun 'sport = :7001' | grep -q ."
	in_s socat "OPENSSL-DTLS-CONNECT:$AT_G:7001,cert=tun-s.crt,key=tun-s.key,cafile=tun-g.crt,openssl-commonname=tun-g,$tls" TUN:10.77.1.2/30,$tun-s 2>socat-s.err
}
up_socat() { ip -n "$NS-g" link set socat-g mtu 1435; ip -n "$NS-s" link set socat-s mtu 1435; S ping -c 1 -W 0.2 10.77.1.1; }

begin_ocserv() {
	local pin
	printf 'pw\npw\n' | ocpasswd -c ocpasswd user
	cat >ocserv.conf <<X
auth = "plain[passwd=$PWD/ocpasswd]"
tcp-port = 4443
udp-port = 4443
run-as-user = root
run-as-group = root
socket-file = $PWD/ocserv.sock
server-cert = $PWD/tun-g.crt
server-key = $PWD/tun-g.key
isolate-workers = true
max-clients = 4
rate-limit-ms = 0
keepalive = 300
dpd = 300
try-mtu-discovery = true
dtls-legacy = false
tls-priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-DTLS1.2:-CIPHER-ALL:+AES-128-GCM"
device = ocserv-g
ipv4-network = 10.77.2.0
ipv4-netmask = 255.255.255.0
ping-leases = false
mtu = 1435
X
	# shellcheck disable=SC2016
	printf '%s\n' '#!/bin/sh' '[ "$reason" = connect ] || exit 0' 'ip addr add "$INTERNAL_IP4_ADDRESS" peer 10.77.2.1 dev "$TUNDEV"' \
		'ip link set "$TUNDEV" mtu "$INTERNAL_IP4_MTU" up' >ocserv.script
	chmod 755 ocserv.script
	in_g ocserv -f -c ocserv.conf >ocserv.err 2>&1
	until_true 10 eval "G ss -Hltn 'sport = :4443' | grep -q ."
	pin=$(openssl x509 -in tun-g.crt -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
	echo pw >password
	in_s sh -c 'exec "$@" <password' - openconnect --protocol=anyconnect -v --user user --passwd-on-stdin --non-inter --no-proxy --disable-ipv6 \
		--interface ocserv-s -s "$PWD/ocserv.script" --servercert "pin-sha256:$pin" $AT_G:4443 >openconnect.err 2>&1
}
up_ocserv() { grep -q 'Established DTLS' openconnect.err && { ip -n "$NS-g" link show ocserv-g || ip -n "$NS-g" link set ocserv-g0 name ocserv-g; }; }

begin_openvpn() {
	local common=(--dev-type tun --mode p2p --proto udp --data-ciphers AES-128-GCM --disable-dco --verb 3)
	in_g openvpn --dev openvpn-g "${common[@]}" --tls-server --dh none --local $AT_G --port 1194 --ifconfig 10.77.3.1 10.77.3.2 --cert tun-g.crt --key tun-g.key \
		--peer-fingerprint "$(fingerprint tun-s)" >openvpn-g.err 2>&1
	in_s openvpn --dev openvpn-s "${common[@]}" --tls-client --remote $AT_G 1194 --nobind --ifconfig 10.77.3.2 10.77.3.1 --cert tun-s.crt --key tun-s.key \
		--peer-fingerprint "$(fingerprint tun-g)" >openvpn-s.err 2>&1
}
up_openvpn() { grep -q 'Initialization Sequence Completed' openvpn-s.err && grep -q 'Initialization Sequence Completed' openvpn-g.err; }

# wg_end NAMESPACE OWN PEER-PUBLIC [ENDPOINT]
wg_end() {
	until_true 10 ip netns exec "$NS-$1" wg show "wireguard-$1"
	ip netns exec "$NS-$1" wg set "wireguard-$1" listen-port 51820 private-key "wg-$1.key" peer "$3" allowed-ips 0.0.0.0/0 ${4:+endpoint "$4"}
	ip -n "$NS-$1" addr add "$2/30" dev "wireguard-$1"
	ip -n "$NS-$1" link set "wireguard-$1" mtu 1420 up
}
begin_wireguard() {
	local n
	for n in s g; do wg genkey >wg-$n.key; wg pubkey <wg-$n.key >wg-$n.pub; done
	in_g wireguard-go -f wireguard-g >wg-g.err 2>&1
	in_s wireguard-go -f wireguard-s >wg-s.err 2>&1
	wg_end g 10.77.4.1 "$(cat wg-s.pub)"
	wg_end s 10.77.4.2 "$(cat wg-g.pub)" $AT_G:51820
}
up_wireguard() { S ping -c 1 -W 0.2 10.77.4.1; }
