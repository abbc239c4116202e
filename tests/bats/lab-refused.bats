# What refuses a connection, and where: each with its step, exit status and text, and nothing left.
load lab

@test "305: wrong password" {
	printf 'not it\n' >wrong; chmod 600 wrong
	refused 4 305 "not accepted" ws sp connect --user alice --password-file "$T/wrong" --serial 0123
}

@test "305: an unknown user looks and takes the same" {
	printf 'not it\n' >wrong; chmod 600 wrong
	refused 4 305 "not accepted" ws sp connect --user nobody --password-file "$T/wrong" --serial 0123
	unknown=$(field detail <<<"$output")
	refused 4 305 "not accepted" ws sp connect --user alice --password-file "$T/wrong" --serial 0123
	[ "$(field detail <<<"$output")" = "$unknown" ]
}

@test "no grant: the system does not exist" {
	run --separate-stderr connect carol --serial 0123
	[ "$status" = 1 ]
	[ -z "$output" ]
	run --separate-stderr connect alice --serial 99999
	[ "$status" = 1 ]
	[ -z "$output" ]
	nothing_left
}

@test "a ticket that names no system: nothing is asked of anybody" {
	rec ticket=T-1 problem=x >t.rec
	run --separate-stderr connect alice "$T/t.rec"
	[ "$status" = 7 ]
	nothing_left
}

@test "310: several match, and nobody is there to choose" {
	refused 2 310 "2 systems match" connect alice --customer acme
	[[ $output == *000187260123*000187260777* ]]
}

@test "313: somebody is connected" {
	session s sp connect --user alice --password-file "$(secret alice)" --serial 0123
	run --separate-stderr connect dave --serial 0123
	[ "$status" = 5 ]
	[ "$(field step <<<"$output")" = 313 ]
	[[ $output == *alice* && $output == *10.50.0.5* ]]
	kill "$READER"
	wait "$SESSION_PID" || :
	nothing_left
}

@test "322: the group may not use this router" { refused 4 322 "this group may not use this device" connect bob --serial 0123; }

@test "325: nobody answers on that line" { refused 6 325 "refused" connect alice --serial 0777; }

@test "333: the service processor refuses the user" { refused 4 333 "the called side refused name or secret" connect dave --serial 0123; }
