#!/usr/bin/env bats
# What every holder owes at its ends, each with what it really holds: lease, call, rate, route.
load common
load monitor
load small
load owes

@test "sp-alloc: the lease" {
	monitor_store; monitor_keys; monitor
	leases() { sp-db --db db dump leases; }
	no_lease() { [ -z "$(leases)" ]; }
	holder_owes "$(rec system=A1 "token=$alice")" alloc no_lease sp-alloc --monitor "unix:$T/m" --timeout 5
	[ "$(grep -c event=released mon.log)" = 3 ]
}

@test "sp-dial: the call" {
	small
	echo wonder >password; chmod 600 password
	cat >device.sh <<-'EOF'
		printf 'login: '; read -r u; printf 'pin: '; read -r p; echo "up line=l1 alias=10.1.2.3"; read -r b; echo "$b" >>said
	EOF
	socat -d -d tcp-listen:0,bind=127.0.0.1,fork,reuseaddr "exec:bash $T/device.sh" 2>device.log 3>&- & PIDS+=($!)
	until_true 5 grep -q 'listening on' device.log
	local port; port=$(sed -n 's/.*listening on.*:\([0-9]*\)$/\1/p' device.log)
	hung_up() { [ "$(wc -l <said)" = "$((calls + 1))" ] && calls=$((calls + 1)); }
	local calls=0
	holder_owes "$(rec user=alice router_address=127.0.0.1 "router_port=$port" profile_args=transport=plain)" dial hung_up \
		sp-dial --password-file password --profile small.profile
	[ "$(grep -c '^bye' said)" = 3 ]
}
