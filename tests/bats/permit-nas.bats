#!/usr/bin/env bats
# permits at the router: what it dials, for whom, until when; and what it hands on.
load common
load nas
load permit

DIAL=tcp:127.0.0.1:9

setup_more() { nas_users && permit_keys; }

checking() { nas --auth "$AUTH" --permit-dial 'tcp:127.0.0.1:*' --permit-keys permit.pub "$@"; }

# gives_up PERMIT ANSWER [COMMAND]: that is said to it, and then there is nothing to dial with.
gives_up() {
	talk "login; send \"${3:-}permit $1\r\"; want \"ERROR denied 324 $2\r\n\"; want \"router1> \"
		send \"dial $DIAL\r\"; want \"ERROR denied 324 nothing is dialed without a permit\"; send \"quit\r\"; last bye"
	until_true 5 grep -q "step=324	event=permit-refused.*detail=$2" nas.log
}

@test "a good one: its dial string and no other; neither shown nor logged" {
	checking
	p=$(permit)
	talk "login; send \"dial $DIAL\r\"; want \"ERROR denied 324 nothing is dialed without a permit\"; want \"router1> \"
		send \"permit $p\r\"; want \"OK permit set\"; want \"router1> \"
		send \"dial tcp:127.0.0.1:8\r\"; want \"ERROR denied 324 the permit is for another dial string\"; want \"router1> \"
		send \"dial $DIAL\r\"; want \"OK Dial string acknowledged\"; want \"router1> \"
		send \"show\r\"; want \"session=0123456789abcdef\"; want \"router1> \"
		send \"begin\r\"; want \"state=down\"; send \"quit\r\"; last bye"
	grep -q 'event=refused.*dial=tcp:127.0.0.1:8' nas.log
	never grep -rqF "${p:9:30}" talk.log nas.out nas.err nas.log
}

@test "a bit flipped, an unknown key, no permit at all" {
	checking
	gives_up "$(flipped "$(permit)")" "the permit's signature does not hold"
	gives_up "$(SIGNER=stranger.key permit)" "the permit is signed by an unknown key"
	gives_up "nothing" "not a permit"
	gives_up "$(printf 'A%.0s' {1..256})" "not a permit"
}

@test "of another router, user, workstation, session" {
	checking
	gives_up "$(permit router=router2)" "the permit is for another router"
	gives_up "$(permit user=bob)" "the permit is for another user"
	gives_up "$(permit 'user=EMEA\alice')" "the permit is for another user"
	gives_up "$(permit workstation=127.0.0.2)" "the permit is for another workstation"
	talk "login; send \"session 00\r\"; want \"router1> \"; send \"permit $(permit)\r\"; want \"OK permit set\"; want \"router1> \"
		send \"dial $DIAL\r\"; want \"ERROR denied 324 the permit is for another session\"; send \"quit\r\"; last bye"
}

@test "its time to connect is over; it is from the future" {
	checking
	gives_up "$(permit issued=-300 connect_by=-1)" "the permit's time to connect is over"
	gives_up "$(permit issued=90)" "the permit is from the future"
	talk "login; send \"permit $(permit issued=30 connect_by=90)\r\"; want \"OK permit set\"; send \"quit\r\"; last bye"
}

@test "keys rotate: one file with both, or two; a file of none is an error" {
	cat stranger.pub permit.pub >both.pub
	nas --auth "$AUTH" --permit-keys both.pub
	talk "login; send \"permit $(permit)\r\"; want \"OK permit set\"; send \"permit $(SIGNER=stranger.key permit)\r\"
		want \"OK permit set\"; send \"quit\r\"; last bye"
	run -8 --separate-stderr sp-nas --listen tcp:127.0.0.1:0 --name r --alias-pool 10.200.0.0/24 --group g --permit-keys nas_users
	[[ $stderr == *"cannot be opened"* ]]
	echo >none.pub
	run -8 --separate-stderr sp-nas --listen tcp:127.0.0.1:0 --name r --alias-pool 10.200.0.0/24 --group g --permit-keys none.pub
	[[ $stderr == *"holds no public key"* ]]
	run -8 --separate-stderr sp-nas --listen tcp:127.0.0.1:0 --name r --alias-pool 10.200.0.0/24 --group g --permit-keys permit.key
	[[ $stderr == *"holds something that is no public key"* ]]
}

@test "sp-dial gives it to the router, and not to its transcript" {
	checking
	(umask 077; echo wonder >password)
	p=$(permit)
	rec user=alice router_address=127.0.0.1 "router_port=$PORT" profile_args=transport=plain session=0123456789abcdef "dial=$DIAL" "permit=$p" >request
	run -6 --separate-stderr sp-dial --password-file password --transcript script --log dial.log <request
	[[ $output == *error=peer*step=325* ]]
	grep -q 'permit %{permit}' script
	never grep -qF "${p:9:30}" script dial.log
	rec user=alice router_address=127.0.0.1 "router_port=$PORT" profile_args=transport=plain session=0123456789abcdef "dial=$DIAL" >request
	run -4 --separate-stderr sp-dial --password-file password <request
	[[ $output == *"error=denied	step=324	detail=nothing is dialed without a permit"* ]]
}
