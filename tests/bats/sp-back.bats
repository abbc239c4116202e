#!/usr/bin/env bats
# sp-back: service processors hold connections to it, callers pick them up.
load common
load back

keys() {
	authority ca
	certificate router router
	certificate s1 4711
	certificate s2 4712
}
setup_more() { once keys; }

every_byte() { local i; for i in {0..255}; do printf "\\x$(printf %x "$i")"; done; }

@test "a call by serial gets the bytes of that service processor, call after call" {
	back_up
	holds a s1 sh -c 'echo one; cat <&3 >&3'
	holds b s2 sh -c 'echo two >&3'
	waits 4711; waits 4712
	local i
	for i in 1 2; do
		[ "$(: | call 4712)" = two ]
		until_true 10 times 'serial=4712.state=waiting' $((i + 1))
	done
	grep -q '^dialing' events
	grep -q "^up peer=127.0.0.1:" events
	{ every_byte; head -c 3000000 /dev/urandom; } >sent
	mkfifo in
	timeout 30 "$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock&speed=33600" 10 <>in >got 2>events 3>&- & CALL=$!
	PIDS+=($CALL)
	cat sent >in
	until_true 20 cmp sent got
	grep -q speed=33600 events
	kill $CALL
	until_true 10 grep -q $'^call=1\tstate=ended.*reason=host-request' a.out
	said 'serial=4711.state=ended.*in_bytes=3000256.out_bytes=3000256'
}

@test "the records, and what it says of those it holds" {
	back_up
	grep -qx "ready=sp-back	address=127.0.0.1	port=$BACK_PORT	socket=$T/back.sock" back.out
	[ "$(stat -c %a back.sock)" = 600 ]
	holds a s1 sh -c 'read -r x <&3'
	waits 4711
	[ "$(raw 'op=show\n' | cut -f 1-2 | tr '\n\t' '; ')" = "serial=4711 state=waiting;done=1;" ]
	echo | call 4711
	until_true 10 times 'state=waiting' 2
	said state=ended
	[ "$(field state <back.out | sort | tr '\n' ' ')" = "ended picked waiting waiting " ]
	[ "$(field serial <back.out | sort -u)" = 4711 ]
	grep -q event=picked back.log
	kill "$BACK"; until_gone "$BACK"
	[ ! -e back.sock ]
	said 'state=ended.*reason=nas-reboot'
}

@test "one call at a time is busy for the second, and who is not there has no carrier" {
	back_up
	MAX=1 holds a s1 sh -c 'echo up >&3; read -r x <&3'
	waits 4711
	mkfifo in
	"$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock" 10 <>in >got 2>/dev/null 3>&- & PIDS+=($!)
	until_true 10 grep -q up got
	: | call 4711 || :
	grep -qx 'down reason=busy detail=the service processor is in a call' events
	: | call 9999 || :
	grep -qx 'down reason=no-carrier detail=the service processor is not connected' events
	[ "$(raw 'op=call\tserial=4711\n')" = $'error=busy\treason=busy\tstep=325\tdetail=the service processor is in a call' ]
	echo >in
	until_true 10 times 'state=waiting' 2
	[ "$(echo | call 4711)" = up ]
}

@test "where more calls are allowed, the next connection waits beside those in use" {
	back_up
	MAX=2 holds a s1 sh -c 'echo "up $SP_CALL" >&3; read -r x <&3'
	waits 4711
	mkfifo in
	local i
	for i in 1 2; do
		"$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock" 10 <>in >got$i 2>/dev/null 3>&- & PIDS+=($!)
		until_true 10 grep -qx "up $i" got$i
		until_true 10 times 'state=waiting' 2
	done
	until_true 5 times 'state=picked' 2
	: | call 4711 || :
	grep -q 'down reason=busy' events
}

@test "two with one certificate: the newer waits, the older is told" {
	back_up
	holds a s1 sh -c 'echo old >&3'
	waits 4711
	kill -STOP "$SP"
	local old=$SP
	holds b s1 sh -c 'echo new >&3'
	said 'state=ended.*reason=admin-reset.*same certificate'
	[ "$(: | call 4711)" = new ]
	kill -CONT "$old"
	until_true 10 grep -q 'another connection with the same certificate' a.err
}

@test "a service processor that was killed is gone at once, its call with it; it comes again" {
	back_up
	holds a s1 sh -c 'echo up >&3; exec sleep 600'
	waits 4711
	mkfifo in
	"$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock" 10 <>in >got 2>events 3>&- & PIDS+=($!)
	until_true 10 grep -q up got
	until_true 10 times 'state=waiting' 2
	kill -9 "$SP"
	until_true 10 grep -qx end events
	until_true 5 times 'state=ended' 2
	until_true 5 grep -q '^down' events
	holds b s1 true
	until_true 10 times 'state=waiting' 3
}

@test "a router that was killed leaves nothing, and the service processor finds the next" {
	back_up
	holds a s1 sh -c 'echo up >&3; exec sleep 600'
	waits 4711
	mkfifo in
	"$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock" 10 <>in >got 2>events 3>&- & PIDS+=($!)
	until_true 10 grep -q up got
	kill -9 "$BACK"
	until_true 10 grep -qx end events
	until_true 10 grep -q $'^call=1\tstate=ended.*reason=lost-carrier' a.out
	until_true 10 grep -q 'sp-answer: the line does not work' a.err
	: | call 4711 || :
	grep -q 'down reason=port-error detail=unable to reach sp-back' events || grep -q '^no: unable to reach sp-back' events
	server back sp-back --listen "tls:127.0.0.1:$BACK_PORT" --cert router.crt --key router.key --ca ca.crt --socket "unix:$T/back.sock"
	until_true 20 grep -q state=waiting back.out
	[ "$(lines_of 1 "$BUILD/tests/tool/circuit" "back:4711?via=unix:$T/back.sock" 10 </dev/null 2>events)" = up ]
}

@test "addresses that cannot be are refused" {
	local a
	for a in 'back:4711?via=tcp:1.2.3.4:5' 'back:a/b' 'back:4711?cert=x' 'back:a:b'; do
		run "$BUILD/tests/tool/circuit" "$a" </dev/null
		[ "$status" = 1 ]
	done
	for a in back:127.0.0.1:1 'back:4711?cert=s1.crt&key=s1.key&ca=ca.crt' 'back:127.0.0.1:1?cert=none&key=s1.key&ca=ca.crt' \
		'back:127.0.0.1:1?cert=s1.crt&key=s2.key&ca=ca.crt'; do
		run sp-answer "$a" -- true
		[ "$status" = 2 ] || [ "$status" = 8 ]
	done
	run -2 sp-back --listen tcp:127.0.0.1:0 --cert router.crt --key router.key --ca ca.crt
	run -2 sp-back --listen tls:127.0.0.1:0 --cert router.crt --key router.key
	run -8 sp-back --listen tls:127.0.0.1:0 --cert router.crt --key s1.key --ca ca.crt --socket "unix:$T/x"
	run -8 --separate-stderr bash -c 'sp-back --listen tls:127.0.0.1:0 --cert router.crt --key router.key --ca ca.crt --socket unix:y >/dev/full'
	[ "$stderr" = "sp-back: unable to write standard output: No space left on device" ]
}
