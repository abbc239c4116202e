#!/usr/bin/env bats
# sp-monitor - searches that find nothing: who makes them waits.
load common
load monitor

setup_more() { monitor_store; monitor_keys; certificates; }

# nothing N FIELD...: a search of client N that finds nothing. held: how many of whose waited for their turn.
nothing() { [ "$(ask "$1" op=search "${@:2}")" = done=0 ]; }
held() { grep event=held tls.log | field user | sort | uniq -c | tr -s ' \n' ' '; }

@test "after three that found nothing each has its turn, later and later; others there, and he elsewhere, wait for nothing" {
	tls --fail-delay 0.2
	connect_as 1 carol
	nothing 1 serial=0007
	nothing 1 serial=000187260123 # of another
	local from i; from=$(now_ms)
	nothing 1 phone=+499999
	[ "$(held)" = "" ]
	for i in 4 5 6; do nothing 1 "serial=9$i"; done
	[ $(($(now_ms) - from)) -ge 1400 ] # 0.2, and 0.4, and 0.8 after those before
	local before; before=$(held)
	[[ $before == " "[123]" carol " ]]
	connect_as 2 bob
	connect_as 3 carol -bind 127.0.0.2
	for i in 1 2 3; do nothing 2 "serial=9$i"; nothing 3 "serial=9$i"; done
	[ "$(held)" = "$before" ]
}

@test "what is found costs nothing, and forgives nothing" {
	tls --fail-delay 0.5
	connect_as 1 carol
	local i
	for i in 1 2 3; do nothing 1 "serial=9$i"; [ "$(ask 1 op=search serial=0002 | systems)" = "G1 " ]; done
	local before; before=$(held) # the one behind the third
	for i in 1 2 3; do [ "$(ask 1 op=search serial=0002 | systems)" = "G1 " ]; done
	[ "$(held)" = "$before" ]
	nothing 1 serial=94
	nothing 1 serial=95
	[ "$(held)" != "$before" ]
}

@test "many at once, over many connections: one behind the other, and who would wait for too long is refused" {
	tls --fail-delay 4
	local i
	for i in 1 2 3 4; do connect_as $i carol; done
	for i in 1 2 3; do nothing $i "serial=9$i"; done
	say 4 op=search serial=000187260123
	until_true 5 grep -q 'step=308.event=held.user=carol' tls.log
	say 1 op=search serial=0002
	until_true 5 gives " 2 carol " held
	[[ $(ask 2 op=search serial=0002) == *error=busy*step=308* ]]
	grep -q 'step=308.event=refused.*user=carol.*error=busy' tls.log
	never read -rt 0 -u 59
}

@test "many in one go are looked at one after the other" {
	tls --fail-delay 60
	connect_as 1 carol
	local i
	for i in 1 2 3 4 5 6; do rec id=$i op=search serial=9$i; done >all
	cat all >&52
	for i in 1 2 3; do [ "$(hear 1)" = "$(rec id=$i done=0)" ]; done
	for i in 4 5 6; do [[ $(hear 1) == error=busy*id=$i ]]; done
}

@test "on a unix socket nobody is counted" {
	monitor --fail-delay 60
	connect 1
	local i
	for i in 1 2 3 4 5 6; do nothing 1 "token=$carol" serial=9$i; done
	never grep -q event=held mon.log
}
