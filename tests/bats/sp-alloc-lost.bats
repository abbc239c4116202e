#!/usr/bin/env bats
# An answer that was lost on its way: the same question again is given the same lease.
load common
load monitor

setup_more() { monitor_store; monitor_keys; monitor; }

leases() { sp-db --db db dump leases | wc -l; }

# cutter: at unix:$T/cut, hands the first question to the monitor, whose answer, in `lost`, goes nowhere: the connection
# is closed. Later ones are passed through both ways.
cutter() {
	cat >cutter <<-'E'
		if mkdir first 2>/dev/null; then IFS= read -r q; printf '%s\n' "$q" | socat -t 10 - UNIX-CONNECT:m >lost
		else exec socat - UNIX-CONNECT:m; fi
	E
	socat "UNIX-LISTEN:$T/cut,fork" "SYSTEM:sh cutter" 2>/dev/null 3>&- & PIDS+=($!)
	until_true 5 test -S cut
}

# same_lease ADDRESS...: sp-alloc asks there, and holds the lease of the answer that was lost.
same_lease() {
	cutter
	mkfifo out
	sp-alloc --timeout 10 "$@" <<<"$(rec system=A1 "token=$alice")" >out 2>err & local pid=$!
	PIDS+=("$pid")
	exec 8<out
	IFS= read -rt 10 -u 8 line
	echo "$line"
	[ -n "$(field lease <lost)" ]
	local k
	for k in lease session router router_address router_port profile line dial phone secret dial2 phone2; do
		[ "$(field $k <<<"$line")" = "$(field $k <lost)" ]
	done
	[ "$(leases)" = 1 ]
	grep -q "step=313.*event=repeated.*session=$(field session <lost)" mon.log
	exec 8<&-
	wait "$pid"
	[ ! -s err ]
	[ "$(leases)" = 0 ]
}

@test "the connection is cut between lease and answer: asked again at the same address" {
	same_lease --monitor "unix:$T/cut"
}

@test "the connection is cut between lease and answer: asked again at another address" {
	same_lease --monitor "unix:$T/cut" --monitor "unix:$T/m"
}

@test "the same request is the same lease, also after the monitor was killed; nobody else's, no other" {
	connect 1
	alloc 1 "$carol" G1 request=r1
	local answer=$ANSWER lease=$LEASE other
	other=$("$BUILD/tests/tool/mktoken" token.key user=carol groups=field token_id=t2)
	once_more() { ask "$1" op=alloc "token=$2" system=G1 workstation=10.0.0.5 "${@:3}"; }
	without_until() { sed 's/lease_until=[^\t]*//' | tr '\t' '\n' | sort; }
	[ "$(once_more 1 "$carol" request=r1 | without_until)" = "$(without_until <<<"$answer")" ]
	[[ $(once_more 1 "$carol" request=r2) == *error=busy* ]]
	[[ $(once_more 1 "$carol" request=) == *error=busy* ]]
	[[ $(once_more 1 "$carol") == *error=busy* ]]
	[[ $(once_more 1 "$other" request=r1) == *error=busy* ]]
	[[ $(once_more 1 "$alice" request=r1) == *error=busy* ]]
	[[ $(once_more 1 "$bob" request=r1) == *error=denied* ]]
	[[ $(once_more 1 "$carol" "request=$(printf '%0129d' 0)") == *error=record* ]]
	kill -9 "$MONITOR"
	until_gone "$MONITOR"
	monitor
	connect 2
	[ "$(once_more 2 "$carol" request=r1 | field lease)" = "$lease" ]
	[ "$(leases)" = 1 ]
	ask 2 op=release "token=$carol" "lease=$lease"
	[ "$(once_more 2 "$carol" request=r1 | field lease)" != "$lease" ]
}
