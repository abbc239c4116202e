#!/usr/bin/env bats
# sp-monitor - leases: who gets which router, who holds a system, how a lease ends and goes on.
load common
load monitor

setup_more() { monitor_store; monitor_keys; }

leases() { sp-db --db db dump leases | wc -l; }
call_of() { sp-db --db db dump calls | grep "^session=$1" | field "$2"; }

@test "a lease: router, endpoint and secret for who may; recorded, logged, told" {
	monitor
	connect 1
	alloc 1 "$alice" A1
	[[ $ANSWER == *"$(rec router=boston router_address=127.0.0.1 router_port=2301 profile=sp-nas line=tty1)"* ]]
	[[ $ANSWER == *"dial=tcp:127.0.0.1:7000"*"phone=+16175550199"*"secret=s3cret-of-A1"*"ttl=30"*done=1* ]]
	[[ $ANSWER == *"dial2=tcp:192.0.2.9:1"*"phone2=+16175550142"* && $ANSWER != *secret2=* && $ANSWER != *dial3=* ]]
	[[ $LEASE =~ ^[0-9a-f]{32}$ && $SESSION =~ ^[0-9a-f]{16}$ ]]
	[ "$(call_of "$SESSION" state180)" = reserved ]
	[ "$(sp-db --db db dump leases | field workstation)" = 10.0.0.5 ]
	grep -q "step=312.*user=alice.*system=A1" mon.log
	grep -q "step=313.*event=chosen.*session=$SESSION.*router=boston" mon.log
	never grep -qF -e s3cret -e "$LEASE" mon.log
	until_true 5 grep -q "^session=$SESSION.*state180=reserved" monitor.out
	alloc 1 "$alice" G1
	[[ $ANSWER == *"router=hamburg"*"dial=+49 40 5550"*"phone=+49.40/5550"* && $ANSWER != *secret=* && $ANSWER != *line=* ]]
}

