#!/usr/bin/env bats
# A modem of the exchange behind a real ser2net as a telnet: line of sp-nas, dialed by number, to TCP/IP
# with the service processor behind another modem.
load common
load call
load pstn

setup_more() {
	call_up
	exchange -m 5550100 -m 5550142 --speed 115200
	printf 'connection: &a\n  accepter: telnet(rfc2217),tcp,198.51.100.12,2001\n  connector: serialdev,%s/d/5550100,19200n81\n' "$T" >ser2net.yaml
	ip netns exec "${NS}sp2" ser2net -n -d -c ser2net.yaml 2>ser2net.err 3>&- 9>&- & SER2NET=$!; PIDS+=("$SER2NET")
	until_true 5 listening
	server far ip netns exec "${NS}sp1" sp-answer "modem:$T/d/5550142" -- \
		sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --interface ras0 --secret-file "$T/sp1.secret"
	nas_up --auth "$AUTH" --line 'm1=telnet:198.51.100.12:2001?modem=yes&baud=115200' --permit-dial '555*' --line-retry 0.3
}
teardown_more() { exec 9>&-; }

listening() { on sp2 ss -Hltn 'sport = :2001' | grep -q .; }
line_is() { [ "$(field line_state <nas.out | tail -n 1)" = "$1" ]; }

@test "a number is dialed through the terminal server, and the page is there; call after call" {
	local i
	for i in S1 S2; do
		dialed $i first-secret 5550142
		ip -n "${NS}sp1" route add 10.50.0.5/32 dev ras0
		[ "$(on ws curl -sS --max-time 10 "http://$ALIAS:8080/")" = "I am sp1" ]
		[ "$(field line <$i.out)" = m1 ]
		[ "$(field speed <$i.out)" = 115200 ]
		kill "$DIAL_PID"; until_gone "$DIAL_PID"
		until_true 20 line_is idle
		until_true 10 nothing_left
	done
	event 'call=2.*event=ended' 10
}

@test "busy is busy; a terminal server that is not there puts the line out, and it comes back" {
	order op=fault number=5550142 fault=busy
	rec user=alice group=support router_address=10.50.0.38 router_port=23 profile=sp-nas profile_args=transport=plain session=S1 secret=x dial=5550142 >rec
	run -5 --separate-stderr on ws sp-dial --password-file "$T/password" <rec
	[ "$(field reason <<<"$output")" = busy ]
	until_true 20 line_is idle
	order op=fault number=5550142 fault=none
	kill "$SER2NET"
	run --separate-stderr on ws sp-dial --password-file "$T/password" <rec
	[ "$status" = 6 ]
	until_true 5 line_is failed
	ip netns exec "${NS}sp2" ser2net -n -d -c ser2net.yaml 2>ser2net.err 3>&- 9>&- & SER2NET=$!; PIDS+=("$SER2NET")
	until_true 20 line_is idle
	dialed S2 first-secret 5550142
}
