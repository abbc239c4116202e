# sp-pstn: calls between modems, pacing, the ways out of a call, commands.
load common
load pstn

@test "a modem calls, the other answers, bytes both ways are those that were sent" {
	exchange --speed 10000000 --modem 5550100 --modem 5550142
	connected
	event event=connected
	[ "$(awk -F'\t' '/^call/ { print $2 }' x.out | tr '\n' ' ')" = "event=dialing event=ringing event=answered event=connected " ]
	grep -q $'call=1\tevent=connected\tfrom=5550100\tto=5550142\tspeed=10000000' x.out
	head -c 200000 /dev/urandom >in.5
	head -c 150000 /dev/urandom >in.6
	local at5 at6; at5=$(stat -c %s said.5) at6=$(stat -c %s said.6)
	cat in.5 >&5 3>&- & PIDS+=($!)
	cat in.6 >&6 3>&- & PIDS+=($!)
	until_true 20 size said.6 $((at6 + 200000))
	until_true 20 size said.5 $((at5 + 150000))
	tail -c +$((at6 + 1)) said.6 | cmp - in.5
	tail -c +$((at5 + 1)) said.5 | cmp - in.6
}

@test "a line of 33600 bit/s carries 4200 bytes a second and no more, after some latency" {
	exchange --latency 300 --modem 5550100 --modem 5550142
	connected
	local at6 t0 t1; at6=$(stat -c %s said.6)
	t0=${EPOCHREALTIME/./}
	head -c 5000 /dev/zero >&5
	until_true 20 size said.6 $((at6 + 5000))
	t1=${EPOCHREALTIME/./}
	[ $(((t1 - t0) / 1000)) -ge $((300 + 5000 * 97 / 420)) ]
}

@test "the slower modem decides, and +MS" {
	exchange --modem 5550100,speed=14400 --modem 5550142
	connected
	grep -aq 'CONNECT 14400' said.6
	at_escape 5
	at 5 H+MS=V22B,1,300,2400
	said 6 'NO CARRIER'
	printf 'ATD5550142\r' >&5
	said 5 'CONNECT 2400'
}

@test "+++ with pauses around it is the way out, ATO the way back, ATH the end" {
	exchange --modem 5550100 --modem 5550142
	connected
	printf 'a+++' >&5 # no pause in front
	said 6 'a+++'
	guard
	printf 'b' >&5
	said 6 'a+++b'
	guard
	printf '+++c' >&5 # none behind
	said 6 'b+++c'
	[ "$(grep -ac '^OK' said.5)" = 1 ]
	at_escape 5
	printf 'held' >&6
	at 5 S7=9
	[ "$(grep -ac held said.5)" = 0 ] # the call is up, its data waits
	printf 'ATO\r' >&5
	says 5 CONNECT 2
	said 5 held
	printf 'last words' >&5
	at_escape 5
	at 5 H
	said 6 $'NO CARRIER'
	[[ $(tr -d '\r\n' <said.6) == *'last words+++NO CARRIER' ]]
	event 'event=ended.*reason=user-request'
	at 6 ""
}

@test "ringing goes on until S0, S1 counts, a caller that gives up ends it" {
	exchange --modem 5550100 --modem 5550142
	two
	at 6 S0=0
	printf 'ATD5550142\r' >&5
	says 6 RING 3
	at 6 'S1?'
	[ "$(grep -aoE '^0[0-9]{2}' said.6 | tail -n 1)" -ge 3 ]
	until_true 5 aborted 5 1
	said 5 'NO CARRIER'
	event 'event=ended.*reason=user-request'
	at 6 'S1?'
	[ "$(grep -aoE '^0[0-9]{2}' said.6 | tail -n 1)" = 000 ]
	printf 'ATD5550142\r' >&5
	event '^call=2.*event=ringing'
	printf 'ATA\r' >&6
	said 6 CONNECT
	said 5 CONNECT
}

@test "a modem is busy while it has a call, and again free" {
	exchange --modem 5550100 --modem 5550142 --modem 5550177
	connected
	listen 7 5550177
	printf 'ATD5550142\r' >&7
	said 7 BUSY
	printf 'ATD5550177\r' >&7
	says 7 BUSY 2
	order op=show
	order op=show number=5550142 | grep -q $'state=connected\tcall=1'
	order op=hangup number=5550142 | grep -q done=1
	said 5 'NO CARRIER'
	said 6 'NO CARRIER'
	event 'call=1.*event=ended.*reason=admin-reset'
	printf 'ATD5550142\r' >&7
	said 7 CONNECT
}

@test "commands that are wrong are told with their id, and the exchange goes on" {
	exchange --modem 5550100
	order op=fly | grep -q $'error=usage\tdetail=no such op'
	order op=fault number=99 fault=busy | grep -q 'detail=no modem has this number'
	order op=fault number=5550100 fault=errors rate=2 | grep -q 'error=usage'
	order op=fault number=5550100 fault=stall ms=x | grep -q 'error=usage'
	order op=modem number=555-0100 | grep -q 'detail=this number is in use'
	order op=modem number=5550101 name=../x | grep -q 'error=usage'
	order op=modem number=5550101 name=second speed=2400 | grep -q done=1
	[ -c d/second ]
	order op=remove number=5550101 | grep -q done=1
	[ ! -e d/second ]
	echo 'no record' >&9
	event 'error=record.*line 9'
	order op=show | grep -q $'number=5550100.*state=idle\tdtr=no'
	kill "$PSTN"
	local s=0
	wait "$PSTN" || s=$?
	[ "$s" = 7 ] || { cat x.err; false; }
}

@test "a modem that is removed in a call: the other has no carrier, its user the end of the line" {
	exchange --modem 5550100 --modem 5550142
	connected
	order op=remove number=5550142 | grep -q done=1
	said 5 'NO CARRIER'
	event 'event=ended.*reason=admin-reset'
	until_true 5 gone "${PIDS[2]}" # the reader of the pty
	never test -L d/5550142
	at 5 S7=1
	printf 'ATD5550142\r' >&5
	event 'call=2.*event=ended.*reason=no-carrier'
}

@test "SIGTERM removes the symlinks; after a kill -9 the next one replaces them" {
	exchange --modem 5550100
	run -5 --separate-stderr sp-pstn --dir d --modem 1
	[[ $stderr == *"another exchange has the directory" ]]
	kill -9 "$PSTN"
	wait "$PSTN" || :
	[ -L d/5550100 ]; [ ! -e d/5550100 ]
	exchange --modem 5550100
	[ -c d/5550100 ]
	touch d/file
	order op=modem number=1 name=file | grep -q 'detail=this name is in use'
	kill "$PSTN"
	wait "$PSTN"
	[ "$(ls -A d)" = file ]
}

@test "wrong options are 2, a directory that is none 8" {
	run -2 --separate-stderr sp-pstn
	[[ $stderr == *"--dir is needed"* ]]
	run -2 sp-pstn --dir . --speed 10
	run -2 sp-pstn --dir . --modem 12x
	run -2 sp-pstn --dir . --modem 12 --modem 12
	[ ! -L 12 ]
	run -8 sp-pstn --dir nowhere
	run -8 --separate-stderr bash -c 'sp-pstn --dir . --modem 1 >/dev/full'
	[ ! -L 1 ]
}
