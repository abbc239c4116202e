#!/usr/bin/env bats
# permits at the RAS: the permit is the password, once, for this system, this caller, in time.
load common
load ras
load permit
load ras-permit

set_state() { rec "sequence=$1" "time=$2" >state; }

@test "a good one: PAP, and what comes after is told session, workstation, ticket, ports and end" {
	p=$(permit sequence=9 workstation=10.0.0.5 ticket=T-7 ports=tcp/22,udp/161:both)
	try ./pras "$p"
	up
	grep -q 'method=pap' call
	[[ $(cat out) == *"$(rec user=alice router=router1 session=0123456789abcdef serial=4711 workstation=10.0.0.5 ticket=T-7 ports=tcp/22,udp/161:both)	until=20"* ]]
	[[ $(cat state) == sequence=9* ]]
	kill "$CALLER"
	ended
	status_is 0
	never grep -qF "${p:9:30}" log out err state
}

@test "used before: refused, also after kill -9, also a lower number; the next one is taken" {
	p=$(permit sequence=9)
	try ./pras "$p"
	up
	kill -9 "$(cat pid)"
	ended
	refused "$p" "the permit was used before"
	refused "$(permit sequence=8)" "the permit was used before"
	taken "$(permit sequence=10)"
	refused "$p" "the permit was used before"
}

@test "of another system, user, router; flipped; of an unknown key; a password" {
	refused "$(permit serial=4712)" "the permit is for another system"
	refused "$(permit user=bob)" "the permit is for another user"
	refused "$(permit 'user=EMEA\alice')" "the permit is for another user"
	refused "$(permit router=router2)" "the permit is for another router"
	refused "$(flipped "$(permit)")" "the permit's signature does not hold"
	refused "$(SIGNER=stranger.key permit)" "the permit is signed by an unknown key"
	refused sesame "not a permit"
	[ ! -e state ]
	taken "$(permit)"
}

@test "its time to connect is over, it is from the future; the clock may be five minutes wrong" {
	refused "$(permit issued=-900 connect_by=-310)" "the permit's time to connect is over"
	refused "$(permit issued=310 connect_by=600)" "the permit is from the future"
	taken "$(permit sequence=2 issued=-900 connect_by=-290)"
	taken "$(permit sequence=3 issued=290 connect_by=600)"
}

@test "a dead clock: time comes from the permit, within what is trusted, and never goes back" {
	set_state 5 2030-01-01T00:00:00Z # our clock is before that
	ahead=$(($(date -d 2030-01-01T00:00:00Z +%s) - $(date +%s)))
	at() { permit "sequence=$1" "issued=$((ahead + $2))" "connect_by=$((ahead + $2 + 300))" "until=$((ahead + $2 + 3600))"; }
	refused "$(permit sequence=6)" "the permit's time to connect is over"
	refused "$(at 6 -400)" "the permit's time to connect is over"
	refused "$(at 5 60)" "the permit was used before"
	taken "$(at 6 60)"
	[[ $(cat state) == "$(rec sequence=6 time=2030-01-01T00:0)"[1-3]:* ]]
	sed -i 's/--serial/--clock-trust 3600 --serial/' pras
	refused "$(at 7 3700)" "the permit is from the future"
	taken "$(at 7 3600)"
}

@test "keys rotate: two in a file, and a chain that an old system follows; none that is not signed" {
	cat permit.pub stranger.pub >both.pub
	sed 's/permit.pub/both.pub/' pras >two; chmod +x two
	try ./two "$(permit)"
	up; kill "$CALLER"; ended
	try ./two "$(SIGNER=stranger.key permit sequence=2)"
	up; kill "$CALLER"; ended
	(umask 077; openssl genpkey -algorithm ed25519 -out next.key)
	{ follows permit stranger; follows stranger next; } >chain
	sed -i 's/--serial/--permit-chain chain --serial/' pras
	taken "$(SIGNER=permit.key permit sequence=3)"
	taken "$(SIGNER=next.key permit sequence=4)"
	{ follows permit stranger; follows stranger next retire; } >chain
	refused "$(SIGNER=stranger.key permit sequence=5)" "the permit is signed by an unknown key"
	follows permit stranger | sed 's/signature=..../signature=AAAA/' >chain
	refuses_chain() { run -8 --separate-stderr sp-ras --line unix:x --address 192.0.2.1 --permit-keys permit.pub --permit-chain chain --serial 1 --permit-state state; }
	refuses_chain
	[[ $stderr == *"unable to use chain: no key that is known leads into the chain" ]]
	{ follows permit stranger; follows permit next | sed 's/signature=..../signature=AAAA/'; } >chain
	refuses_chain
	[[ $stderr == *"unable to use chain: line 2: no key that is known by then signed this row" ]]
}

