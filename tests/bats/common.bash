# common.bash - what every bats file loads: a folder of its own, servers that are waited for by
# their ready= record, and an end that stops what was started, by process id.
bats_require_minimum_version 1.5.0

: "${SP_TOP:=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}"
: "${BUILD:=$SP_TOP/build}"
case $BUILD in /*) ;; *) BUILD=$SP_TOP/$BUILD ;; esac
export SP_TOP BUILD PATH="$BUILD/bin:$PATH" SP_CONFIG=/dev/null
DATA=$SP_TOP/tests/data

setup() {
	set +T # bats looks at each command of the test, not at each of what it calls: that takes longer than most commands do
	trap 'failed_at "${BASH_SOURCE[0]}" "$LINENO"' ERR
	T=$(mktemp -d "${BATS_TMPDIR:-/tmp}/sp.XXXXXX")
	PIDS=()
	cd "$T" || return 1
	export XDG_RUNTIME_DIR=$T
	if declare -F setup_more >/dev/null; then setup_more; fi
}

teardown() {
	if declare -F teardown_more >/dev/null; then teardown_more; fi
	local p
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${PIDS[@]}"; do until_gone "$p" || kill -9 "$p" 2>/dev/null; done
	cd / && until_true 5 rm -rf "$T" # what those had started may write its last words
}

# ERR's trap. A command of the test itself is known to bats; of one in what the test calls, its line of the test is, and
# what failed where is said here. One command in that trap: bats takes the last but one for what failed.
failed_at() { # SOURCE LINE
	local status=$? file=${1/#$BATS_TEST_SOURCE/$BATS_TEST_FILENAME}
	[ "${FUNCNAME[1]}" != "$BATS_TEST_NAME" ] || return 0
	echo "${file##*/}, line $2: $BASH_COMMAND" >&2
	(exit $status) || bats_error_trap
}

# once FUNCTION: the files that it makes in its folder are made for the first test of a bats file, and copied for the
# others: stores, keys, certificates. It starts nothing.
once() {
	local made=$BATS_FILE_TMPDIR/$1
	if [ ! -e "$made" ]; then
		mkdir "$made.new"
		(cd "$made.new"; "$1")
		mv "$made.new" "$made"
	fi
	cp -a "$made/." .
}

# rest [MS]: a short one between two looks at something; bounded loops only. Nothing comes out of that pipe.
exec {NOTHING}<> <(:)
rest() {
	local s
	printf -v s %d.%03d $((${1:-20} / 1000)) $((${1:-20} % 1000))
	read -rt "$s" -u "$NOTHING" || :
}

# gives TEXT COMMAND...: that is what it says. has_lines N FILE. For until_true, which would have "$(...)" once.
gives() { local text=$1; shift; [ "$("$@")" = "$text" ]; }
has_lines() { [ "$(wc -l <"$2")" = "$1" ]; }

# never COMMAND: fails when it succeeds. A line that begins with `!` could not fail: errexit ignores it.
never() { if "$@"; then echo "succeeded: $*" >&2; return 1; fi; }

# until_true SECONDS COMMAND...: looks again and again until it succeeds. Fails after SECONDS. grep has its looks when
# a file has changed; others rest as long as a look takes, twice: looking takes processors, too.
until_true() {
	local seconds=$1 end=$((SECONDS + $1)) began took; shift
	if [ "$1" = grep ]; then
		"$BUILD/tests/tool/await" "$seconds" "$@" >/dev/null && return 0
	else
		while began=${EPOCHREALTIME/./}; [ $SECONDS -le $end ]; do
			"$@" >/dev/null 2>&1 && return 0
			took=$((${EPOCHREALTIME/./} - began))
			[ $took -le 50000 ] || took=50000
			rest "$(((2 * took + 20000) / 1000))"
		done
		"$@" >/dev/null 2>&1 && return 0
	fi
	echo "until_true: gave up: $*" >&2
	return 1
}

# within MS COMMAND...: at one of ten tries it takes less. A busy machine is slow now and then, a wait
# that is built in is there each time. TOOK is what the last try took.
within() {
	local ms=$1 from try; shift
	for try in {1..10}; do
		from=${EPOCHREALTIME/./}
		"$@"
		TOOK=$(((${EPOCHREALTIME/./} - from) / 1000))
		if [ $TOOK -lt "$ms" ]; then return 0; fi
	done
	echo "within: $TOOK ms, and never less than $ms: $*" >&2
	return 1
}

