# matrix.bash - each method, each set of control characters, each size, between pppd and one of ours.
# Whoever loads it says how: call_each METHOD ACCM MRU lets them call, agreed ACCM MRU looks at what
# they agreed on (all but what we asked of pppd), GUEST is pppd's address; call_wrong METHOD lets them
# call where the secrets differ, refused METHOD looks at what came of it; call_small OPTION-OF-PPPD OURS has them call with small packets.
# shellcheck disable=SC2154
load ../bats/pppd

all() { # METHOD ACCM: every MRU, both directions
	local mru
	for mru in 296 576 1500; do
		call_each "$1" "$2" "$mru"
		up
		agreed "$2" "$mru"
		rig_said "rcvd \[LCP ConfReq .*asyncmap 0x0*$2>"
		traffic "$GUEST"
		kill "$OURS"
		wait_ours 0
		rig_hangup
	done
}

wrong() { # METHOD
	rig_secret alice%router1 wrong
	call_wrong "$1"
	wait_ours 4
	refused "$1"
	[ -z "$(ip -n "$NS" -o link show type tun)" ]
}

# Headers, with the segments that can be compressed.
vj() { # OPTIONS-OF-PPPD OURS WHAT-PPPD-SAYS
	no_timestamps
	call_small "$1" "$2"
	up
	rig_said "$3"
	traffic "$GUEST"
	kill "$OURS"
	wait_ours 0
}
vj_as() { vj "$1" "" "$2"; }
vj_not() { vj "" --no-vj "$1"; }
not_shrunk() { [ "$(number line_out)" -ge "$(number out_bytes)" ]; }

# Packets, random and text.
deflate() { # OPTIONS-OF-PPPD OURS WHAT-PPPD-SAYS
	call_small "$1" "$2"
	up
	rig_waits "$3"
	traffic "$GUEST"
	text "$GUEST"
	kill "$OURS"
	wait_ours 0
	never rig_said 'CCP ResetReq'
}
