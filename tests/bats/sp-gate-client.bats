#!/usr/bin/env bats
# sp-gate client: what it hears from sp-ras, and what it decides itself. And what the log has of who tries again and again.
load common
load permit
load gate
setup_more() { gate_setup; }
teardown_more() { gate_teardown; }

# link [KEY=VALUE...]: sp-ras tells of the link, once more
link_says() { rec interface=ras0 address=192.0.2.1 session=0123456789abcdef inside=10.210.0.7 workstation=10.60.0.5 user=alice "$@" >&9; }

@test "a later permit that opens less, as sp-ras tells it, is kept to whatever the gateway lets through; and one that opens more" {
	local text; text=$(gate_permit ports=tcp/80)
	gateway; security_server; web
	workstation 1 "$text"
	processor "$text" ports=tcp/80
	raise; open_up
	[ "$(W curl -s -m 10 http://10.210.0.7/)" = '<p>4711</p>' ]
	link_says permit="$text" ports=tcp/81
	closed() { ! W curl -s -o /dev/null -m 1 http://10.210.0.7/; }
	until_true 10 closed
	link_says permit="$text" ports=tcp/80,tcp/81
	until_true 10 W curl -s -o /dev/null -m 1 http://10.210.0.7/
	link_says permit="$text" ports=nonsense
	until_true 5 gone "$CLIENT"
	[[ $(tail -n 1 client.out) == *error=record* ]]
	[ "$(grep -c error= client.out)" = 1 ]
}

@test "who shows wrong permits again and again is told each time, and does not fill the log" {
	local i text; text=$(gate_permit workstation=10.60.0.6)
	gateway; security_server
	workstation 1 "$text"
	for i in {2..60}; do rec op=permit id=$i permit="$text" >&"$TO"; done
	until_true 10 grep -q id=60.*error=denied shown.1
	[ "$(grep -c error=denied shown.1)" = 60 ]
	[ "$(grep -c event=refused sec.log)" -lt 20 ]
}
