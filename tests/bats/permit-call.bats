#!/usr/bin/env bats
# permits in whole calls: monitor, router, RAS and route service, each with its own process; how the
# end of a permit ends the call, and a later one puts it off.
load common
load call
load permit

setup_more() {
	permit_keys
	call_up
	server sp2 ip netns exec "${NS}sp2" sp-answer tcp:198.51.100.12:5000 -- \
		sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --interface ras0 --permit-keys "$T/permit.pub" \
		--serial 4711 --permit-state "$T/state" --log "$T/sp2.ras.log"
	server nas ip netns exec "${NS}nas" sp-nas --listen tcp:10.50.0.38:2323 --name router1 --alias-pool 10.200.0.0/24 \
		--group support --permit-dial 'tcp:198.51.100.*' --permit-keys permit.pub --auth "$AUTH" --log nas.log --fail-delay 0.1
}

DIAL=tcp:198.51.100.12:5000
for_ws() { permit workstation=10.50.0.5 "$@"; }

# prompt 'EXPECT-SCRIPT': as alice at the router, from the workstation.
prompt() {
	cat >prompt.exp <<-EOF
		set timeout 15
		log_user 0
		log_file -a -noappend talk.log
		proc want {text} { expect -ex \$text {} timeout { puts "no: \$text"; exit 1 } eof { puts "eof, no: \$text"; exit 1 } }
		spawn telnet -b 10.50.0.5 10.50.0.38 2323
		want "Username: "; send "alice\r"; want "Password: "; send "correct horse\r"; want "Group: "; send "\r"; want "router1> "
		$1
	EOF
	on ws expect prompt.exp
}
call() { echo "send \"permit $1\r\"; want \"OK permit set\"; send \"dial $DIAL\r\"; want \"OK Dial string\"; send \"begin\r\"; "; }

@test "the permit is the password of the call; used once, and the next one is" {
	p=$(for_ws sequence=5)
	prompt "$(call "$p") want \"state=up\"; send \"quit\r\"; want \"OK bye\""
	grep -q 'step=331	event=authenticated	user=alice	router=router1	session=0123456789abcdef' sp2.ras.log
	prompt "$(call "$p") want \"error=denied step=333\"; send \"quit\r\"; want \"OK bye\""
	grep -q 'step=333	event=refused.*detail=the permit was used before' sp2.ras.log
	prompt "$(call "$(for_ws sequence=6)") want \"state=up\"; send \"quit\r\"; want \"OK bye\""
	grep -q session=0123456789abcdef nas.log
	never grep -qF "${p:9:30}" nas.log nas.out nas.err sp2.ras.log sp2.out sp2.err
}

@test "a system with a secret is called with that, the router wants a permit all the same" {
	(umask 077; echo 'correct horse' >pw)
	rec user=alice router_address=10.50.0.38 router_port=2323 profile_args=transport=plain dial=tcp:198.51.100.11:5000 secret=first-secret >request
	run -4 --separate-stderr on ws sp-dial --password-file pw --no-hold <request
	[[ $output == *"step=324	detail=nothing is dialed without a permit"* ]]
	p=$(DIAL=tcp:198.51.100.11:5000 for_ws)
	on ws sp-dial --password-file pw --no-hold < <(sed "s/$/\tpermit=$p/" request) >got
	grep -q state=connected got
}

@test "the call ends when the permit does; a later one of the session puts that off, at both ends" {
	prompt "$(call "$(for_ws until=6 connect_by=6)") want \"state=up\"; want \"error=timeout step=326 reason=session-timeout\"
		send \"quit\r\"; want \"OK bye\""
	prompt "$(call "$(for_ws sequence=2 until=6 connect_by=6)") want \"state=up\"
		send \"permit $(for_ws sequence=3 session=ff)\r\"; want \"ERROR denied 324 the permit is for another session\"
		send \"permit $(for_ws sequence=4 until=10 connect_by=10)\r\"; want \"OK permit set\"; want \"error=timeout\"
		send \"quit\r\"; want \"OK bye\""
	grep -q 'step=331	event=renewed' nas.log
	grep -q 'step=331	event=renewed.*until=' sp2.ras.log
	[[ $(cat state) == sequence=4* ]]
	[ "$(grep -c 'event=permit-ended' nas.log)" = 2 ]
}

# In system S's way: a monitor whose permits last for 8 seconds, and a call of alice's by sp-alloc and sp-dial.
called() {
	sp-db --db db create
	rec customer=acme name=Acme | sp-db --db db load customers >/dev/null
	rec system=S serial=4711 customer=acme | sp-db --db db load systems >/dev/null
	rec system=S "dial=$DIAL" | sp-db --db db load endpoints >/dev/null
	rec router=router1 address=10.50.0.38 port=2323 profile=sp-nas profile_args=transport=plain | sp-db --db db load routers >/dev/null
	rec router=router1 scope=all | sp-db --db db load router_may >/dev/null
	rec user=alice scope=everything | sp-db --db db load grants >/dev/null
	(umask 077; openssl genpkey -algorithm ed25519 -out token.key) && openssl pkey -in token.key -pubout -out token.pub
	server monitor sp-monitor --db db --listen "unix:$T/m" --token-key token.pub --permit-key permit.key --permit-life 8 --lease-seconds 3
	rec user=alice "token=$("$BUILD/tests/tool/mktoken" token.key user=alice)" system=S ticket=T-1 >request
	cat >dial <<-EOF
		echo \$\$ >dial.pid
		exec sp-dial --password-file password --transcript script --log dial.log >got 2>dial.err
	EOF
	on ws sh -c "sp-alloc --monitor unix:$T/m --workstation 10.50.0.5 --log alloc.log <request | sh dial" 3>&- &
	PIDS+=($!)
}

@test "from end to end a session outlives its permits: sp-alloc renews them, sp-dial gives them to the router" {
	called
	renewed() { [ "$(grep -c 'event=renewed' sp2.ras.log)" -ge 3 ]; }
	until_true 40 renewed # the first permit has ended by then
	grep -q 'event=permit-renewed' dial.log
	never grep -q -e 'permit ended' -e 'state=down' sp2.ras.log nas.out
	[ "$(wc -l <got)" = 1 ]
	kill "$(cat dial.pid)"
	until_gone "${PIDS[-1]}"
	never grep -qE '(permit |permit=)A' script nas.log sp2.ras.log alloc.log dial.log
	sp-dial --profile "$SP_TOP/share/profiles/sp-nas.profile" --replay script | grep -q replay=same
}

@test "a ticket is closed, and the workstation does not heed it: the call is gone when its permit ends, and no later one is given" {
	called
	until_true 20 grep -q state=up nas.out
	kill -STOP "$(cat dial.pid)"
	socat -t 5 - "UNIX-CONNECT:$T/m" <<<"$(rec id=1 op=ticket ticket=T-1 state=closed)" | grep -q 'count=1'
	until_true 12 grep -q 'event=permit-ended' nas.log
	until_true 5 grep -q 'state=down.*reason=session-timeout' nas.out
	[ "$(sp-db --db db dump leases | wc -l)" = 0 ]
	[ "$(sp-db --db db dump calls | field reason)" = admin-reset ]
	kill -CONT "$(cat dial.pid)"
}
