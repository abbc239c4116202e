# proxy.bash - what comes to sp-gate's gateway by HTTP CONNECT: the workstation reaches that at 10.61.0.35, and is
# nobody there: no root, no route to what is inside. Loaded behind gate and nobody.

proxy_setup() {
	gate_setup
	veth w eth1 10.61.0.5/24 g eth2 10.61.0.35/24
	ip -n "$NS-w" route del 10.210.0.0/24
	ip -n "$NS-w" route del 10.50.1.38
	ip -n "$NS-r" route add 10.70.0.0/29 via 10.50.1.35
	nobody_setup
	his alice.key bob.key router.key
}
proxied_gateway() { gateway --proxy tls:10.61.0.35:4306 --proxy-pool 10.70.0.0/29 --route 10.70.0.0/29 "$@"; }

# anybody COMMAND...: at the workstation, without any privilege
anybody() { ip netns exec "$NS-w" "${NOBODY[@]}" "$@"; }

# channel N [WHO]: a connection to the proxy for records; what comes: heard.N. say N KEY=VALUE...
channel() {
	talker "$1" 10.61.0.35:4306 "${2:-alice}" heard
	CHANNEL=$TALKER
	eval "SAY_$1=$TO"
}
say() { local to=SAY_$1; shift; rec "$@" >&"${!to}"; }

# shown N PERMIT [WHO]: by a channel that has an address
shown() {
	channel "$1" "${3:-alice}"
	say "$1" op=address id=a
	until_true 10 grep -q id=a "heard.$1"
	say "$1" op=permit id=1 permit="$2"
	until_true 10 grep -q id=1 "heard.$1"
}
proxy_permit() { gate_permit workstation=10.70.0.1 "$@"; }

# page [OPTION...] URL: curl's way there, as alice, or as $WHO
page() { anybody curl -s -m 20 -p --proxy https://10.61.0.35:4306 --proxy-cacert ca.crt --proxy-cert "${WHO:-alice}.crt" --proxy-key "${WHO:-alice}.key" "$@"; }
# the status of the answer to CONNECT
status_of() { page -o /dev/null -w '%{http_connect}' "$@" || :; }

# through HOST:PORT: sp-tls's way there, as alice, or as $WHO
through() { anybody sp-tls --ca ca.crt --cert "${WHO:-alice}.crt" --key "${WHO:-alice}.key" --role gateway --connect "$1" tls:10.61.0.35:4306; }

# reached PERMIT [OPTION...]: all are there, and the session is open
reached() {
	local permit=$1; shift
	proxied_gateway "$@"; web
	shown 1 "$permit"
	WORKSTATION=10.70.0.1 processor "$permit"
	until_true 15 grep -q tunnel=open client.out || { cat client.err client.log gw.log >&2; return 1; }
	ip -n "$NS-p" route add 10.70.0.1 dev "$(field interface <client.out)" src 10.210.0.7
}

# held_open: a connection to port 7 of the service processor that says a word and stays: OPEN
held_open() {
	P socat TCP-LISTEN:7,fork,reuseaddr SYSTEM:'echo here; cat' 3>&- 8>&- 9>&- & PIDS+=($!)
	until_true 5 gives 1 P sh -c "ss -Hltn '( sport = 7 )' | wc -l"
	mkfifo typed; exec {TYPED}<>typed
	through 10.210.0.7:7 <typed >said 2>/dev/null 3>&- 8>&- 9>&- &
	OPEN=$!; PIDS+=("$OPEN")
	until_true 10 grep -q here said
}
