# sp-pstn: what a pty has of a serial port: DTR by B0 and the last close, the carrier's end.
load common
load pstn

@test "the last close and B0 drop DTR: the call ends, or does not with &D0" {
	exchange --modem 5550100 --modem 5550142
	connected
	stty -F d/5550142 0 || : # it takes the speed 0 for a failure
	event 'call=1.*event=ended.*reason=host-request'
	said 5 'NO CARRIER'
	stty -F d/5550142 115200
	at 6 S0=1
	printf 'ATD5550142\r' >&5
	event 'call=2.*event=connected'
	kill "${PIDS[2]}" # the reader of 6
	exec 6>&-
	event 'call=2.*event=ended.*reason=host-request'
	listen 6 5550142
	at 6 '&D0'
	printf 'ATD5550142\r' >&5
	event 'call=3.*event=connected'
	kill "${PIDS[-1]}"
	exec 6>&-
	until_true 5 closed 5550142
	listen 6 5550142
	printf hello >&5
	said 6 hello
	at_escape 5
	at 5 H
	said 6 'NO CARRIER'
	kill "${PIDS[-1]}"
	exec 6>&-
	until_true 5 closed 5550142
	printf 'ATD5550142\r' >&5 # &D0 answers with DTR down, too
	event 'call=4.*event=connected'
	listen 6 5550142
	at_escape 6
	at 6 '&D2'
	kill "${PIDS[-1]}"
	exec 6>&-
	event 'call=4.*event=ended.*reason=host-request'
	printf 'ATD5550142\r' >&5
	event 'call=5.*event=ringing'
	until_true 5 aborted 5 5
	never grep 'call=5.*event=answered' x.out
}
closed() { order op=show "number=$1" | grep -q dtr=no; }

@test "with CLOCAL off the end of the carrier hangs the pty up; a new one is behind the symlink" {
	exchange --modem 5550100 --modem 5550142
	connected
	local before; before=$(readlink d/5550142)
	stty -F d/5550142 -clocal
	at_escape 5
	at 5 H
	until_true 5 gone "${PIDS[2]}" # cat has read to the end
	said 6 'NO CARRIER'
	until_true 5 moved 5550142 "$before"
	listen 6 5550142
	at 6 ""
	[ "$(readlink d/5550100)" != "$before" ]
}
moved() { [ -c "d/$1" ] && [ "$(readlink "d/$1")" != "$2" ]; }