@test "what a router's profile has to be told is handed over; a store from before that is brought up to date" {
	sqlite3 db "ALTER TABLE routers DROP COLUMN profile_args; DROP INDEX \"grants_group,scope,object\";
		CREATE INDEX grants_group ON grants(\"group\"); ALTER TABLE grants DROP COLUMN window;
		ALTER TABLE grants DROP COLUMN zone; ALTER TABLE grants DROP COLUMN ports; PRAGMA user_version=1"
	run -8 sp-db --db db dump routers
	[[ $output == *"has version 1, this program knows 3"* ]]
	monitor
	connect 1
	rec router=boston address=127.0.0.1 port=2301 profile=ios "profile_args=interface=Async1 alias=10.200.1.1" | sp-db --db db load routers
	alloc 1 "$alice" A1 router=boston
	[[ $ANSWER == *"$(rec profile=ios "profile_args=interface=Async1 alias=10.200.1.1")"* ]]
	run --separate-stderr sp-alloc --monitor "unix:$T/m" --router boston --no-hold <<<"$(rec system=A2 "token=$alice")"
	[ "$status" = 0 ]; [ "$(field profile_args <<<"$output")" = "interface=Async1 alias=10.200.1.1" ]
	rec user=alice scope=everything ports=tcp/22 | sp-db --db db load grants
	[[ $(ask 1 op=alloc "token=$alice" system=G1) == *"$(rec ports=tcp/22 done=1)" ]]
}

@test "a system that somebody has answers who, where, in which session" {
	monitor
	connect 1
	connect 2
	alloc 1 "$alice" G1
	[[ $(ask 2 id=4 op=alloc "token=$carol" system=G1) == "$(rec error=busy step=313 user=alice workstation=10.0.0.5 "session=$SESSION" detail=)"*id=4 ]]
	[[ $(ask 2 op=alloc "token=$alice" system=G1) == *error=busy* ]]
	[[ $(ask 2 op=alloc "token=$bob" system=G1) == *error=denied* ]]
	[ "$(leases)" = 1 ]
}

@test "two clients ask for the same system at once: one gets it" {
	monitor
	local i n
	for i in 1 2 3 4 5 6; do connect $i; done
	for i in 1 2 3 4 5 6; do say $i op=alloc "token=$alice" system=A1; done
	for i in 1 2 3 4 5 6; do hear $i; done >answers
	[ "$(grep -c lease= answers)" = 1 ]; [ "$(grep -c error=busy answers)" = 5 ]; [ "$(leases)" = 1 ]
}

@test "renew and release: only by the user whose lease it is" {
	monitor --lease-seconds 100
	connect 1
	alloc 1 "$alice" A1
	local first foreign unknown
	first=$(sp-db --db db dump leases | field until)
	foreign=$(ask 1 op=renew "token=$carol" "lease=$LEASE")
	unknown=$(ask 1 op=renew "token=$carol" lease=nothing)
	[ "$foreign" = "$unknown" ]; [[ $foreign == *error=denied*step=313* ]]
	[[ $(ask 1 op=release "token=$carol" "lease=$LEASE") == *error=denied* ]]
	[[ $(ask 1 id=9 op=renew "token=$alice" "lease=$LEASE") == "lease_until="*"$(rec done=1 id=9)" ]]
	later() { [[ $(ask 1 op=renew "token=$alice" "lease=$LEASE" | field lease_until) > $first ]]; }
	until_true 5 later
	[[ $(sp-db --db db dump leases | field until) > $first ]]
	[ "$(ask 1 op=release "token=$alice" "lease=$LEASE" reason=idle)" = done=1 ]
	[ "$(leases)" = 0 ]; [ "$(call_of "$SESSION" reason)" = idle ]; [ "$(call_of "$SESSION" state180)" = ended ]
	[[ $(ask 1 op=release "token=$alice" "lease=$LEASE") == *error=denied* ]]
	alloc 1 "$alice" A1
	[ -n "$LEASE" ]
}

@test "a lease that is not renewed runs out: freed, recorded, told" {
	monitor --lease-seconds 3
	connect 1
	alloc 1 "$alice" A1
	say 1 id=w op=watch "token=$alice" "session=$SESSION"
	hear 1 >watched
	[ "$(field state <watched | tail -n 1)" = down ]; [ "$(field reason <watched)" = session-timeout ]; grep -q "done=2" watched
	[ "$(leases)" = 0 ]; [ "$(call_of "$SESSION" state180)" = ended ]
	[[ $(ask 1 op=renew "token=$alice" "lease=$LEASE") == *error=denied* ]]
	grep -q "event=expired.*session=$SESSION" mon.log
}

@test "killed with -9 and started again, leases go on" {
	monitor --lease-seconds 60
	connect 1
	alloc 1 "$alice" A1
	local lease=$LEASE session=$SESSION
	kill -9 "$MONITOR"
	until_gone "$MONITOR"
	monitor --lease-seconds 60
	connect 2
	[[ $(ask 2 op=alloc "token=$carol" system=G1) == *lease=* ]]
	[[ $(ask 2 op=alloc "token=$alice" system=A1) == *error=busy*"session=$session"* ]]
	[[ $(ask 2 op=renew "token=$alice" "lease=$lease") == *done=1 ]]
}

@test "routers: full, down, out of service, not permitted, by name" {
	monitor
	connect 1
	sp-db --db db load systems <<<$'system=A3\tserial=3\tcustomer=acme\tsite=BOS'
	sp-db --db db load endpoints <<<$'system=A3\tdial=tcp:127.0.0.1:7003'
	alloc 1 "$alice" A1 router=boston; [[ $ANSWER == *line=tty1* ]]
	sp-db --db db load lines <<<$'router=boston\tline=tty2\tstate=out'
	[[ $(ask 1 op=alloc "token=$alice" system=A2 router=boston) == *error=busy*step=313* ]]
	sp-db --db db load lines <<<$'router=boston\tline=tty2'
	alloc 1 "$alice" A2; [[ $ANSWER == *router=boston*line=tty2* ]]
	alloc 1 "$alice" A3; [[ $ANSWER == *router=hamburg* ]]
	local answer
	answer=$(ask 1 op=alloc "token=$alice" system=G1)
	[[ $answer == *error=busy*step=313* && $answer != *dial=* ]]
	[[ $(ask 1 op=alloc "token=$alice" system=G1 router=nowhere) == *error=denied*step=313* ]]
	sp-db --db db load routers <<<$'router=hamburg\taddress=h\tstate=down\nrouter=boston\taddress=h\tstate=down'
	[[ $(ask 1 op=alloc "token=$alice" system=G1) == *error=peer*down* ]]
	sp-db --db db replace router_may <<<$'router=boston\tscope=customer\tobject=acme'
	[[ $(ask 1 op=alloc "token=$alice" system=G1) == *error=denied*"no router may call"* ]]
	[[ $(ask 1 op=alloc "token=$alice" system=B1) == *error=none*endpoint* ]]
}

@test "policy: by command line, by customer, by site; dedicated" {
	sp-db --db db load routers <<<$'router=boston\taddress=b\tlat=42\tlon=-71\tmax_calls=9'
	sp-db --db db load routers <<<$'router=hamburg\taddress=h\tlat=53\tlon=10\tmax_calls=9'
	sp-db --db db replace lines <<<$'router=boston\tline=l1\nrouter=boston\tline=l2\nrouter=boston\tline=l3'
	monitor --policy roundrobin
	connect 1
	local i got=
	for i in 1 2 3 4; do
		alloc 1 "$alice" A1; got+=$(field router <<<"$ANSWER")' '
		ask 1 op=release "token=$alice" "lease=$LEASE"
	done
	[ "$got" = "boston hamburg boston hamburg " ]
	sp-db --db db load customers <<<$'customer=acme\tname=Acme\tpolicy=nearest'
	for i in 1 2 3; do
		alloc 1 "$alice" A1; [[ $ANSWER == *router=boston* ]]
		ask 1 op=release "token=$alice" "lease=$LEASE"
	done
	sp-db --db db load sites <<<$'site=BOS\tcustomer=acme\tlat=42\tlon=-71\tpolicy=leastloaded'
	alloc 1 "$alice" A1; got=$(field router <<<"$ANSWER")
	alloc 1 "$alice" A2; [ "$(field router <<<"$ANSWER")" != "$got" ]
	sp-db --db db load routers <<<$'router=hamburg\taddress=h\tlat=53\tlon=10\tmax_calls=9\tcustomer=acme\tdedicated=only'
	[[ $(ask 1 op=alloc "token=$alice" system=G1) == *router=boston* ]]
}
