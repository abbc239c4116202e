#!/usr/bin/env bats
# The file of used permits is another process's: a call waits for it for a while, and not for ever.
load common
load ras
load permit
load ras-permit

call_with() { # PERMIT
	rm -f line status out call pid
	(umask 077; echo "$1" >given)
	answer ./pras
	dial --secret-file given
}

# Another process has the file, until its end; the lock is its shell's own.
taken() { sh -c 'exec 9>state.lock; flock 9; echo yes >has; exec sleep 60' 3>&- & HOLDER=$!; PIDS+=("$HOLDER"); until_true 5 test -s has; }

@test "who has the file and does not give it back: a failure of the system, and the permit is not used" {
	local p; p=$(permit sequence=9)
	taken
	call_with "$p"
	ended 20
	status_is 8
	[ "$(cat err)" = "sp-ras: unable to use state: Resource temporarily unavailable" ]
	kill "$HOLDER"; until_gone "$HOLDER"
	call_with "$p"
	up
}

@test "who has it for a moment is waited for" {
	taken
	call_with "$(permit sequence=9)"
	waits() { ls -l "/proc/$(cat pid)/fd" | grep -q state.lock; }
	until_true 10 waits
	kill "$HOLDER"
	up
}
