# sp lab: built, used, taken down whatever happens; the demo's record.
load common

namespaces() { ip netns list | grep -o "^$1-[a-z0-9]*" || :; }
prefix() { field prefix <"$1/made" | head -n 1; }
down_is_clean() { # PREFIX FOLDER
	[ -z "$(namespaces "$1")" ] || { ip netns list >&2; return 1; }
	[ ! -e "$2" ] || { find "$2" >&2; return 1; }
}

demo() {
	run --separate-stderr "$SP_TOP/tests/demo" "$T/demo"
	[ "$status" = 0 ] || { echo "$output" "$stderr" >&2; false; }
	last=$(tail -n 1 <<<"$output")
	[ "$(field result <<<"$last")" = ok ]
	[ "$(field steps <<<"$last")" = 44 ]
	[ "$(field sessions <<<"$last")" = 2 ]
	[ "$(field redials <<<"$last")" = 1 ]
	[ "$(field modem_ms <<<"$last")" -ge 500 ] # training
	[ "$(field attacks <<<"$last")" = 31 ]
	[ "$(grep -c '^  .*: exit 4, step 3[0-4][0-9]: .* (.*[.]log)$' <<<"$output")" = 25 ] # the others' programs are not ours
	[ "$(field left <<<"$last")" = 0 ]
	for said in 'wrong code: exit 4, step 305' 'wrong group password: exit 4, step 305' 'step 313: the ticket is not accepted: T-1000' 'deny, by outside-window user=erin' \
		'allow, by group=cleared .*ports=' 'RADIUS: asked [1-9].* over TLS, .* and [1-9].* by UDP' ':8080/ .*: shut, as the permit has ports=tcp/80:both'; do
		grep -q "$said" <<<"$output"
	done
	[ ! -e "$T/demo" ]
}

@test "the demo: every step, two sessions at once, every attacker refused, nothing left" {
	demo
}

@test "where there is no /dev/net/tun: said, and 8" {
	run --separate-stderr unshare --mount sh -c 'mount -t tmpfs none /dev/net && "$1" "$2"' - "$SP_TOP/tests/demo" "$T/demo"
	[ "$status" = 8 ]
	[[ $stderr == *"/dev/net/tun"* ]]
	[ ! -e "$T/demo" ]
}

@test "where there are no namespaces: said, and 8" {
	run --separate-stderr setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin sp lab up --dir "$T/lab"
	[ "$status" = 8 ]
	[[ $stderr == *"namespaces"* ]]
	[ ! -e "$T/lab" ]
}

@test "two laboratories side by side, each taken down for itself" {
	sp lab up --dir "$T/a" >a.rec
	sp lab up --dir "$T/b" >b.rec
	[ "$(field ready <a.rec)" = lab ]
	a=$(prefix "$T/a") b=$(prefix "$T/b")
	run sp lab exec --dir "$T/b" ws -- ip -br addr show dev vendor
	[[ $output == *10.50.0.5/24* ]]
	sp lab down --dir "$T/a"
	down_is_clean "$a" "$T/a"
	run -0 sp lab left --dir "$T/b"
	[ -z "$output" ]
	sp lab down --dir "$T/b"
	down_is_clean "$b" "$T/b"
}

@test "a folder that is there, or is no laboratory, is refused" {
	run --separate-stderr sp lab up --dir "$T"
	[ "$status" = 8 ]
	run --separate-stderr sp lab down --dir "$T"
	[ "$status" = 8 ]
	[ "$stderr" = "sp: there is no laboratory in $T: \`sp lab up\` makes one" ]
	[ -d "$T" ]
}

@test "exec gives the command's status" {
	sp lab up --dir "$T/lab" >out
	run sp lab exec --dir "$T/lab" nas -- sh -c 'exit 7'
	[ "$status" = 7 ]
	sp lab down --dir "$T/lab"
}

@test "a RADIUS server that does not end when it is told to is ended by who runs it" {
	mkdir bin; printf '#!/bin/sh\ntrap "" TERM\necho "Ready to process" >"$3"\nexec sleep 600\n' >bin/freeradius; chmod +x bin/freeradius
	PATH=$T/bin:$PATH sp lab up --dir "$T/lab" >out
	p=$(prefix "$T/lab")
	run -0 sp run "$SP_TOP/tests/lua/down.lua" "$T/lab"
	[ "$output" = 0 ]
	down_is_clean "$p" "$T/lab"
}

@test "run: a signal takes everything down" {
	sp lab run --dir "$T/lab" >out 2>err 3>&- &
	PIDS+=($!)
	until_true 20 grep -q '^ready=lab' out
	p=$(prefix "$T/lab")
	kill -INT "${PIDS[0]}"
	status=0; wait "${PIDS[0]}" || status=$?
	[ "$status" = 130 ]
	down_is_clean "$p" "$T/lab"
}

@test "a party that cannot start: said, and nothing is left" {
	mkdir bin; printf '#!/bin/sh\necho "no server today" >&2\nexit 1\n' >bin/freeradius; chmod +x bin/freeradius
	PATH=$T/bin:$PATH run --separate-stderr sp lab up --dir "$T/lab"
	[ "$status" = 8 ]
	[[ $stderr == *"aaa is not ready"*"no server today"* ]]
	[ ! -e "$T/lab" ]
}

@test "killed with -9, also half way up: down cleans" {
	for moment in 'netns' 'party=aaa' 'ready'; do
		sp lab run --dir "$T/lab" >out 2>err 3>&- &
		pid=$!
		PIDS+=("$pid")
		until_true 20 grep -qs "$moment" "$T/lab/made" out
		kill -9 "$pid"
		until_gone "$pid" || wait "$pid" || :
		p=$(prefix "$T/lab")
		sp lab down --dir "$T/lab"
		down_is_clean "$p" "$T/lab"
		: >out
	done
}
