#!/usr/bin/env bats
# sp-nas and who means it ill: what cannot be learnt from it, taken from others, or dialed.
load common

setup_more() {
	cat >auth <<-'EOF'
		#!/bin/bash
		while IFS= read -r r; do
			case $r in
			*user=alice*password=wonder*) v='decision=accept\tgroups=support' ;;
			*user=alice*) sleep 0.3; v='error=denied\tstep=320' ;; # known: the password was looked at
			*) v='error=denied\tstep=320' ;;
			esac
			printf '%s\t'"$v"'\n' "$(sed 's/\tpassword=[^\t]*//' <<<"$r")"
		done
	EOF
	chmod +x auth
}

nas() { # OPTION...
	server nas sp-nas --listen tcp:127.0.0.1:0 --name router1 --alias-pool 10.200.0.0/24 --group support --auth ./auth \
		--permit-dial 'tcp:127.0.0.1:*' --permit-dial "unix:$T/lines/*" "$@"
}


say() { printf '%s\r\n' "$@"; }
refused_after() { # USER: milliseconds
	local from=${EPOCHREALTIME/./}
	say "$1" wrong "" | timeout 10 socat -,ignoreeof "TCP:127.0.0.1:$PORT" | grep -q 'Permission denied' || return 1
	echo $(((${EPOCHREALTIME/./} - from) / 1000))
}

@test "known and unknown users are refused after the same time" {
	nas --fail-delay 1
	known=$(refused_after alice)
	unknown=$(refused_after nobody)
	[ $((known - unknown)) -lt 150 ] && [ $((unknown - known)) -lt 150 ] || { echo "$known $unknown"; false; }
}

@test "who is told that no line is free takes none from who has one" {
	nas --lines 1
	mkfifo a b
	socat - "TCP:127.0.0.1:$PORT" <a >a.out & PIDS+=($!)
	socat - "TCP:127.0.0.1:$PORT" <b >b.out & PIDS+=($!)
	exec 7>a 8>b
	say alice wonder "" "dial tcp:127.0.0.1:1" begin >&7 # nobody is there: the line comes back
	until_true 5 grep -q 'state=down' a.out
	say alice wonder "" "dial tcp:127.0.0.1:1" >&8
	until_true 5 grep -q 'line line1 ready' b.out
	say "dial tcp:127.0.0.1:1" "dial tcp:127.0.0.1:1" >&7
	until_true 5 sh -c '[ "$(grep -c "ERROR busy 324" a.out)" = 2 ]'
	[ "$(grep -c 'line line1 ready' a.out)" = 1 ]
	exec 7>&- 8>&-
}

@test "a wildcard of --permit-dial leads to no other host and to no other directory" {
	nas
	run timeout 5 socat -,ignoreeof "TCP:127.0.0.1:$PORT" < <(say alice wonder "" "dial unix:$T/lines/../x" "dial unix:$T/lines/x" quit)
	[[ $output == *"ERROR denied 324"*"line1 ready"* ]]
}
