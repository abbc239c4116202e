# radius.bash - a real FreeRADIUS with a real slapd behind it, one for all tests of a file: to begin takes seconds of a
# processor. Its folder is ./r; its logs begin anew with each test. Loaded beside common. A file's prepare, where it
# has one, puts into ./r what is to be there before: certificates, code.command.
# shellcheck disable=SC2034
setup_file() { radius_up; }
teardown_file() { radius_down; }

radius_up() { # [COMMAND...]: which puts the one after it into another network
	cd "$BATS_FILE_TMPDIR"
	mkdir r
	if declare -F prepare >/dev/null; then prepare; fi
	server radius "$@" "$SP_TOP/tests/rig/radius" "$BATS_FILE_TMPDIR/r" || return
	export RADIUS_PID=$SERVER_PID
}
radius_down() {
	kill "$RADIUS_PID"
	until_gone "$RADIUS_PID"
}

# In a test's setup: PORT and ACCT_PORT of 127.0.0.1, the secret is in r/radius.secret.
radius() {
	ln -s "$BATS_FILE_TMPDIR/r" r
	ln -sfn "$T" "$BATS_FILE_TMPDIR/test"
	local f
	for f in radius.log slapd.log detail; do [ ! -e r/$f ] || : >r/$f; done
	PORT=$(field port <"$BATS_FILE_TMPDIR/radius.out") ACCT_PORT=$(field acct_port <"$BATS_FILE_TMPDIR/radius.out")
}

# For prepare: passwords that are codes are checked by the security server at the test's unix:s.
asks_for_codes() {
	local test=$BATS_FILE_TMPDIR/test
	echo "$BUILD/bin/sp-auth --code --server unix:$test/s --log $test/code.log" >r/code.command
}
