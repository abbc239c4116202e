#!/usr/bin/env bats
# A service processor behind a firewall that drops whatever wants in: it holds a connection to the
# router's sp-back, and is called by its serial, to TCP/IP.
load common
load call
load back

setup_more() {
	call_up
	authority ca
	certificate router router
	certificate s1 000187260123
	on sp1 nft -f - <<-'END'
		table inet customer
		delete table inet customer
		table inet customer {
			chain input {
				type filter hook input priority 0; policy drop
				iif "lo" accept
				iifname "ras*" accept
				ct state established,related accept
				ip protocol icmp accept
				counter
			}
		}
	END
	server back ip netns exec "${NS}nas" sp-back --listen tls:198.51.100.1:4347 --cert router.crt --key router.key --ca ca.crt \
		--socket "unix:$T/back.sock" --log "$T/back.log"
	BACK=$SERVER_PID
	server sp ip netns exec "${NS}sp1" sp-answer --max 1 'back:198.51.100.1:4347?cert=s1.crt&key=s1.key&ca=ca.crt' -- \
		sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --interface ras0 --secret-file "$T/sp1.secret"
	SP=$SERVER_PID
	waits 000187260123
	nas_up --auth "$AUTH" --permit-dial 'back:0001*' --back "unix:$T/back.sock"
}

page() { on ws curl -sS --max-time 5 "http://$ALIAS:8080/"; }

@test "all inbound is shut, and the page of the service processor is there; call after call" {
	run on nas timeout 2 socat -u OPEN:/dev/null TCP:198.51.100.11:5000 # it does listen there
	[ "$status" != 0 ]
	local i
	for i in S1 S2; do
		dialed $i first-secret 'back:000187260123?speed=1000000'
		ip -n "${NS}sp1" route add 10.50.0.5/32 dev ras0
		[ "$(page)" = "I am sp1" ]
		kill "$DIAL_PID"; until_gone "$DIAL_PID"
		until_true 5 nothing_left
		until_true 10 times 'state=waiting' $((${i#S} + 1))
	done
	[ "$(field speed <S2.out)" = 1000000 ]
	[ "$(field state <back.out | tr '\n' ' ')" = "waiting picked ended waiting picked ended waiting " ]
}

@test "who is not connected has no carrier; a user names neither another socket nor another serial" {
	rec user=alice group=support router_address=10.50.0.38 router_port=23 profile=sp-nas profile_args=transport=plain session=S1 secret=x >rec
	local d
	for d in "back:000187260123?via=unix:$T/other.sock" back:999; do
		run on ws sp-dial --password-file "$T/password" < <(sed "s|\$|	dial=$d|" rec)
		[ "$status" = 4 ]
	done
	run on ws sp-dial --password-file "$T/password" < <(sed "s|\$|	dial=back:00019999|" rec)
	[ "$status" = 6 ]
	[[ $output == *reason=no-carrier* ]]
}

@test "either side killed: the call is down, nothing is left, and the next one works" {
	dialed S1 first-secret back:000187260123
	kill -9 "$SP"
	until_true 10 grep -q 'session=S1.*state=down.*reason=lost-carrier' nas.out
	until_true 10 nothing_left
	server sp ip netns exec "${NS}sp1" sp-answer --max 1 'back:198.51.100.1:4347?cert=s1.crt&key=s1.key&ca=ca.crt' -- \
		sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --interface ras0 --secret-file "$T/sp1.secret"
	until_true 10 times 'state=waiting' 2
	dialed S2 first-secret back:000187260123
	kill -9 "$BACK"
	until_true 10 grep -q 'session=S2.*state=down.*reason=lost-carrier' nas.out
	until_true 10 nothing_left
	server back ip netns exec "${NS}nas" sp-back --listen tls:198.51.100.1:4347 --cert router.crt --key router.key --ca ca.crt \
		--socket "unix:$T/back.sock"
	said '^serial=000187260123.state=waiting' 20
	dialed S3 first-secret back:000187260123
}
