#!/usr/bin/env bats
# A reader that is there and does not read: what is held is held on, and nothing is lost.
load common
load monitor

H=$BUILD/tests/tool/holder

# full NAME: a fifo of that name, open for reading as descriptor 8, that takes no more.
full() {
	mkfifo "$1"
	exec 8<>"$1"
	yes "$(printf '%04095d' 0)" | dd of="$1" bs=4096 iflag=fullblock oflag=nonblock count=4096 2>/dev/null || :
}
# comes PATTERN: the next line that is not of those that fill it, in `line`.
comes() {
	line=0
	while [[ $line == 0* ]]; do IFS= read -rt 10 -u 8 line || return 1; done
	[[ $line == $1 ]] || { echo "came: ${line:0:200}"; return 1; }
}
started() { [ "$(grep -c start trace)" = "$1" ]; }
# long N: a record of some N bytes.
long() { printf 'session=%d\tpad=%0*d\n' "$1" "$2" 0; }

@test "sp-alloc goes on renewing its lease" {
	monitor_store; monitor_keys; monitor --lease-seconds 1
	full out
	sp-alloc --monitor "unix:$T/m" <<<"$(rec system=A1 "token=$alice")" >out 2>err 8<&- & local pid=$!
	PIDS+=("$pid")
	until_of() { sp-db --db db dump leases | field until; }
	has_lease() { [ -n "$(until_of)" ]; }
	until_true 10 has_lease
	local first; first=$(until_of)
	later() { [[ $(until_of) > $(date -u -d "$first + 2 seconds" +%FT%TZ) ]]; }
	until_true 10 later
	comes "system=A1*lease=*hold=alloc"
	exec 8<&-
	wait "$pid"
	[ ! -s err ]
	[ -z "$(until_of)" ]
}

@test "all records are taken in meanwhile, and come out whole and in order" {
	full out
	for i in {1..60}; do long "$i" 5000; done >in
	"$H" --max 60 --trace trace <in >out 8<&- & local pid=$!
	PIDS+=("$pid")
	until_true 10 started 60
	for i in {1..60}; do comes "session=$i"$'\t'"pad=*0"$'\t'"held=test"$'\t'"hold=test"; done
	never grep -q stop trace
	exec 8<&-
	wait "$pid"
	[ "$(grep -c stop trace)" = 60 ]
}

@test "what would be too much is not taken in until the reader reads" {
	full out
	for i in {1..40}; do long "$i" 60000; done >in
	"$H" --max 40 --trace trace <in >out 8<&- & local pid=$!
	PIDS+=("$pid")
	until_true 10 started 18
	for i in {1..40}; do comes "session=$i"$'\t'*"hold=test"; done
	started 40
	exec 8<&-
	wait "$pid"
}

@test "what is lost, and a signal, undo it all the same" {
	full out
	"$H" --trace trace <<<session=1 >out 2>err 8<&- & local pid=$!
	PIDS+=("$pid")
	until_true 10 started 1
	kill -USR1 "$pid"
	until_true 10 grep -q stop trace
	kill -0 "$pid"
	comes "session=1"$'\t'"held=test"$'\t'"hold=test"
	comes "session=1*error=peer*"
	wait "$pid" || status=$?
	[ "$status" = 6 ]
	rm trace
	full again
	"$H" --trace trace <<<session=2 >again 2>err 8<&- & pid=$!
	PIDS+=("$pid")
	until_true 10 started 1
	kill "$pid"
	until_gone "$pid"
	grep -q stop trace
	exec 8<&-
}
