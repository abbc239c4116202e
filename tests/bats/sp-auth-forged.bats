#!/usr/bin/env bats
# sp-auth against forged replies, silent and absent servers.
load common
load radius

ALICE=$'user=alice\tpassword=correct horse'

setup_more() {
	radius
	SECRET=$T/r/radius.secret
	REAL=$PORT
}

forger() { # CODE REAL-PORT KIND...
	local code=$1 real=$2; shift 2
	server "forger$RANDOM" "$BUILD/tests/tool/radius-forger" "$code" "$SECRET" "$real" "$@"
}
auth() { sp-auth --secret-file "$SECRET" "$@"; }

# A UDP port of 127.0.0.1 where nobody listens.
closed_port() {
	local p=9
	while grep -q "$(printf ':%04X ' $p)" /proc/net/udp; do p=$((p + 1)); done
	echo $p
}

@test "forged accepts are ignored one and all: the true reject wins" {
	forger 2 "$REAL" auth secret nomac badmac id port short
	run --separate-stderr auth --log log --server "127.0.0.1:$PORT" <<<"$(rec user=alice password=wrong)"
	[ "$status" = 4 ]; [[ $output == *error=denied* && $output != *root* ]]
	[ "$(grep -c 'step=303	event=dropped' log)" = 7 ]
	dropped() { grep -q "event=dropped	from=127.0.0.1:$1	detail=$2\$" log; }
	dropped "$PORT" "its authenticator is not made with our secret"
	dropped "$PORT" "it has no Message-Authenticator"
	dropped "$PORT" "its Message-Authenticator is not made with our secret"
	dropped "$PORT" "it answers another request"
	dropped "$PORT" "its length is not a RADIUS packet's"
	dropped '[0-9]*' "it comes from elsewhere"
	never dropped "$PORT" "it comes from elsewhere"
}

@test "a flood of them does not fill the log, and the true answer comes through" {
	forger 2 "$REAL" {auth,id}{,,,,,,,,,,,,,,,,,,,}
	run -4 --separate-stderr auth --log log --server "127.0.0.1:$PORT" <<<"$(rec user=alice password=wrong)"
	[ "$(grep -c event=dropped log)" -ge 10 ]; [ "$(grep -c event=dropped log)" -lt 40 ]
}

@test "forged rejects are ignored one and all: the true accept wins" {
	forger 3 "$REAL" auth secret nomac badmac id port short
	run --separate-stderr auth --server "127.0.0.1:$PORT" <<<"$ALICE"
	[ "$status" = 0 ]; [[ $output == *decision=accept*groups=support,field ]]
}

@test "each forgery alone is no answer: timeout; the control is one" {
	for kind in auth secret nomac badmac id port short; do
		forger 2 0 $kind
		run --separate-stderr auth --timeout 0.3 --server "127.0.0.1:$PORT" <<<"$ALICE"
		[ "$status" = 3 ] && [[ $output == *error=timeout*step=303* ]] || { echo "$kind: $status $output"; return 1; }
	done
	forger 2 0 good
	run --separate-stderr auth --timeout 5 --server "127.0.0.1:$PORT" <<<"$ALICE"
	[ "$status" = 0 ]; [[ $output == *groups=root ]]
}

@test "a wrong secret is a timeout that says so where it can" {
	echo another >s; chmod 600 s
	run --separate-stderr sp-auth --secret-file s --timeout 0.3 --server "127.0.0.1:$REAL" <<<"$ALICE"
	[ "$status" = 3 ]; [[ $output == *error=timeout* ]]
	forger 2 0 secret
	run --separate-stderr auth --timeout 0.3 --server "127.0.0.1:$PORT" <<<"$ALICE"
	[[ $output == *"that our secret holds for"* ]]
}

@test "nobody listens: the next server is asked at once" {
	asked() {
		run auth --server "127.0.0.1:$(closed_port)" --server "127.0.0.1:$REAL" <<<"$ALICE"
		[ "$status" = 0 ]; [[ $output == *decision=accept* ]]
	}
	within 950 asked # before the first retransmission
	run --separate-stderr auth --server "127.0.0.1:$(closed_port)" <<<"$ALICE"
	[ "$status" = 6 ]; [[ $output == *error=peer* ]]
}

@test "a silent server: the next is asked in its share of the time; then it is passed over" {
	forger 2 0 short
	mkfifo in
	auth --timeout 4 --server "127.0.0.1:$PORT" --server "127.0.0.1:$REAL" <in >out 2>err &
	PIDS+=($!)
	exec 7>in
	local n=0
	asked() {
		echo "$ALICE" >&7
		n=$((n + 1))
		until_true 8 eval '[ "$(grep -c decision=accept out)" = '$n' ]'
	}
	asked
	within 1900 asked # its share was 2 s
	exec 7>&-
}

@test "a silent server is not asked for its dead time, and is asked again then" {
	mkdir r2
	cp r/radius.secret r2
	server radius2 "$SP_TOP/tests/rig/radius" "$T/r2"
	local second frozen
	second=127.0.0.1:$(field radius_port <radius2.out)
	frozen=$(pgrep -P "$SERVER_PID" freeradius)
	mkfifo in
	exec 7<>in
	auth --timeout 2 --dead-time 3 --server "$second" --server "127.0.0.1:$REAL" <in >out 2>err 3>&- 7>&- &
	PIDS+=($!)
	kill -STOP "$frozen"
	rec user=frozen password=x >&7
	until_true 8 grep -q 'user=frozen.*error=denied' out # by the other, after a second
	kill -CONT "$frozen"
	rec user=dead password=x >&7
	until_true 8 grep -q 'user=dead.*error=denied' out
	grep -q uid=dead r/slapd.log; never grep -q uid=dead r2/slapd.log
	asked_again() { rec user=again password=x >&7; grep -q uid=again r2/slapd.log; }
	until_true 8 asked_again
	exec 7>&-
}

@test "a lost packet is sent again, the same" {
	forger 2 "$REAL" lose
	run --separate-stderr auth --server "127.0.0.1:$PORT" <<<"$ALICE"
	[ "$status" = 0 ]; [[ $output == *decision=accept*groups=support,field ]]
}

@test "the ports of today and of yesterday, for access and accounting, IPv4 and IPv6" {
	cat >asked <<-'EOF'
	ip link set lo up
	for p in 1812 1813 1645 1646; do socat -u UDP6-RECV:$p OPEN:$p,creat & done
	until [ "$(grep -cE ':(0714|0715|066D|066E) ' /proc/net/udp6)" = 4 ]; do read -rt 0.02 <> <(:); done
	ask() { sp-auth --secret-file "$SECRET" --timeout 1 "$@" <<<"user=u	password=p	acct=on" 2>/dev/null; }
	ask --server 127.0.0.1; ask --server '[::1]' --accounting
	ask --server ::1 ; ask --server '[::1' # neither is an address with a port
	until [ -s 1812 ] && [ -s 1813 ]; do read -rt 0.02 <> <(:); done
	[ ! -s 1645 ] && [ ! -s 1646 ] || exit 1
	ask --server '[::1]' --old-ports; ask --server 127.0.0.1 --accounting --old-ports
	until [ -s 1645 ] && [ -s 1646 ]; do read -rt 0.02 <> <(:); done
	rc=$?; kill $(jobs -p); exit $rc
	EOF
	SECRET=$SECRET run timeout 30 unshare -n bash asked
	[ "$status" = 0 ]
}
