# matrix.bash - rows of tests between pppd and one of ours, the same for both roles (`role`).
# shellcheck disable=SC2154
load ../bats/pppd

all() { # METHOD ACCM: every MRU, both directions
	local mru
	for mru in 296 576 1500; do
		calls "$1" "--accm $2 --mru $mru" asyncmap "$2" mru "$mru" mtu "$mru"
		up
		rig_said "@up $PEERS mtu=$mru"
		rig_said "rcvd \[LCP ConfReq .*asyncmap 0x0*$2>"
		rig_said "sent \[LCP ConfReq .*asyncmap 0x0*$2>" || [ "$2" = ffffffff ] # the default is not sent
		agreed "$mru"
		traffic "$GUEST"
		over
	done
}

wrong() { # METHOD
	rig_secret alice%router1 wrong
	calls "$1" ""
	ended 4
	refused "$1"
}

# What is seen of it on our side.
agreed() { # MRU
	case $ROLE in
	client) ip -n "$NS" link show ras0 | grep -q "mtu $1" ;;
	server) grep -q "local=10.77.0.2	peer=10.77.0.1	mtu=$1" ours.out ;;
	esac
}
refused() { # METHOD
	case $ROLE in
	client)
		grep -q 'error=denied	step=333' ours.out
		rig_waits '^@exit 19' ;;
	server)
		grep -q "event=authenticating	method=${1/-/}" ours.out
		grep -q event=failed ours.out
		rig_waits '^@exit' ;;
	esac
}

# Headers, with the segments that can be compressed.
vj() { # OPTIONS-OF-PPPD OURS WHAT-PPPD-SAYS
	no_timestamps
	# shellcheck disable=SC2086
	calls chap "--mru 296 $2" mru 296 mtu 296 $1
	up
	rig_said "$3"
	traffic "$GUEST"
	typed
	over
}
vj_as() { vj "$1" "" "$2"; }
vj_not() { vj "" --no-vj "$1"; }
not_shrunk() { [ "$(number line_out)" -ge "$(number out_bytes)" ]; }

# A hundred keys, each when the echo of the one before is back; CARRIED is what that was in packets, both ways, and LINE_TOOK
# on the line: all that the exchange reads meanwhile. What opens the connection is not counted.
typed() {
	read -r LINE_TOOK CARRIED < <(ip netns exec "$NS" timeout 60 bash -s "$GUEST" "/proc/$PSTN/io" <<-'EOS'
		key() { printf x >&5; read -rN 1 -t 10 -u 5 || exit; }
		count() { # in packets, on the line
			local in out word
			read -r in </sys/class/net/$name/statistics/rx_bytes
			read -r out </sys/class/net/$name/statistics/tx_bytes
			read -r word line <"$io"
			carried=$((in + out))
		}
		io=$2 name=$(basename /sys/class/net/[cr]*)
		exec 5<>"/dev/tcp/$1/7"
		for i in {1..20}; do key; done # at first each side acknowledges by packets of their own
		count
		line_before=$line carried_before=$carried
		for i in {1..100}; do key; done
		count
		echo $((line - line_before)) $((carried - carried_before))
	EOS
	)
	echo "$LINE_TOOK bytes on the line for $CARRIED in packets"
	[ "$CARRIED" -ge 8200 ] # 2 * 41 a key
}
# RFC 1144 makes 40 bytes of headers 3 where both numbers grow by what was sent last, 4 with the connection's. With the byte of
# data, the protocol, the check sum and a flag (ours have two where nothing is before them) 8 to 10 are left of 41, and 45 or
# 46 without it.
quartered() { [ $((4 * LINE_TOOK)) -le "$CARRIED" ]; }
in_full() { [ "$LINE_TOOK" -gt "$CARRIED" ]; }

# Packets, random and text.
deflate() { # OPTIONS-OF-PPPD OURS WHAT-PPPD-SAYS
	# shellcheck disable=SC2086
	calls chap "--mru 296 $2" mru 296 mtu 296 $1
	up
	rig_waits "$3"
	traffic "$GUEST"
	text "$GUEST"
	over
	never rig_said 'CCP ResetReq'
}

# What pppd proposes and we have not, or the other way round: the link comes up without it.
without() { # OPTIONS-OF-PPPD OURS WHAT-PPPD-SAYS...
	local said
	# shellcheck disable=SC2086
	calls chap "$2" $1
	up
	for said in "${@:3}"; do rig_waits "$said"; done
	traffic "$GUEST"
	over
}

# The protocol, and what is in it, of frames that nobody knows: each is rejected with all of it, and the link goes on.
unknown() { # HEX...
	local frame
	calls chap "" mru 1500
	up
	for frame; do
		rig_say send "$frame"
		rig_waits "rcvd $REJ$(sed 's/../ &/g' <<<"$frame")"
	done
	traffic "$GUEST"
	over
}
