# line.bash - calls by tests/tool/line-call: events in c.out, messages in c.err, what arrived in
# c.data. No lock file and no process may be left by a test.
# shellcheck disable=SC2034,SC2154

line_call() { # LINE OPTION...: with nothing to say
	local line=$1; shift
	"$BUILD/tests/tool/line-call" --timeout 40 --data c.data "$@" "$line" </dev/null >c.out 2>c.err
}
line_call_begin() { # LINE OPTION...: in the background; CALL is its process. It says what is written to descriptor 8.
	local line=$1; shift
	[ -p say ] || mkfifo say
	exec 8<>say
	: >c.data; : >c.out # or what the call before has said is taken for this one's
	"$BUILD/tests/tool/line-call" --timeout 40 --data c.data "$@" "$line" <say >c.out 2>c.err 3>&- 9>&- & CALL=$!
	PIDS+=("$CALL")
}
call_up() { # LINE OPTION...: begins, and waits until it is up
	line_call_begin "$@"
	until_true 20 grep -q event=up c.out || { cat c.out c.err >&2; return 1; }
}
say() { printf '%s\n' "$*" >&8; }
heard() { until_true 20 grep -qaF -- "$1" c.data || { cat -v c.data c.out c.err >&2; return 1; }; }
hang_up() {
	kill "$CALL"
	wait "$CALL"
}
words() { field word <c.out | tr '\n' ' ' | sed 's/ $//'; }

# unlocked [NUMBER...]: no tty of the exchange's has a lock file, or not those of these numbers
unlocked() {
	local f
	[ $# -gt 0 ] || set -- d/*
	for f; do
		f=/var/lock/LCK..$(realpath "d/${f#d/}" | sed 's|^/dev/||; s|/|_|g')
		[ ! -e "$f" ] || { echo "$f is left: $(<"$f")" >&2; return 1; }
	done
}
# After a test, while its processes are still there: nobody who is over has left a lock file, on the exchange's ttys or
# elsewhere. Then those that are there are ended, and it is the same for them and for what they had started.
nothing_of_lines() {
	local p rc=0
	LOCKS=(/var/lock/LCK..*)
	no_stale_lock || rc=1
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${PIDS[@]}"; do until_gone "$p" || rc=1; done
	no_stale_lock || rc=1
	return $rc
}
no_stale_lock() { # of this test's processes, or of any on a tty of the exchange's
	local f pid ttys
	ttys=" $(readlink d/* 2>/dev/null | sed 's|^/dev/|/var/lock/LCK..|; s|LCK..pts/|LCK..pts_|' | tr '\n' ' ')"
	for f in "${LOCKS[@]}"; do
		read -r pid 2>/dev/null <"$f" || continue
		[[ $ttys == *" $f "* || " ${PIDS[*]} " == *" $pid "* ]] || continue
		! gone "$pid" || { echo "$f is left by $pid, which is over" >&2; return 1; }
	done
}
call_ended() { # STATUS
	local status=0
	wait "$CALL" || status=$?
	[ "$status" = "$1" ] || { echo "the call ended with $status" >&2; cat c.out c.err >&2; return 1; }
}

# Both modems of the exchange are on-hook.
on_hook() { order op=show >show; [ "$(grep -c state=idle show)" = 2 ]; }
idle() { until_true 20 on_hook; }
