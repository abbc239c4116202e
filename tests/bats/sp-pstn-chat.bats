# sp-pstn: chat (package ppp) dials through every result of a modem, as pppd has it do.
load common
load pstn

setup_more() {
	exchange --modem 5550100 --modem 5550101 --modem 5550102 --modem 5550142 --modem 5550177 --prefix 9
	listen 6 5550142
	at 6 E0S0=1
}

# dial [INIT] [NUMBER]: chat as people write it; its exit status: 0 connected, 4 and up the ABORT
# string, by its place; 3 a timeout.
dial() {
	chat -t 9 ABORT BUSY ABORT 'NO ANSWER' ABORT 'NO CARRIER' ABORT 'NO DIALTONE' ABORT DELAYED \
		ABORT BLACKLISTED ABORT VOICE ABORT ERROR '' "AT&FE0S7=1${1:-}" OK "ATDT${2:-5550142}" CONNECT '' \
		<>"d/${FROM:-5550100}" 1>&0 2>/dev/null
}
fault() { order op=fault number="$1" fault="$2" "${@:3}" | grep -q done=1; }
ended() { event "event=ended.*reason=$1"; }

@test "CONNECT" {
	dial
	ended user-request # chat ends: DTR
	said 6 'NO CARRIER'
	dial S8=0 '9,555-0142'
}

@test "BUSY, and the next time not" {
	fault 5550142 busy count=1
	run -4 dial
	ended busy
	dial
}

@test "what takes until S7: nobody answers, nothing is noticed by X0 or X3" {
	fault 5550142 no-answer
	fault 5550177 busy
	fault 5550102 no-dialtone
	local no_answer busy no_dialtone s=()
	dial 3>&- 9>&- & no_answer=$!
	FROM=5550101 dial X0 5550177 3>&- 9>&- & busy=$!
	FROM=5550102 dial X3 3>&- 9>&- & no_dialtone=$!
	# Its own number is busy; and one that stops waiting closes the port.
	FROM=5550177 dial '' 5550177 3>&- 9>&- || s+=($?)
	chat -t 1 '' ATE0S7=9 OK ATDT5550142 CONNECT '' <>d/5550177 1>&0 2>/dev/null || s+=($?)
	for p in $no_answer $busy $no_dialtone; do wait "$p" || s+=($?); done
	[ "${s[*]}" = "4 3 5 6 6" ]
	ended no-answer
	ended busy
	event 'from=5550177.*to=5550142.*reason=user-request'
	ended no-dialtone
}

@test "NO CARRIER: something else answers, or there is no such number" {
	fault 5550142 no-carrier count=1
	run -6 dial
	ended no-carrier
	run -6 dial '' 5550999
}

@test "NO DIALTONE: by X, or with W" {
	fault 5550100 no-dialtone
	run -7 dial
	run -7 dial X3 W5550142
	ended no-dialtone
}

@test "DELAYED, BLACKLISTED, VOICE, ERROR" {
	fault 5550100 delayed count=1
	run -8 dial
	ended delayed
	fault 5550100 blacklisted count=1
	run -9 dial
	ended blacklisted
	fault 5550142 voice count=1
	run -10 dial
	ended voice
	run -11 dial '+FCLASS=1'
}
