#!/usr/bin/env bats
# The service processor as it is installed: sp-answer on a TCP line starts sp-ras and sp-route -l for
# a call; a real caller comes in, and is led back to.
load common

setup_more() {
	NS=sv$$
	ip netns add "$NS-s"
	ip netns add "$NS-c"
	ip -n "$NS-s" link set lo up
	ip -n "$NS-s" link add net0 type veth peer name net0 netns "$NS-c"
	ip -n "$NS-s" addr add 198.51.100.11/24 dev net0
	ip -n "$NS-c" addr add 198.51.100.1/24 dev net0
	ip -n "$NS-s" link set net0 up
	ip -n "$NS-c" link set net0 up
	ip -n "$NS-c" link set lo up
	ip -n "$NS-c" addr add 10.50.0.5/32 dev lo
	printf 'sesame\n' >secret && printf 'wrong\n' >wrong && chmod 600 secret wrong
	server svc ip netns exec "$NS-s" sp-answer --log slog tcp:198.51.100.11:0 -- sh -c 'sp-ras --line fd:3 \
		--address 192.0.2.1 --peer-address 192.0.2.2 --secret-file secret --router "router?" --log slog |
		sp-route -l --prefix 10.50.0.0/24 --log slog 3<&-'
}

teardown_more() {
	ip netns del "$NS-s"
	ip netns del "$NS-c"
}

# call [SECRET-FILE]: calls; when it is up, the way to the processor is from the workstation's address
call() {
	: >call # not the event=up of the one before
	ip netns exec "$NS-c" "$BUILD/tests/tool/ppp-call" --line tcp:198.51.100.11:"$PORT" --interface c0 \
		--secret-file "${1:-secret}" >call 2>call.err 3>&- &
	CALLER=$!
	PIDS+=("$CALLER")
}

up() {
	until_true 10 grep -q event=up call
	ip -n "$NS-c" route replace 192.0.2.1 dev c0 src 10.50.0.5
	rec session=s1 user=alice address=192.0.2.1 >asked
	ip netns exec "$NS-c" sp-route <asked >out 2>err 3>&- &
	ASKER=$!
	PIDS+=("$ASKER")
	until_true 10 grep -q state=ready out
}

nothing_left() {
	[ -z "$(ip -n "$NS-s" rule | grep 4341)" ] && [ -z "$(ip -n "$NS-s" route show table 4341 2>/dev/null)" ] &&
		[ -z "$(ip -n "$NS-s" link show type tun)" ] && [ -z "$(ip netns pids "$NS-s" | grep -vx "${1:-x}" | living)" ]
}

# living: those process ids on standard input that are no zombies, and no guard of sp-answer's own
living() {
	local p
	while read -r p; do
		[ "$(ps -o ppid= -p "$p" | tr -d ' ')" = "$SERVER_PID" ] && [ "$(ps -o comm= -p "$p")" = sp-guard ] && continue
		case $(ps -o stat= -p "$p") in '' | Z*) ;; *) echo "$p" ;; esac
	done
}

@test "a call wakes the RAS and the route service; both sides reach each other; nothing is left" {
	nothing_left "$SERVER_PID"
	call
	up
	[ "$(field host <out)" = 10.50.0.5 ]
	ip netns exec "$NS-c" ping -q -c 2 -i 0.05 -W 2 192.0.2.1
	ip netns exec "$NS-s" ping -q -c 2 -i 0.05 -W 2 -I 192.0.2.1 10.50.0.5
	[ "$(field step <slog | sort -un | tr '\n' ' ')" = "327 328 329 331 332 333 335 336 342 " ]
	kill "$ASKER"; wait "$ASKER"
	kill "$CALLER"
	until_true 10 grep -q state=ended svc.out
	[[ $(grep state=ended svc.out) == *"exit=0"* ]]
	until_true 5 nothing_left "$SERVER_PID"
}

@test "a caller who is refused: the call ends as denied, and the next one comes in" {
	call wrong
	until_true 10 grep -q 'state=ended' svc.out
	[ "$(grep state=ended svc.out | field reason)" = denied ]
	[ "$(grep -c 'error=denied	step=333' svc.out)" = 1 ]
	until_true 5 nothing_left "$SERVER_PID"
	call
	up
}

# the process NAME of the call in progress
process() { ip netns pids "$NS-s" | while read -r p; do [ "$(ps -o comm= -p "$p")" = "$1" ] && echo "$p"; done; }

@test "sp-ras killed with -9: nothing is left, the next call comes in" {
	call
	up
	kill -9 "$(process sp-ras)"
	until_true 15 nothing_left "$SERVER_PID"
	call
	up
}

@test "sp-route killed with -9: nothing is left, the next call comes in" {
	call
	up
	kill -9 "$(process sp-route | head -n 1)"
	until_true 15 nothing_left "$SERVER_PID"
	call
	up
}

@test "sp-answer killed with -9: nothing is left" {
	call
	up
	kill -9 "$SERVER_PID"
	until_true 15 nothing_left
}

@test "the caller killed with -9: nothing is left" {
	call
	up
	kill -9 "$CALLER"
	until_true 15 nothing_left "$SERVER_PID"
	local rc=0; wait "$ASKER" || rc=$?
	[ "$rc" = 6 ]
}
