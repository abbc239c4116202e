#!/usr/bin/env bats
# sp-route, both sides: the kernel's routing is real, in two namespaces.
load common
load route
load owes

@test "a route to the workstation is added, acknowledged, and gone afterwards" {
	ip -n "$NS-s" route show table main >before
	service
	ask
	ready
	[ "$(cat out)" = "$(rec session=s1 user=alice address=192.0.2.1 host=10.50.0.5 route=acknowledged state=ready hold=route)" ]
	[[ $(routes) == "10.50.0.5 dev ras0 proto 143 scope link"* ]]
	[[ $(rules) == *"from 192.0.2.1 lookup 4341"* ]]
	[ "$(rules | wc -l)" = 1 ]
	ip -n "$NS-s" route show table main | cmp - before
	kill "$ASKER"
	wait "$ASKER"
	clean
	ip -n "$NS-s" route show table main | cmp - before
	[ "$(field step <wlog | tr '\n' ' ')" = "341 343 " ]
	[ "$(field step <slog | tr '\n' ' ')" = "336 342 342 " ]
	[ "$(grep -c 'route=removed.*state=down' svc.out)" = 1 ]
}

@test "both sides open TCP to each other, where the customer uses the same network too" {
	[[ $(ip -n "$NS-s" route get 10.50.0.5 from 192.0.2.1) == *"dev eth0"* ]]
	service
	ask
	ready
	[[ $(ip -n "$NS-s" route get 10.50.0.5 from 192.0.2.1) == *"dev ras0"* ]]
	[[ $(ip -n "$NS-s" route get 10.50.0.5) == *"dev eth0"* ]]
	[[ $(ip -n "$NS-s" route get 10.50.0.9 from 192.0.2.1) == *"dev eth0"* ]]
	ip netns exec "$NS-s" socat TCP-LISTEN:80,bind=192.0.2.1,reuseaddr,fork SYSTEM:'echo from the processor' 3>&- 8>&- 9>&- & PIDS+=($!)
	ip netns exec "$NS-w" socat TCP-LISTEN:81,bind=10.50.0.5,reuseaddr,fork SYSTEM:'echo from the workstation' 3>&- 8>&- 9>&- & PIDS+=($!)
	until_true 5 S socat -u /dev/null TCP:192.0.2.1:80
	until_true 5 W socat -u /dev/null TCP:10.50.0.5:81
	[ "$(W socat -u TCP:192.0.2.1:80,connect-timeout=5 -)" = "from the processor" ]
	[ "$(S socat -u TCP:10.50.0.5:81,bind=192.0.2.1,connect-timeout=5 -)" = "from the workstation" ]
	W ping -q -c 2 -i 0.05 -W 2 192.0.2.1
	S ping -q -c 2 -i 0.05 -W 2 -I 192.0.2.1 10.50.0.5
}

@test "whatever rp_filter the customer has set, it works, and is not touched" {
	local all dev
	for all in 0 1 2; do
		for dev in 0 1 2; do
			S sh -c "echo $all >/proc/sys/net/ipv4/conf/all/rp_filter; echo $dev >/proc/sys/net/ipv4/conf/ras0/rp_filter; echo $dev >/proc/sys/net/ipv4/conf/eth0/rp_filter"
			ip -n "$NS-s" addr flush dev eth0
			service
			ask
			ready
			W ping -q -c 1 -W 2 192.0.2.1
			kill "$ASKER"; wait "$ASKER"
			[ "$(S cat /proc/sys/net/ipv4/conf/all/rp_filter)" = $all ]
			[ "$(S cat /proc/sys/net/ipv4/conf/eth0/rp_filter)" = $dev ]
			kill "$SERVER_PID"; wait "$SERVER_PID"
			clean
		done
	done
}

@test "asked before anybody listens: tried again until the service is there" {
	ask
	until_true 5 grep -q sp-route "/proc/$ASKER/comm"
	service
	ready
}

@test "a command runs with it and ends it" {
	service
	rec session=s1 address=192.0.2.1 >asked
	run -7 --separate-stderr W sp-route -- sh -c 'echo "$SP_HOST $1" >ran; exit 7' - '%{address}' <asked
	[ "$(cat ran)" = "10.50.0.5 192.0.2.1" ]
	[ -z "$output" ]
	clean
}

@test "the end of the service is the end of what was held: exit 6" {
	service
	ask
	ready
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	clean
	local rc=0; wait "$ASKER" || rc=$?
	[ "$rc" = 6 ]
	grep -q 'error=peer	step=343' out
}

