# ras.bash - calls to sp-ras over a unix socket, each in a network namespace of the test's own.
# The line is on descriptor 3, as sp-answer gives it.

setup_more() {
	NS=ras$$-$BATS_TEST_NUMBER
	ip netns add "$NS"
	ip netns add "$NS-c"
	printf 'sesame\n' >secret && printf 'wrong\n' >wrong && chmod 600 secret wrong
	cat >ras <<'EOS'
#!/bin/bash
# one call: ras OPTION...; its output, exit status and process id are left in files
sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --secret-file secret --log log "$@" >out 2>err &
echo $! >pid
trap : TERM # socat's, soon after the line went: the status is still to be told
wait $!; rc=$?
[ $rc != 143 ] || { wait $!; rc=$?; }
echo $rc >status
EOS
	chmod +x ras
}

teardown_more() {
	ip netns del "$NS"
	ip netns del "$NS-c"
}

# answer COMMAND...: takes one call on ./line with it. Default: ./ras. The socat of the call before, which may
# still be ending, does not remove the name.
answer() {
	[ $# -gt 0 ] || set -- ./ras
	ip netns exec "$NS" socat UNIX-LISTEN:line,unlink-close=0 "EXEC:'$*',fdin=3,fdout=3" 2>socat.err 3>&- &
	PIDS+=($!)
	until_true 5 test -S line
}

# dial OPTION...: calls ./line in the background, events in ./call; CALLER is its process.
dial() {
	ip netns exec "$NS-c" "$BUILD/tests/tool/ppp-call" --line unix:line --secret-file secret "$@" >call 2>call.err 3>&- &
	CALLER=$!
	PIDS+=("$CALLER")
}

up() { until_true 5 grep -q event=up call && until_true 5 grep -q state=up out; }
ended() { until_true "${1:-9}" test -s status; }
no_tun() { ! ip -n "$NS" -o link show type tun | grep -q .; }
steps() { field step <log | tr '\n' ' '; }
refute() { ! "$@"; } # a bare "!" would not fail the test
status_is() { [ "$(cat status)" = "$1" ] || { echo "status $(cat status), not $1"; return 1; }; }
