# pppd-lost.bash - one of the two is gone in the middle of a call. Loaded behind pppd; see `role`.
# shellcheck disable=SC2154

# Ours undoes everything; then they call again, and get the same addresses.
lost() { # HOW STATUS [SECONDS [OURS]]
	calls chap "${4:-}"
	up
	traffic "$GUEST"
	"$1"
	ended "$2" "${3:-10}"
	rig_waits '^@exit'
	if [ "$ROLE" = client ]; then as_client chap; else as_server chap; caller; fi
	up
	rig_said "@up $PEERS"
	traffic "$GUEST"
	over
}
pppd_killed() { rig_say kill; rig_waits '^@exit 137'; }
pppd_killed_and_port() { pppd_killed; rig_drops_dtr; }
pppd_ends() { rig_say hup; }
exchange_fails() { order op=hangup number=5550142; rig_waits 'Modem hangup'; }
ours_killed() { kill -KILL "$(ours)"; rig_waits 'Modem hangup'; }

# Pppd is killed and started again on the line as it is: all is negotiated anew, on the same link.
rejoined() {
	local device
	calls chap ""
	up
	traffic "$GUEST"
	device=$(ip -n "$NS" -o link show type tun)
	pppd_killed
	# shellcheck disable=SC2046
	if [ "$ROLE" = client ]; then rig_rejoin $(client chap); else rig_rejoin $(server_by chap); fi
	rig_waits "@up $PEERS" 20
	traffic "$GUEST"
	grep -q event=resumed ours.log || grep -q event=resumed ours.out
	[ "$(ip -n "$NS" -o link show type tun)" = "$device" ]
	[ "$(grep -cE '(state|event)=up' ours.out)" = 1 ]
	[ "$(grep -c event=connected x.out)" = 1 ]
	over
}
