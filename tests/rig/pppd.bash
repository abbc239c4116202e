# pppd.bash - Debian's pppd over the kernel's PPP, on a machine that needs to have neither: a
# user-mode-linux guest. One boot, many calls, each with options of its own.
#   rig_boot             in setup_file; rig_end in teardown_file
#   rig_modem TTY        what the guest has for a modem from now on
#   rig_secret USER SECRET
#   rig_dial NUMBER OPTION...   pppd has chat call by the modem
#   rig_answer OPTION...        it waits there until it rings
#   rig_rejoin OPTION...        it goes on with the call of one that was killed
#   rig_call OPTION...   pppd waits on a bare line (it lets the other side speak first): a unix socket, $LINE
#   rig_log              what pppd and the guest said since then; "@up local= remote= mtu=", "@exit N"
#   rig_hangup           no pppd is left, and no line
# Needs: user-mode-linux, ppp, socat, busybox-static.

rig_paths() { RIG=$BATS_FILE_TMPDIR/rig LINE=$RIG/line; }

# One attempt. The descriptors are opened for reading and writing, so that no side sees an end. ttyS1
# is opened here whenever a program of the guest opens it there.
rig_start() {
	local memory=/tmp
	[ -w /dev/shm ] && memory=/dev/shm
	rm -rf "$RIG" && mkdir -p "$RIG" && mkfifo "$RIG/in" "$RIG/out" "$RIG/control" "$RIG/events"
	exec 20<>"$RIG/in" 21<>"$RIG/out" 22<>"$RIG/control" 23<>"$RIG/events"
	cat <"$RIG/events" >"$RIG/log" 3>&- 20>&- 21>&- 22>&- 23>&- &
	echo $! >"$RIG/reader.pid"
	TMPDIR=$memory setsid linux.uml mem=64M root=/dev/root rootfstype=hostfs rootflags=/ ro \
		init="$SP_TOP/tests/rig/pppd-init" quiet noreboot panic=-1 uml_dir="$RIG/uml" umid=rig \
		con0=null,fd:1 con1=fd:22,fd:23 con=null ssl0=fd:20,fd:21 ssl1="tty:$RIG/modem" ssl=null \
		</dev/null >"$RIG/console" 2>&1 3>&- &
	echo $! >"$RIG/guest.pid"
	exec 20>&- 21>&- 22>&- 23>&-
	until_true 15 grep -aq '^@ready' "$RIG/log"
}

rig_boot() {
	rig_paths
	rig_start && return
	echo "# the guest's boot stalled, once more: $(tail -c 300 "$RIG/console" | tr -c '[:print:]' ' ')" >&3
	rig_end
	rig_start
}

rig_end() {
	rig_paths
	local guest reader
	guest=$(cat "$RIG/guest.pid") reader=$(cat "$RIG/reader.pid")
	rig_hangup_line
	[ -p "$RIG/control" ] && echo halt 1<>"$RIG/control"
	until_gone "$guest" || :
	kill -KILL -- "-$guest" 2>/dev/null || : # the group that setsid made for it
	kill "$reader" 2>/dev/null || :
}

rig_say() { echo "$*" 1<>"$RIG/control"; }
rig_secret() { rig_say secret "$1" "$2"; }
rig_log() { tail -c "+$(cat "$RIG/mark")" "$RIG/log" | tr -d '\r'; }
rig_said() { rig_log | grep -aqE -- "$1"; }
rig_mark() { echo $(($(stat -c %s "$RIG/log") + 1)) >"$RIG/mark"; }
# A tty that is hung up signals nothing, and the guest looks at its descriptors when it gets SIGIO.
rig_look() { kill -IO "$(cat "$RIG/guest.pid")"; rig_said "$1"; }
rig_waits() { until_true "${2:-10}" rig_look "$1" || { rig_log >&2; return 1; }; } # PATTERN [SECONDS]

# The driver in the guest tells the pty nothing of the settings of its tty: with CLOCAL off it is hung up
# when the carrier falls, as pppd wants to have it, and with the rate 0 there is no DTR.
rig_modem() { ln -sfn "$1" "$RIG/modem"; }
rig_dial() { rig_by_modem dial "$@"; }
rig_answer() { rig_by_modem answer "$@" && rig_waits '^@waits'; }
rig_rejoin() { rig_mark; rig_say rejoin "$@"; }
rig_by_modem() {
	stty -F "$RIG/modem" 115200 -clocal
	rig_mark
	rig_say "$@"
}
rig_drops_dtr() { stty -F "$RIG/modem" 0 2>/dev/null || :; } # stty takes 0 for a failure

rig_call() {
	dd if="$RIG/out" of=/dev/null iflag=nonblock bs=64k status=none 2>/dev/null || : # nothing of the last call
	rig_mark
	rig_say call "$@"
	rig_waits 'Connect: ppp'
	rm -f "$LINE"
	timeout 120 socat "UNIX-LISTEN:$LINE,unlink-close=0" "OPEN:$RIG/out,rdonly!!OPEN:$RIG/in,wronly" 3>&- </dev/null &
	echo $! >"$RIG/line.pid"
	until_true 5 test -S "$LINE"
}

rig_hangup_line() {
	[ -e "$RIG/line.pid" ] || return 0
	kill "$(cat "$RIG/line.pid")" 2>/dev/null || :
	rm -f "$RIG/line.pid"
}

rig_hangup() {
	rig_hangup_line
	rig_said '^@exit' || rig_say kill
	rig_waits '^@exit'
}
