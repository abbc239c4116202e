# leased.bash - sp-alloc | sp-dial as the recipe has them, with a real monitor, and what is left of a call that came to
# nothing. Loaded beside common and monitor.

leased_up() {
	printf 'wonder\n' >password
	chmod 600 password
	monitor_store; monitor_keys; monitor
}
router_at() { # PORT NUMBER: the system A2, and the router by which it is called
	rec router=boston address=127.0.0.1 "port=$1" profile_args=transport=plain | sp-db --db db load routers >/dev/null
	rec system=A2 "dial=$2" secret=x | sp-db --db db replace endpoints >/dev/null
}

# A process of theirs that is left holds the pipe that `run` reads, which then does not end.
leased() { # OPTION...: sp-dial's
	{ echo "$BASHPID" >>pids; exec sp-alloc --monitor "unix:$T/m" --router boston; } <<<"$(rec user=alice group=support system=A2 "token=$alice")" |
		{ echo "$BASHPID" >>pids; exec sp-dial --password-file password --log dial.log "$@"; }
}
leases() { sp-db --db db dump leases; }
given_back() { # the lease that session $1 had; and no process in ./pids is there, nor has it left a lock file
	local p
	grep -q "step=313.*event=chosen.*session=$1" mon.log
	until_true 5 gives '' leases
	grep -q "event=released.*session=$1" mon.log
	while read -r p; do until_gone "$p"; never grep -qs "^ *$p$" /var/lock/LCK..*; done <pids
}