@test "the end of its input is the end of the service: routes and rule are gone" {
	mkfifo gate
	ip netns exec "$NS-s" sp-route -l --prefix 10.50.0.0/24 <gate >svc.out 2>svc.err 3>&- 8>&- 9>&- & PIDS+=($!)
	local svc=$!
	exec 8>gate
	echo "$LINK" >&8
	ask
	ready
	exec 8>&-
	wait "$svc"
	clean
}

@test "two links with the same address are served side by side" {
	wire ras1 call1
	ip -n "$NS-s" addr add 192.0.2.1/32 dev ras1
	printf '%s\n' "$LINK" >&9
	LINK=$(rec interface=ras1 address=192.0.2.1)
	service
	until_true 5 is 2 grep ^ready= svc.out
	ask
	ready
	ip -n "$NS-w" route del 192.0.2.1
	ip -n "$NS-w" route add 192.0.2.1 dev call1
	hold 7 10.50.0.6
	[ "$(routes | wc -l)" = 2 ]
	routes | grep -q '^10.50.0.6 dev ras1'
	[ "$(rules | wc -l)" = 2 ]
	[[ $(question "$(rec op=route host=10.50.0.5)") == *"error=busy"*"another link"* ]]
	exec 7>&-
}

@test "the same host twice on a link: the route stays for the second" {
	service
	ask
	ready
	cp out first; local one=$ASKER
	ask
	ready
	kill "$one"; wait "$one"
	[[ $(routes) == "10.50.0.5 dev ras0"* ]]
	kill "$ASKER"; wait "$ASKER"
	clean
}

@test "no service, no address, no prefix: said, each with its status" {
	ip -n "$NS-s" addr flush dev eth0
	ip -n "$NS-s" route add 10.50.0.5 dev ras0
	rec address=192.0.2.1 >asked
	run -6 --separate-stderr W sp-route <asked
	[[ $output == *"error=peer	step=341	detail=no route service at 192.0.2.1:4341: Connection refused" ]]
	run -7 --separate-stderr W sp-route <<<"$(rec session=s1)"
	[[ $output == *"error=record	step=341"* ]]
	rec address=192.0.2.9 >asked
	ip -n "$NS-w" route add 192.0.2.9 dev call0
	run -3 --separate-stderr W sp-route --timeout 1 <asked
	[[ $output == *"error=timeout	step=341"* ]]
	run -2 --separate-stderr sp-route -l
	[[ $stderr == *"--prefix is needed"* ]]
	local p
	for p in 0.0.0.0/0 10.0.0.0/7 10.50.0.5/24 10.50.0.0 10.50.0.0/33 fd00::/8; do
		run -2 --separate-stderr sp-route -l --prefix "$p"
	done
	run -2 --separate-stderr sp-route -l --prefix 10.0.0.0/8 --table 254
}

@test "the records of a link: an error is passed on, nonsense refused, none is exit 1" {
	run -4 --separate-stderr S sp-route -l --prefix 10.0.0.0/8 <<<"$(rec error=denied step=333 detail=no)"
	[ "$output" = "$(rec error=denied step=333 detail=no)" ]
	run -7 --separate-stderr S sp-route -l --prefix 10.0.0.0/8 <<<"$(rec interface=ras0)"
	run -7 --separate-stderr S sp-route -l --prefix 10.0.0.0/8 <<<nonsense
	run -8 --separate-stderr S sp-route -l --prefix 10.0.0.0/8 <<<"$(rec interface=none address=192.0.2.1)"
	run -8 --separate-stderr S sp-route -l --prefix 10.0.0.0/8 <<<"$(rec interface=ras0 address=192.0.2.7)"
	[[ $stderr == *"unable to listen on the link"* ]]
	run -1 --separate-stderr S sp-route -l --prefix 10.0.0.0/8 </dev/null
	run -8 --separate-stderr bash -c 'sp-route -l --prefix 10.0.0.0/8 </dev/null >/dev/full; exec ip netns exec "$0" sp-route -l --prefix 10.0.0.0/8 <<<"$1" >/dev/full' "$NS-s" "$LINK"
	run -8 --separate-stderr bash -c 'sp-route -l --prefix 10.0.0.0/8 <&-'
	[[ $stderr == *"unable to read standard input: Bad file descriptor"* ]]
	run --separate-stderr S sp-route -l --prefix 10.0.0.0/8 < <(printf '%s\n' "$LINK" | dd bs=1 status=none; printf '%066000d\n' 0)
	[ "$status" = 7 ]; [ "$(field ready <<<"$output")" = sp-route ]; [[ $stderr == *"stdin: line 2: line over 64 KiB"* ]]
	clean
}

@test "what a holder owes at its ends: each time the route is removed" {
	service
	holder_owes "$(rec session=s1 user=alice address=192.0.2.1)" route clean ip netns exec "$NS-w" sp-route
	until_true 5 gives 3 grep -c 'route=removed' svc.out
}