@test "packets of the permit's workstation, and of the caller, come in; of others they are dropped and counted" {
	p=$(permit sequence=9 workstation=10.0.0.5)
	rm -f line; (umask 077; echo "$p" >given)
	answer ./pras
	dial --secret-file given --interface call0
	up
	ip -n "$NS-c" address add 10.0.0.5/32 dev call0; ip -n "$NS-c" address add 10.0.0.6/32 dev call0
	ip -n "$NS" route add 10.0.0.0/24 dev "$(field interface <out)"
	reaches() { ip netns exec "$NS-c" ping -c 1 -W "${2:-5}" -I "$1" 192.0.2.1; }
	reaches 10.0.0.5; reaches 192.0.2.2
	never reaches 10.0.0.6 1
	grep -q "step=335	event=packet dropped	user=alice	from=10.0.0.6" log
	never reaches 10.0.0.6 1
	reaches 10.0.0.5
	kill "$CALLER"
	ended
	grep -q 'event=ended.*dropped=2' log
	[ "$(grep -c 'event=packet dropped' log)" = 1 ]
}

@test "the link ends when the permit does" {
	try ./pras "$(permit until=2 connect_by=2)"
	ended
	status_is 3
	grep -q "step=333	event=permit ended.*session=0123456789abcdef" log
	[[ $(cat out) == *"error=timeout	step=333	detail=the permit has ended"* ]]
}

@test "on a link that is up: one that is refused ends nothing, the same once more puts nothing off" {
	p=$(permit until=5 connect_by=5)
	try ./pras "$p"
	up
	permit sequence=2 session=ff >given
	kill -USR1 "$CALLER"
	until_true 5 grep -q 'event=not renewed.*detail=the permit is for another session' log
	echo "$p" >given
	again() { kill -USR1 "$CALLER"; test -s status; }
	until_true 20 again
	status_is 3
	grep -q 'event=renewed' call
	never grep -q 'event=renewed' log
	grep -q 'event=permit ended' log
}

@test "the signature says who, policy whether; one that was refused is used all the same" {
	sed -i 's/--serial/--deny-user alice --serial/' pras
	refused "$(permit)" "user is denied"
	sed -i 's/--deny-user alice//' pras
	refused "$(permit)" "the permit was used before"
}

@test "secrets stay for callers that are not ours: CHAP beside permits, PAP only where it was" {
	sed 's/--secret-file secret/& --permit-keys permit.pub --serial 4711 --permit-state state/' ras >both
	chmod +x both
	try ./both sesame
	up
	grep -q method=chap call
	[[ $(cat out) != *session=* ]]
	kill "$CALLER"; ended
	rm -f line status out call
	answer ./both; dial --auth pap
	ended
	status_is 4
	(umask 077; permit >given)
	rm -f line status out call
	answer ./both; dial --auth pap --secret-file given
	up
	[[ $(cat out) == *session=0123456789abcdef* ]]
	kill "$CALLER"; ended
	rm -f line status out call
	answer ./both --auth pap; dial --auth pap
	up
}

@test "the file of used permits: damaged, not to be written, not there" {
	echo rubbish >state
	run -8 --separate-stderr sp-ras --line unix:x --address 192.0.2.1 --permit-keys permit.pub --serial 1 --permit-state state
	[[ $stderr == *"unable to use state"* ]]
	run -8 sp-ras --line unix:x --address 192.0.2.1 --permit-keys permit.pub --serial 1 --permit-state none/state
	rm state
	run -2 sp-ras --line unix:x --address 192.0.2.1 --permit-keys permit.pub --permit-state state
	run -2 sp-ras --line unix:x --address 192.0.2.1 --auth chap --permit-keys permit.pub --serial 1 --permit-state state
	mkdir state.new # cannot be written over
	try ./pras "$(permit)"
	ended
	status_is 8
	[[ $(cat out) == *"error=system	step=333	detail=unable to store that the permit is used"* ]]
	never grep -q event=up call
}
