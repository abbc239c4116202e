# sp-pstn: programs that people use with modems: wvdial, minicom, mgetty.
load common
load pstn

setup_more() { exchange --modem 5550100 --modem 5550142; }

dials() { wvdial --config conf >wvdial.out 2>&1 3>&- 9>&- & PIDS+=($!); said 6 'hello from pppd'; }
# wvdial 1.61 ends now and then by an assertion about its own stack: then, and only then, it is begun again.
aborted() { grep -q 'Assertion.*WVTASK_MAGIC' wvdial.out; }

@test "wvdial finds the line busy, dials again, and hands the line to pppd; the end of that is the call's" {
	order op=fault number=5550142 fault=busy count=1
	listen 6 5550142
	at 6 E0S0=1
	printf '%s\n' '#!/bin/sh' 'printf "hello from pppd" >&0' 'exit 0' >pppd
	chmod +x pppd
	cat >conf <<-END
		[Dialer Defaults]
		Modem = $T/d/5550100
		Baud = 115200
		Init1 = ATZ
		Init2 = ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0
		Phone = 5550142
		Username = alice
		Password = none
		Stupid Mode = 1
		Auto Reconnect = off
		PPPD Path = $T/pppd
	END
	local try
	for try in {1..5}; do
		if dials; then break; fi
		aborted || { cat wvdial.out >&2; return 1; }
		order op=fault number=5550142 fault=busy count=1
	done
	[ "$try" -le 4 ]
	grep -q 'The line is busy' wvdial.out
	grep -q 'CONNECT 33600' wvdial.out
	event 'call=.*reason=busy'
	event 'call=.*reason=user-request'
	said 6 'NO CARRIER'
	until_gone "${PIDS[-1]}"
}

@test "minicom calls minicom: they set the modems up, dial, type both ways, hang up" { # sp-pstn(8)'s first example
	export HOME=$T TERM=vt100
	printf '%s\n' 'pu minit AT S7=45 S0=0 S12=10 L1 V1 X4 &c1 E1 Q0^M' \
		'pu mdropdtr No' 'pu mhangup ~+++~ATH^M' >.minirc.dfl # a pty has no TIOCMBIC
	cat >script <<-'END'
		set timeout 10
		proc need text { expect $text {} timeout { puts "no: $text"; exit 1 } eof { puts "end: $text"; exit 1 } }
		proc at terminal { global spawn_id; set spawn_id $terminal }
		spawn minicom -D d/5550142
		set called $spawn_id
		need OK
		send "ATS0=1\r"
		need OK
		spawn minicom -D d/5550100
		set caller $spawn_id
		need OK
		send "ATDT5550142\r"
		need "CONNECT 33600"
		at $called; need "CONNECT 33600"
		at $caller; send "typed by hand"
		at $called; need "typed by hand"; send "from the other side"
		at $caller; need "from the other side"
		send "\001h"
		need "Hang-up line"
		send "\r"
		need "ATH"
		need "OK"
		at $called; need "NO CARRIER"
		at $caller; send "ATI3\r"
		need "sp-pstn"
		foreach terminal "$caller $called" {
			at $terminal
			send "\001x"
			expect -re "eave|Yes" { send "\r" }
			expect eof
		}
	END
	expect script >expect.out 2>&1 3>&- 9>&- || { cat -v expect.out; false; }
	event 'from=5550100	to=5550142.*reason=user-request'
}

@test "mgetty sets the modem up, answers, runs its login program, which the end of the call ends" {
	mkdir log lock
	printf '%s\n' '#!/bin/sh' 'echo "$0 for $1 at $CONNECT on $DEVICE"' 'echo $$ >login.pid' 'while read -r x; do echo "heard $x"; done' >hello
	chmod +x hello
	echo "* - - $T/hello @" >login.config
	chmod 600 login.config
	listen 5 5550100
	at 5 E0S12=2
	# Its files are in fixed places; so it has a view of its own. Its device is named below /dev.
	unshare -m sh -c 'mount --bind login.config /etc/mgetty/login.config && mount --bind log /var/log/mgetty &&
		mount --bind lock /run/lock && exec setsid mgetty -D -x 4 "../$0/d/5550142"' "$T" >mgetty.out 2>&1 3>&- 9>&- & PIDS+=($!)
	until_true 15 ready_to_answer
	printf 'ATDT5550142\r' >&5
	said 5 'CONNECT 33600'
	said 5 'ogin:' || { cat log/* mgetty.out; false; }
	printf 'alice\r' >&5
	said 5 'hello for alice at 33600 on' 
	printf 'words\r' >&5
	said 5 'heard words'
	at_escape 5
	at 5 H
	event 'reason=user-request'
	until_true 5 gone "$(cat login.pid)"
}
ready_to_answer() { grep -q 'waiting\.\.\.' log/*; }
