#!/usr/bin/env bats
# sp-nas and who means it ill: what cannot be learnt from it, taken from others, or dialed.
load common

setup_more() {
	cat >auth <<-'EOF'
		#!/bin/bash
		while IFS= read -r r; do
			case $r in
			*user=alice*password=wonder*) v='decision=accept\tgroups=support' ;;
			*user=bob*password=builder*) v='decision=accept\tgroups=support' ;;
			*user=alice*) sleep 0.5; v='error=denied\tstep=320' ;; # known: the password was looked at
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
refused() { # USER [ADDRESS]
	say "$1" wrong "" | timeout 20 socat -,ignoreeof "TCP:127.0.0.1:$PORT,bind=${2:-127.0.0.1}" | grep -q 'Permission denied'
}
refused_anew() { refused "$1" "127.0.0.$((++TRIES + 1))"; } # from where nobody has guessed yet

@test "known and unknown users are refused after the same time" {
	nas --fail-delay 1
	for who in alice nobody; do
		within 1450 refused_anew $who # what the check of alice takes is not added
		[ $TOOK -ge 990 ]
	done
}

# Holds a connection open, NAME.out is what it shows; NAME (a fifo, on descriptor FD) what it says.
hold() { # NAME FD [SOCAT-OPTION]
	mkfifo "$1"
	socat - "TCP:127.0.0.1:$PORT${3:-}" <"$1" >"$1.out" & PIDS+=($!)
	eval "exec $2>$1"
	until_true 5 grep -q 'Username: ' "$1.out"
}

@test "strangers of one address take so many places; others, and who has logged in, have theirs" {
	nas --strangers 2 --login-timeout 30 --log nas.log
	hold a 7
	hold b 8
	run timeout 20 socat -u "TCP:127.0.0.1:$PORT" -
	[ "$status" = 0 ]; [ -z "$output" ]
	grep -q 'a connection of 127.0.0.1 was refused: too many of that address have not logged in' nas.err
	grep -q 'step=315	event=too-many	workstation=127.0.0.1	detail=too many of that address' nas.log
	hold other 6 ,bind=127.0.0.2
	say alice wonder "" >&7
	until_true 5 grep -q 'Permission granted' a.out
	hold c 9
	exec 6>&- 7>&- 8>&- 9>&-
}

@test "all places are taken by strangers of two addresses: who comes from a third has one of theirs, which is in the log" {
	nas --sessions 4 --strangers 2 --login-timeout 30 --log nas.log
	hold a 6 ,bind=127.0.0.7
	hold b 7 ,bind=127.0.0.8
	hold c 8 ,bind=127.0.0.7
	hold d 9 ,bind=127.0.0.8
	hold e 10 ,bind=127.0.0.9
	until_true 5 grep -q 'step=315	event=too-many	workstation=127.0.0.[78]	detail=all places are taken, most by strangers' nas.log
	exec 6>&- 7>&- 8>&- 9>&- 10>&-
}

@test "wrong guesses: after three the next at that user from there waits before it is checked; other users and addresses do not" {
	nas --fail-delay 1 --log log
	for g in 1 2 3 4 5 6; do refused Bob & wait_for[g]=$!; done
	wait "${wait_for[@]}"
	says() { say "$1" "$2" "" quit | timeout 30 socat -,ignoreeof "TCP:127.0.0.1:$PORT$3" | grep -q "$4"; }
	local before; before=$(grep -c event=delayed log) || :
	delayed() { [ "$(grep -c event=delayed log)" = $((before + 1)) ]; }
	says bob builder "" 'Permission granted' & local bob=$!
	until_true 5 delayed
	says alice wonder "" 'Permission granted'
	says bob builder ,bind=127.0.0.2 'Permission granted'
	wait $bob
	says bob builder "" 'Permission granted' # it is forgotten
	delayed
	grep -q "event=delayed.*user=bob.*detail=for [1-9][0-9]* ms, as that user's logins from 127.0.0.1 were wrong" log
	run ! grep -q -e wonder -e builder -e password= log nas.err
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
