#!/usr/bin/env bats
# Calls by modems of the exchange: every result that a modem can give the one who calls, and how
# calls end.
load common
load pstn
load line

setup_more() { exchange -m 5550100 -m 5550142; }
teardown_more() { nothing_of_lines; }

# fails NUMBER FAULT REASON STATUS DETAIL: what a fault of the exchange is to who calls
fails() {
	order op=fault "number=$1" "fault=$2" | grep -q done=1
	run -"$4" line_call 'modem:d/5550100?wait=2' --number 5550142
	[ "$(words)" = "initialising dialing $3" ]
	[ "$(field detail <c.out)" = "$5" ]
	unlocked
}

@test "a call: dialed, answered, bytes both ways, hung up, and the next" {
	server a sp-answer modem:d/5550142 -- sh -c 'cat <&3 >&3; exit 6'
	for i in 1 2; do
		call_up modem:d/5550100 --number 5550142
		[ "$(field speed <c.out)" = 33600 ]
		[ "$(field peer <c.out)" = 5550142 ]
		say "over and back $i"
		heard "over and back $i"
		hang_up
		[ "$(words)" = "initialising dialing hanging-up " ]
		until_true 20 grep -q $'^call='$i$'\tstate=ended.*reason=lost-carrier' a.out
		idle
	done
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	run -1 grep "does not work" a.err
}

@test "the called side hangs up: the caller's line ends" {
	server a sp-answer modem:d/5550142 -- sh -c 'read -r x <&3; echo "got $x $SP_BITS" >&3'
	call_up modem:d/5550100 --number 5550142
	say hello
	call_ended 6
	heard "got hello 8"
	grep -q event=lost c.out
	until_true 10 grep -q 'state=ended.*reason=host-request' a.out
	unlocked 5550100
}

@test "BUSY is busy" { fails 5550142 busy busy 5 "the modem says BUSY"; }
@test "NO ANSWER is no-answer" { fails 5550142 no-answer no-answer 3 "the modem says NO ANSWER"; }
@test "NO CARRIER is no-carrier" { fails 5550142 no-carrier no-carrier 6 "the modem says NO CARRIER"; }
@test "VOICE is voice" { fails 5550142 voice voice 6 "the modem says VOICE"; }
@test "NO DIALTONE is no-dialtone" { fails 5550100 no-dialtone no-dialtone 6 "the modem says NO DIALTONE"; }
@test "DELAYED is delayed" { fails 5550100 delayed delayed 5 "the modem says DELAYED"; }
@test "BLACKLISTED is blacklisted" { fails 5550100 blacklisted blacklisted 4 "the modem says BLACKLISTED"; }

@test "ERROR, to init= and to a number that it does not take, is port-error" {
	run -6 line_call 'modem:d/5550100?init=AT%2BNONE' --number 5550142
	[ "$(words)" = "initialising port-error" ]
	[ "$(field detail <c.out)" = "the modem refuses init=" ]
	run -6 line_call 'modem:d/5550100?command=ATDT3E9' --number 5550142
	[ "$(field detail <c.out)" = "the modem says ERROR" ]
	unlocked
}

@test "results as numbers, and echo" {
	order op=fault number=5550142 fault=busy count=1
	run -5 line_call 'modem:d/5550100?init=E1V0' --number 5550142
	[ "$(field detail <c.out)" = "the modem says BUSY" ]
	server a sp-answer modem:d/5550142 -- sh -c 'cat <&3 >&3; exit 6'
	call_up 'modem:d/5550100?init=E1V0' --number 5550142
	[ "$(field speed <c.out)" = 33600 ]
	hang_up
}

@test "carrier and protocol are told, where the modem says them" {
	server a sp-answer modem:d/5550142 -- sh -c 'cat <&3 >&3; exit 6'
	call_up 'modem:d/5550100?init=AT%26A3' --number 5550142
	[ "$(field protocol <c.out)" = ARQ/V34/LAPM ]
	hang_up
	idle
	call_up 'modem:d/5550100?init=W1%2BMS%3DV34,1,300,28800' --number 5550142
	[ "$(field speed <c.out)" = 28800 ]
	[ -n "$(field protocol <c.out)" ]
	hang_up
}

@test "prefix, pauses and the number of the address" {
	server a sp-answer modem:d/5550142 -- sh -c 'cat <&3 >&3; exit 6'
	call_up 'modem:d/5550100?dial=555-01%2042&prefix=W&init=S8=0'
	[ "$(field peer <c.out)" = "555-01 42" ]
	hang_up
	run -2 line_call 'modem:d/5550100' --number '5550142;H'
	run -2 line_call 'modem:d/5550100'
	[[ $(<c.err) == *"no number to dial"* ]]
	unlocked 5550100
}

@test "the carrier goes in the middle: lost, and the line can be used again" {
	server a sp-answer modem:d/5550142 -- sh -c 'cat <&3 >&3; exit 6'
	order op=fault number=5550100 fault=drop after=40
	call_up modem:d/5550100 --number 5550142
	say "more than twenty bytes of data, both ways"
	call_ended 6
	grep -q event=lost c.out
	until_true 10 grep -q 'state=ended.*reason=lost-carrier' a.out
	order op=fault number=5550100 fault=none
	idle
	call_up modem:d/5550100 --number 5550142
	say "once more"
	heard "once more"
	hang_up
	unlocked 5550100
}

@test "the caller's deadline while it rings: no-answer, and the ringing ends" {
	run -3 line_call modem:d/5550100 --number 5550142 --timeout 1
	[ "$(words)" = "initialising dialing hanging-up no-answer" ]
	[ "$(field detail <c.out)" = "no answer in time" ]
	until_true 10 grep -q event=ended x.out
	unlocked
}

@test "told to end while it dials: hung up" {
	line_call_begin modem:d/5550100 --number 5550142
	until_true 10 grep -q event=ringing x.out
	kill "$CALL"
	call_ended 0
	until_true 10 grep -q event=ended x.out
	unlocked
}

@test "a tty without a modem is told, and let go" {
	socat PTY,link="$T/deaf",raw,echo=0 PTY,link="$T/nobody",raw,echo=0 3>&- & PIDS+=($!)
	until_true 5 test -e deaf
	run -6 line_call modem:deaf --number 1 --timeout 3
	[ "$(field detail <c.out)" = "the modem was not ready in time" ]
	[ "$(field word <c.out | tail -n 1)" = port-error ]
	unlocked
}

@test "the carrier goes with the CONNECT: lost all the same, at both ends" {
	server a sp-answer modem:d/5550142 -- sh -c 'cat <&3 >&3; exit 6'
	order op=fault number=5550100 fault=drop after=0 count=1
	call_up modem:d/5550100 --number 5550142
	call_ended 6
	grep -q event=lost c.out
	until_true 10 grep -q 'state=ended.*reason=lost-carrier' a.out
	idle
}
