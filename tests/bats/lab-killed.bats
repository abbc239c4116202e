# Any one process of a session killed with -9: within 15 s no lease, route, device or process of it.
load lab

# killed PARTY PROGRAM: a session is made, the newest process of that name in the party is killed.
killed() {
	session s sp connect --user alice --password-file "$(secret alice)" --serial 0123
	victim=$(pids "$2" "$1" | tail -n 1)
	[ -n "$victim" ]
	kill -9 "$victim"
	nothing_left
	until_gone "$SESSION_PID"
}

@test "sp killed" { killed ws sp; }
@test "sp-alloc killed" { killed ws sp-alloc; }
@test "sp-dial killed" { killed ws sp-dial; }
@test "sp-addr killed" { killed ws sp-addr; }
@test "sp-route killed" { killed ws sp-route; }
@test "the router's process of the session killed" { killed nas sp-nas; }
@test "sp-ras killed" { killed sp1 sp-ras; }
@test "sp-route -l killed" { killed sp1 sp-route; }
@test "the shell of the call killed" { killed sp1 sh; }
