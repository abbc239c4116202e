#!/usr/bin/env bats
# What the router's options about the link change on a slow line: the line is looked at, byte by byte. The called side
# knows of no speed, and changes nothing.
load common
load call

# Between the router and the called side stands one that keeps what goes to the latter.
setup_more() {
	call_up
	ip -n "${NS}sp1" route add 10.50.0.5/32 via 198.51.100.1 # until the call's own is there, the other way in would do
}
listens() { on sp2 ss -ltn | grep -q :5001; }

# line_of OPTION...: of a call by a router with these options, over which a page is fetched; HEX is what it sent.
line_of() {
	rm -f line # which is appended to
	ip netns exec "${NS}sp2" socat -r "$T/line" TCP-LISTEN:5001,reuseaddr TCP:198.51.100.11:5000 3>&- & PIDS+=($!)
	until_true 5 listens
	nas_up --auth "$AUTH" "$@"
	dialed S1 first-secret 'tcp:198.51.100.12:5001?speed=33600'
	ip -n "${NS}sp1" route replace 10.50.0.5/32 dev ras0
	[ "$(on ws curl -sS --max-time 10 "http://$ALIAS:8080/")" = "I am sp1" ]
	kill "$DIAL_PID"
	until_gone "$DIAL_PID"
	until_true 5 nothing_left
	kill "$NAS"
	until_gone "$NAS"
	HEX=$(od -An -v -tx1 line | tr -d '\n')
}
sent() { grep -qE "$(sed 's/../ &/g' <<<"$1")" <<<"$HEX"; } # bytes, .. any

# IPCP's Configure-Request with an address and IP-Compression-Protocol; a frame with a compressed header; a SYN's MSS,
# SACK permitted, and timestamps, or ten bytes of nothing.
asks_vj() { sent '802101..0010030600000000''0206002d0f01'; }
asks_none() { sent '802101..000a030600000000'; }
compressed() { sent '7e2d'; }
CLAMPED=02040218 WHOLE=020405b4 STAMPED=0402080a BLANK=040201010101010101010101

@test "compressed headers, small segments, no timestamps; each of the three can be switched off alone" {
	line_of
	asks_vj; compressed; sent $CLAMPED$BLANK
	line_of --no-vj
	asks_none; never compressed; sent $CLAMPED$BLANK
	line_of --no-mss-clamp
	asks_vj; compressed; sent $WHOLE$BLANK
	line_of --no-timestamp-blank
	asks_vj; sent $CLAMPED$STAMPED
}
