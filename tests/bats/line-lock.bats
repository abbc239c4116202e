#!/usr/bin/env bats
# Lock files of ttys: those of minicom, mgetty and pppd are respected, and respect ours.
load common
load line

setup_more() {
	socat PTY,link="$T/near",raw,echo=0 PTY,link="$T/far",raw,echo=0 3>&- & PIDS+=($!)
	until_true 5 test -e near
	until_true 5 test -e far
	TTY=$(realpath near)
	LOCK=/var/lock/LCK..$(sed 's|^/dev/||; s|/|_|g' <<<"$TTY")
	rm -f "$LOCK" # of a pty of that number, long ago
}
teardown_more() {
	nothing_of_lines
	rm -f "$LOCK"
}
ours() { server a sp-answer "${1:-tty:$TTY}" -- true; }
in_use() { # LINE: exit 5, and who has it is named
	run -5 --separate-stderr sp-answer "$1" -- true
	[[ $stderr == *"process $2 "*"has the tty"* ]]
}

@test "ours: ten places and a newline, there while the tty is open, by every name of it" {
	ours
	[ "$(od -An -c "$LOCK" | tr -d ' \n')" = "$(printf '%10d\\n' "$SERVER_PID" | tr -d ' ')" ]
	[ "$(stat -c %s "$LOCK")" = 11 ]
	in_use "tty:near" "$SERVER_PID"
	in_use "modem:$TTY" "$SERVER_PID"
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	[ ! -e "$LOCK" ]
}

@test "a lock of a process that lives: busy, and left alone; of one that is gone: replaced" {
	printf '%10d\n' $$ >"$LOCK"
	in_use "modem:$TTY" $$
	in_use "tty:$TTY" $$
	[ "$(<"$LOCK")" = "$(printf '%10d' $$)" ]
	run -5 line_call "modem:$TTY" --number 1
	sh -c 'echo $$' >dead
	printf '%10d\n' "$(<dead)" >"$LOCK"
	ours
	[ "$(tr -d ' ' <"$LOCK")" = "$SERVER_PID" ]
}

@test "lock=DIR is another folder, lock=no none; a folder that is not there is an error" {
	mkdir locks
	ours "tty:$TTY?lock=$T/locks"
	[ -e "locks/${LOCK##*/}" ]
	[ ! -e "$LOCK" ]
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	[ -z "$(ls locks)" ]
	ours "tty:$TTY?lock=no"
	[ ! -e "$LOCK" ]
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	run -8 --separate-stderr sp-answer "tty:$TTY?lock=$T/none" -- true
	[[ $stderr == *"unable to make its lock file $T/none/${LOCK##*/}: No such file or directory"* ]]
}

@test "an option that this kind of line does not know is named" {
	run -2 --separate-stderr sp-answer "tty:$TTY?speed=9600&init=M0" -- true
	[[ $stderr == *"unknown option of such a line: init" ]]
}

@test "minicom refuses a tty of ours" {
	ours
	run bash -c 'TERM=xterm timeout 20 script -qec "minicom -D $0" /dev/null </dev/null 2>&1' "$TTY"
	[[ $output == *"is locked"* ]]
	[ "$(tr -d ' ' <"$LOCK")" = "$SERVER_PID" ]
}

@test "a tty that minicom has is busy" {
	mkfifo keys
	TERM=xterm script -qec "minicom -D $TTY" /dev/null <>keys >/dev/null 2>&1 3>&- & PIDS+=($!)
	until_true 10 test -s "$LOCK"
	local minicom; minicom=$(tr -d ' ' <"$LOCK")
	in_use "modem:$TTY" "$minicom"
	[[ $stderr == *"(minicom)"* ]]
	kill "$minicom"
	until_gone "$minicom" # before its tty: it would lock and open the next one of that name
}

# It waits, then ends: init starts it anew.
@test "mgetty waits while a tty of ours is open, then has it" {
	local log; log=/var/log/mgetty/mg_$(sed 's|^/dev/||; s|/|-|g' <<<"$TTY").log
	mkdir -p "${log%/*}" && : >"$log"
	ours
	mgetty -x 4 "$TTY" >/dev/null 2>&1 3>&- & PIDS+=($!)
	local first=$!
	until_true 10 grep -q "utmp/wtmp" "$log" # it has looked
	run -1 grep "locking the line" "$log"
	[ "$(tr -d ' ' <"$LOCK")" = "$SERVER_PID" ]
	kill "$SERVER_PID"
	wait "$SERVER_PID"
	until_true 40 gone "$first"
	mgetty -x 4 "$TTY" >/dev/null 2>&1 3>&- & PIDS+=($!)
	until_true 10 grep -q "locking the line" "$log"
	until_true 5 test -s "$LOCK"
	in_use "modem:$TTY" "${PIDS[-1]}"
	[[ $stderr == *"(mgetty)"* ]]
	[ "$(tr -d ' ' <"$LOCK")" = "${PIDS[-1]}" ]
}

# Before all else pppd looks whether there is a /dev/ppp, which only comes into use behind the connect script. Where
# the kernel has none it sees /dev/null for it, in a view of its own: up to there all is as with one.
on_tty() { # PPPD'S-OPTION...
	mkdir dev
	exec unshare -m sh -c 'mount -t tmpfs none dev && mkdir dev/pts && touch dev/null dev/ppp &&
		mount --bind /dev/pts dev/pts && mount --bind /dev/null dev/null && mount --bind /dev/null dev/ppp &&
		mount --move dev /dev && exec pppd "$@"' - "$TTY" 115200 nodetach local noauth lock "$@"
}

@test "pppd with lock refuses a tty of ours" {
	ours
	run -6 on_tty connect "touch $T/connected"
	[[ $output == *" is locked by pid $SERVER_PID"* ]]
	[ ! -e connected ]; [ "$(tr -d ' ' <"$LOCK")" = "$SERVER_PID" ]
}

@test "a tty that pppd has with lock is busy, until it is over" {
	mkfifo go
	on_tty connect "sh -c 'read -r x <$T/go; false'" >pppd.out 2>&1 3>&- & PIDS+=($!)
	until_true 10 test -s "$LOCK"
	in_use "modem:$TTY" "${PIDS[-1]}"
	[[ $stderr == *"(pppd)"* ]]
	in_use "tty:$TTY" "${PIDS[-1]}"
	echo >go
	until_gone "${PIDS[-1]}"
	grep -q 'Connect script failed' pppd.out
	ours
}
