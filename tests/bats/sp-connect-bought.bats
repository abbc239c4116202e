#!/usr/bin/env bats
# sp connect at a bought router that knows of no session: its linkUp (net-snmp's snmptrap sends it) becomes the
# state of the one call on that line, by recipes/linkstate.lua between sp-trapd and sp-state.
load common
load bought

setup_more() {
	bought_up
	stage sp-route route=acknowledged
	echo public >community
	sp-ca issue --dir c --role manager --name nm --out nm >/dev/null
	sp-db --db db dump routers >routers
	mkfifo traps
	sp run "$SP_TOP/recipes/linkstate.lua" --routers routers <traps 2>linkstate.err 3>&- |
		sp-state --monitor "$MONITOR" --cert nm.crt --key nm.key --ca c/ca.crt >state.out 2>state.err 3>&- & PIDS+=($!)
	sp-trapd --listen udp:127.0.0.1:0 --community-file community >traps 2>trapd.err 3>&- & PIDS+=($!)
	until_true 10 grep -q ready=sp-trapd state.out
	TRAPD=udp:127.0.0.1:$(field port <state.out)
}
link() { # up|down INTERFACE: the trap
	local n=4; [ "$1" = up ] || n=3
	MIBS='' snmptrap -v 2c -c public "$TRAPD" 42 "1.3.6.1.6.3.1.1.5.$n" 1.3.6.1.2.1.31.1.1.1.1.7 s "$2"
}
session() { # sp connect, held; its record in out
	bin/sp --log log connect --user erin --password-file pw --code-file code --serial 0123 "$@" >out 2>err 3>&- &
	SESSION=$!
	PIDS+=("$SESSION")
	until_true 40 grep -q 'step=326.*state=up' log || { cat log out err >&2; return 1; }
}
called() { until_true 10 grep -q "$1" mon.log || { cat mon.log state.err linkstate.err trapd.err >&2; return 1; }; }

@test "the address is the router's alias when its trap says that the line is up; down ends the session" {
	mkfifo hold
	exec 7<>hold
	session -- sh -c 'echo $0 $SP_SP_ADDRESS $SP_SPEED $SP_LINE >reached; read -r _ <hold' '%{address}'
	link up Ethernet0
	link up Async1
	until_true 20 test -s reached
	[ "$(cat reached)" = "10.200.1.1 192.0.2.1 33600 Async1" ]
	called 'step=338.event=state.*router=as1.line=Async1.*state=up'
	link down Async1
	until_true 20 gone "$SESSION"
	called 'state=down'
	leases() { sp-db --db db dump leases | wc -l; }
	until_true 10 gives 0 leases
	[ ! -s linkstate.err ]
}

@test "without the trap there is no address: it is waited for, and then that is said" {
	run -3 --separate-stderr bin/sp connect --timeout 8 --user erin --password-file pw --code-file code --serial 0123 -- true
	[ -z "$output" ]
	[[ $stderr == *"timed out"* ]] || { echo "$stderr"; false; }
}
