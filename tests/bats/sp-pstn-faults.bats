# sp-pstn: what goes wrong on a line when it is told to, at its byte.
load common
load pstn

setup_more() { exchange --speed 2000000 --modem 5550100 --modem 5550142; }

fault() { order op=fault number="$1" fault="$2" "${@:3}" | grep -q done=1; }
# mark: what the called modem has said up to now; since: what came after, told until BYTES are there
mark() { MARK=$(stat -c %s "said.6"); }
since() { until_true 10 size said.6 $((MARK + $1)) || return 1; tail -c +$((MARK + 1)) said.6; }

@test "the carrier drops behind its byte, for both, once; the next call is whole" {
	fault 5550142 drop after=1000 count=1
	connected
	mark
	head -c 5000 /dev/zero | tr '\0' x >&5
	said 6 'NO CARRIER'
	said 5 'NO CARRIER'
	event 'call=1.*reason=lost-carrier.*to_bytes=1000'
	[ "$(since 1000 | tr -cd x | wc -c)" = 1000 ]
	printf '\r' >&5 # the rest of what was written was no command
	printf 'ATD5550142\r' >&5
	event 'call=2.*event=connected'
	mark
	head -c 5000 /dev/zero | tr '\0' x >&5
	[ "$(since 5000 | tr -cd x | wc -c)" = 5000 ]
}

@test "a drop in the present call counts from the command" {
	connected
	printf 12345 >&5
	said 6 12345
	fault 5550100 drop after=3
	printf abcdef >&6
	event 'reason=lost-carrier.*from_bytes=3'
	said 5 abc
	fault 5550100 none
	order op=show number=5550100 >shown
	never grep fault= shown
	fault 5550100 stall
	fault 5550100 noise
	order op=show number=5550100 | grep -q $'fault=stall,noise$'
}

@test "a burst of noise is so many bytes more, at its place" {
	fault 5550142 noise after=100 bytes=50 count=1
	connected
	mark
	head -c 1000 /dev/zero >&5
	since 1050 >got
	[ "$(stat -c %s got)" = 1050 ]
	[ "$(head -c 100 got | tr -d '\0' | wc -c)" = 0 ]
	[ "$(tail -c 900 got | tr -d '\0' | wc -c)" = 0 ]
	[ "$(head -c 150 got | tail -c 50 | tr -d '\0' | wc -c)" -ge 40 ]
	mark
	fault 5550142 noise # now, with no data
	since 64 >/dev/null
}

@test "bit errors: about as many as were asked for, the same every time, none outside" {
	fault 5550142 errors rate=0.01 after=1000
	connected
	mark
	head -c 11000 /dev/zero >&5
	since 11000 >got
	[ "$(head -c 1000 got | tr -d '\0' | wc -c)" = 0 ]
	local wrong; wrong=$(tail -c 10000 got | tr -d '\0' | wc -c)
	echo "$wrong bytes of 10000, 770 were to be expected"
	[ "$wrong" -gt 600 ]; [ "$wrong" -lt 950 ]
	fault 5550142 none
	mark
	head -c 5000 /dev/zero >&5
	[ "$(since 5000 | tr -d '\0' | wc -c)" = 0 ]
	[ "$wrong" = 774 ]
}

@test "a stall holds both ways up for so long, and nothing is lost" {
	connected
	fault 5550142 stall ms=400 after=10 count=1
	mark
	local t0 t1; t0=${EPOCHREALTIME/./}
	head -c 3000 /dev/zero >&5
	printf other >&6
	since 3000 >got
	t1=${EPOCHREALTIME/./}
	[ $(((t1 - t0) / 1000)) -ge 400 ]
	said 5 other
	cmp -n 3000 got /dev/zero
}

@test "+++ inside data goes through, and the modem stays in data mode" {
	fault 5550100 escape after=4 count=1
	connected
	mark
	printf 'ATS0=9ATH\r' >&5
	[ "$(since 13)" = $'ATS0+++=9ATH\r' ]
	guard
	printf 'still data' >&5
	said 6 'still data'
	[ "$(grep -ac '^OK' said.5)" = 1 ]
}

@test "a receiver that does not read holds up the sender; nothing is lost" {
	listen 5 5550100
	exec 6<>d/5550142
	at 5 E0
	printf 'ATE0S0=1\r' >&6
	printf 'ATD5550142\r' >&5
	said 5 CONNECT
	head -c 250000 /dev/urandom >in
	cat in >&5 3>&- & PIDS+=($!)
	stuck() { local n; n=$(counted); rest; rest; rest; [ "$n" = "$(counted)" ]; }
	counted() { grep -a ^wchar "/proc/${PIDS[-1]}/io"; }
	until_true 5 stuck
	never gone "${PIDS[-1]}"
	cat <&6 >said.6 2>/dev/null 3>&- 9>&- & PIDS+=($!)
	until_true 20 size said.6 250000
	until_true 5 whole
}
whole() { [ "$(tail -c +$(($(stat -c %s said.6) - 249999)) said.6 | md5sum)" = "$(md5sum <in)" ]; }
