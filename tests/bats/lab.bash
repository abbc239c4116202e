# lab.bash - for bats files that need the laboratory: one per file, begun by setup_file with the options in LAB_UP.
load "$(dirname "${BASH_SOURCE[0]}")/common" # also for those of tests/matrix
LAB_UP=()

setup_file() {
	LAB=$(mktemp -d "${BATS_TMPDIR:-/tmp}/spl.XXXXXX")/lab
	export LAB SP_CONFIG=/dev/null
	sp lab up --dir "$LAB" "${LAB_UP[@]}" >/dev/null
}

teardown_file() {
	sp lab down --dir "$LAB"
	rmdir "${LAB%/lab}"
}

teardown_more() { # the session of a failed test ends before the next one begins
	local p
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null || :; done
	nothing_left || { echo "left behind:" >&2; sp lab left --dir "$LAB" >&2; return 1; }
}

at() { local party=$1; shift; sp lab exec --dir "$LAB" "$party" -- "$@"; }
ws() { at ws "$@"; }
secret() { printf '%s' "$LAB/password/$1"; }

# connect USER ARGUMENT...: sp connect at the workstation, in the foreground.
connect() { local user=$1; shift; ws sp connect --user "$user" --password-file "$(secret "$user")" "$@"; }

# session NAME COMMAND...: starts something that holds a session at the workstation, waits until its
# record is in NAME.rec. The reader of its output is $READER, its own id $SESSION_PID.
session() {
	session_begin "$@"
	until_true 20 grep -q 'state=ready' "$1.rec" || { cat "$1.rec" "$1.err" >&2; return 1; }
}
session_begin() {
	local name=$1; shift
	mkfifo "$name.fifo"
	cat "$name.fifo" >"$name.rec" 3>&- &
	READER=$!
	PIDS+=("$READER")
	ws "$@" >"$name.fifo" 2>"$name.err" 3>&- &
	SESSION_PID=$!
	PIDS+=("$SESSION_PID")
}

no_left() { sp lab left --dir "$LAB" >/dev/null; }
nothing_left() { until_true 15 no_left; }

# refused STATUS STEP TEXT COMMAND...: it fails with that status, its last record has that step and a
# detail with TEXT in it, and nothing is left.
refused() {
	local want=$1 step=$2 text=$3; shift 3
	run --separate-stderr "$@"
	[ "$status" = "$want" ] || { echo "status $status: $output $stderr"; return 1; }
	[ "$(field step <<<"$output" | tail -n 1)" = "$step" ] || { echo "step: $output"; return 1; }
	[[ $(field detail <<<"$output") == *"$text"* ]] || { echo "detail: $output"; return 1; }
	[[ $stderr == *"step $step"* ]] || { echo "standard error: $stderr"; return 1; }
	nothing_left
}

# pids COMMAND PARTY: the processes of that name in a party's network.
pids() {
	local p
	for p in $(ip netns pids "$(prefix)-$2"); do
		[ "$(cat "/proc/$p/comm" 2>/dev/null)" != "$1" ] || echo "$(sed 's/.*) //' "/proc/$p/stat" | cut -d ' ' -f 20) $p"
	done | sort -n | cut -d ' ' -f 2
}
prefix() { field prefix <"$LAB/made" | head -n 1; }
