#!/usr/bin/env bats
# sp-monitor - two of them on one store: what one gives away the other does not give again.
load common
load monitor

setup_more() {
	monitor_store; monitor_keys
	server one sp-monitor --db db --listen "unix:$T/one" --token-key token.pub
	server two sp-monitor --db db --listen "unix:$T/two" --token-key token.pub
	local i
	for i in 1 3 5; do connect $i socat - "UNIX-CONNECT:$T/one"; connect $((i + 1)) socat - "UNIX-CONNECT:$T/two"; done
}

leases() { sp-db --db db dump leases | wc -l; }

# everybody FIELD...: all six ask at once, first those at one, then at the other; in `answers` what they hear.
everybody() {
	local i order=(1 2 3 4 5 6)
	((round % 2)) || order=(2 1 4 3 6 5)
	for i in "${order[@]}"; do say "$i" "$@"; done
	for i in 1 2 3 4 5 6; do hear $i; done >answers
}

@test "one system asked for at both at once: one gets it, the others hear who" {
	local round
	for round in $(seq 40); do
		everybody op=alloc "token=$alice" system=A1 workstation=10.0.0.5
		SESSION=$(field session <answers | sort -u)
		[ "$(wc -l <<<"$SESSION")" = 1 ]
		[ "$(leases)" = 1 ]
		[ "$(grep -c lease= answers)" = 1 ]
		[ "$(grep -c "error=busy.*user=alice.*session=$SESSION" answers)" = 5 ]
		LEASE=$(field lease <answers)
		everybody op=release "token=$alice" "lease=$LEASE"
		[ "$(grep -c done=1 answers)" = 1 ]
		[ "$(grep -c error=denied answers)" = 5 ]
		[ "$(leases)" = 0 ]
	done
}

@test "the lines of one router, asked for at both at once, are given once each" {
	sp-db --db db load systems <<<$'system=A3\tserial=3\tcustomer=acme\tsite=BOS'
	sp-db --db db load endpoints <<<$'system=A3\tdial=tcp:127.0.0.1:7003'
	local round i lease
	for round in $(seq 20); do
		for i in 1 2 3; do say $i op=alloc "token=$alice" system=A$i router=boston; done
		for i in 1 2 3; do hear $i; done >answers
		[ "$(field line <answers | sort | tr '\n' ' ')" = "tty1 tty2 " ]
		[ "$(grep -c 'error=busy.*full' answers)" = 1 ]
		for lease in $(field lease <answers); do ask 2 op=release "token=$alice" "lease=$lease"; done
	done
}

@test "one renews what the other gave, and ends it when that one is killed" {
	server short sp-monitor --db db --listen "unix:$T/short" --token-key token.pub --lease-seconds 2
	connect 7 socat - "UNIX-CONNECT:$T/short"
	alloc 7 "$alice" A1
	local first=$LEASE
	alloc 1 "$alice" A2
	[[ $(ask 7 op=renew "token=$alice" "lease=$LEASE") == *done=1 ]]
	[[ $(ask 1 op=renew "token=$alice" "lease=$LEASE") == *done=1 ]]
	kill -9 "$SERVER_PID"
	until_gone "$SERVER_PID"
	one_left() { [ "$(leases)" = 1 ]; }
	until_true 10 one_left
	[[ $(ask 1 op=renew "token=$alice" "lease=$first") == *error=denied* ]]
	[[ $(ask 2 op=release "token=$alice" "lease=$LEASE") == done=1 ]]
}

@test "who watches at one hears what the other was told first" {
	alloc 1 "$alice" A1
	say 2 id=w op=watch "token=$alice" "session=$SESSION"
	[[ $(hear 2 1) == *state=reserved* ]]
	local s
	for s in dialing up; do
		ask 3 op=state "session=$SESSION" router=boston state=$s
		ask 4 op=state "session=$SESSION" router=boston state=$s
		ask 4 op=state "session=$SESSION" router=boston state=$s
		[[ $(hear 2 1) == *state=$s* ]]
	done
	ask 3 op=state "session=$SESSION" router=boston state=down
	ask 4 op=state "session=$SESSION" router=boston state=down
	[[ $(hear 2) == *state=down*done=4* ]]
}
