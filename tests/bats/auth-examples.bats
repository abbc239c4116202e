#!/usr/bin/env bats
# The EXAMPLES of sp-auth(1) and sp-login(1), as they stand there, on ports of our own.
load common

free() { # a port where nobody is, nor on the one above it, TCP or UDP
	local p
	while p=$((20000 + RANDOM % 12000))
		grep -qE "$(printf ':(%04X|%04X) ' $p $((p + 1)))" /proc/net/{tcp,udp,tcp6,udp6}; do :; done
	echo $p
}

# Ends by TERM what the script left, and waits for it.
examples() {
	local radius sec
	radius=$(free) sec=$(free)
	{ echo 'set -m'; "$SP_TOP/tests/rig/examples" "$SP_TOP/man/$1"; echo 'kill %2 %1 2>/dev/null; wait'; } |
		sed "s|18120|$radius|g; s|18121|$((radius + 1))|g; s|4301|$sec|g; s|/tmp/|$T/|g" >script
	ln -sfn "$SP_TOP/share" share
	run --separate-stderr bash script
}

@test "sp-auth" {
	examples sp-auth.1
	[ "$output" = "$(rec user=alice group=support decision=accept groups=support,field
		rec acct=stop session=s1 user=alice seconds=61 reason=idle acct_done=yes)" ]
}

@test "sp-login" {
	examples sp-login.1
	[ "$output" = "$(rec ticket=T-1 user=alice domain=EMEA groups=support,field)" ]
	grep -q '^group=field.hash=scrypt:' lab/group-passwords
}
