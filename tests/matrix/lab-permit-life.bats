#!/usr/bin/env bats
# Permits in the laboratory that last ten seconds: they are renewed while the session lasts.
load ../bats/lab
load ../bats/permit
load ../bats/lab-permit
LAB_UP=(--permit-life 10)

@test "a session outlives its permits" {
	alices s
	first=$(lasting)
	renewed() { [ "$(with_session s "$LAB/log/sp1.log" | grep -c 'event=renewed')" -ge 3 ]; }
	until_true 60 renewed # each after half of the ten seconds: the first one's time is over
	[ "$(lasting)" -ge $((first + 3)) ]
	with_session s "$LAB/log/nas.log" | grep -q 'event=renewed'
	ws curl -sS --max-time 5 "http://$(field address <s.rec)/" | grep -q 000187260123
	[ "$(wc -l <s.rec)" = 1 ]
	hang_up
}