# logged_after FROM LOG PATTERN: milliseconds from then (milliseconds, EPOCHREALTIME's) to what LOG has of it.
logged_after() {
	local at
	at=$(grep -m 1 "$3" "$2" | field time | grep .)
	echo $(($(date -d "$at" +%s%3N) - $1))
}
now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

gone() { ! kill -0 "$1" 2>/dev/null; }
# One that does not go is shown: what it is, what it waits for.
until_gone() { until_true 5 gone "$1" || { ps -o pid,ppid,stat,wchan:24,etimes,args -p "$1" >&2; cat "/proc/$1/stack" >&2; return 1; }; }

# server NAME COMMAND...: starts it, output in NAME.out and NAME.err, waits for its ready= record.
# Sets SERVER_PID, PORT and ADDRESS.
server() {
	local name=$1; shift
	: >"$name.out" # not the ready= of one of that name before
	"$@" >"$name.out" 2>"$name.err" 3>&- &
	SERVER_PID=$!
	PIDS+=("$SERVER_PID")
	until_true 30 is_ready "$name.out" || { cat "$name.out" "$name.err" >&2; return 1; }
}
is_ready() {
	local line ready=1
	PORT='' ADDRESS=''
	while read -r line; do
		[[ $line != ready=* ]] || ready=0
		[[ $PORT || ! $line =~ $'\t'port=([^$'\t']*) ]] || PORT=${BASH_REMATCH[1]}
		[[ $ADDRESS || ! $line =~ $'\t'address=([^$'\t']*) ]] || ADDRESS=${BASH_REMATCH[1]}
	done <"$1"
	return $ready
}

# lines_of N COMMAND...: the first N lines that it says to what stands on standard input (under 64 KB). Its own input
# stays open until then, or until it ends by itself; then it is stopped.
lines_of() {
	local n=$1 in=$T/lines.$BASHPID.$RANDOM hold from pid; shift
	mkfifo "$in"
	exec {hold}<>"$in"
	cat >&"$hold"
	exec {from}< <(exec "$@" <"$in" {hold}>&- 3>&-)
	pid=$!
	head -n "$n" <&"$from"
	kill "$pid" 2>/dev/null || :
	exec {hold}>&- {from}<&-
	rm "$in"
}

# field KEY <records: the raw value of KEY in each record that has it.
field() {
	local line LC_ALL=C
	while IFS= read -r line || [ -n "$line" ]; do
		if [[ $'\t'$line =~ $'\t'"$1"=([^$'\t']*) ]]; then printf '%s\n' "${BASH_REMATCH[1]}"; fi
	done
}

# rec KEY=VALUE...: one record line.
rec() { local IFS=$'\t'; printf '%s\n' "$*"; }

# The behaviours every plain filter owes (sp-record(5)): filter_owes INPUT-LINE COMMAND...
# A good record comes out the same when fed one byte at a time; a malformed one is refused with its
# line, and so is one over 64 KiB, /dev/full gives 8; closed or empty stdin gives 1; a reader that went is no error text.
filter_owes() {
	local line=$1 want; shift
	want=$(printf '%s\n' "$line" | "$@") || return 1
	[ "$(printf '%s\n' "$line" | dd bs=1 status=none | "$@")" = "$want" ] || { echo "one byte at a time differs"; return 1; }
	run --separate-stderr "$@" <<<"no-equals-sign"
	[ "$status" = 7 ] && [[ $stderr == *"stdin"*"1"* ]] || { echo "malformed: $status $stderr"; return 1; }
	run --separate-stderr bash -c '{ printf "long=%066000d\n" 0; printf "%s\n" "$0"; } | "$@"' "$line" "$@"
	[ "$status" = 7 ] && [[ -z $output || $output = "$want" ]] && [[ $stderr == *"stdin: line 1: line over 64 KiB"* ]] || { echo "64 KiB: $status ${stderr:0:500}"; return 1; }
	run --separate-stderr bash -c 'printf "%s\n" "$0" | "$@" >/dev/full' "$line" "$@"
	[ "$status" = 8 ] || { echo "/dev/full: $status $stderr"; return 1; }
	run --separate-stderr "$@" </dev/null
	[ "$status" = 1 ] && [ -z "$output" ] || { echo "no input: $status $output"; return 1; }
	run --separate-stderr bash -c '"$@" <&-' - "$@"
	[ "$status" = 1 ] || [ "$status" = 8 ] || { echo "closed stdin: $status"; return 1; }
	run --separate-stderr bash -c 'set -o pipefail; yes "$0" | head -n 20000 | "$@" | head -n 1' "$line" "$@"
	[ -z "$stderr" ] || { echo "reader gone: $stderr"; return 1; }
}
