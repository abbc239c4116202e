# examples: every block of the man pages' EXAMPLES does what the page shows, sp-source(7).
load lab

# alone, or in a laboratory, at the party that is named.
in_alone() { (cd files && timeout 60 bash "$1" </dev/null); }
in_party() { at "$2" bash -c 'cd "$0" && exec timeout 60 bash "$1"' "$PWD/files" "$1" </dev/null; }
# In the source tree, but with a loopback and a /tmp of its own.
in_tree() {
	sed "s|/tmp/|$PWD/files/|g" "$1" >tree
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS unshare --net sh -c 'ip link set lo up; cd "$0" && exec timeout 300 bash "$1"' "$SP_TOP" "$PWD/tree" </dev/null
}
# Typed into a shell, byte by byte so that sp lab shell gets its part, on a machine with processes,
# a /run and a network of its own. What is left there is said.
in_machine() {
	(cd files && cat "$1" | SHELL=/bin/bash unshare --mount --net --pid --fork --kill-child --mount-proc sh -c 'mount -t tmpfs tmpfs /run
		ip link set lo up; timeout 60 bash; ls -d /run/sp-lab /run/netns/* 2>/dev/null; ps -eo args= | grep "^sp"; true')
}

# page PATH: each of its scripts prints what is wanted, standard error included.
page() {
	local s setting n
	"$SP_TOP/tests/rig/examples" "$1" files
	for s in files/*.script; do
		setting=$(cat "${s%.script}.setting")
		case $setting in
		alone | tree | machine) n=in_$setting ;;
		*) n=in_party ;;
		esac
		# Job control, so that kill %1 ends a whole pipeline; not where an example opens terminals.
		{ [ "$setting" = machine ] || [ "$setting" = alone ] || echo 'set -m'; cat "$s"; echo wait; } >script
		"$n" "$T/script" "$setting" >got 2>&1 || echo "exit $?" >>got
		# What the shell says of jobs that were ended, it says or not.
		sed -i -E '/^(\[[0-9]+\][-+ ]*|.*: line [0-9]+: +[0-9]+ )(Terminated|Done|Exit) /d' got
		diff -uZ "${s%.script}.wanted" got || { echo "$1: the example above differs"; return 1; }
	done
}

@test "sp" { page "$SP_TOP/man/sp.1"; }
@test "sp(7)" { page "$SP_TOP/man/sp.7"; }
@test "sp-addr" { page "$SP_TOP/man/sp-addr.1"; }
@test "sp-alloc" { page "$SP_TOP/man/sp-alloc.1"; }
@test "sp-answer" { page "$SP_TOP/man/sp-answer.8"; }
@test "sp-auth" { page "$SP_TOP/man/sp-auth.1"; }
@test "sp-back" { page "$SP_TOP/man/sp-back.8"; }
@test "sp-ca" { page "$SP_TOP/man/sp-ca.1"; }
@test "sp-db" { page "$SP_TOP/man/sp-db.1"; }
@test "sp-dial" { page "$SP_TOP/man/sp-dial.1"; }
@test "sp-gate" { page "$SP_TOP/man/sp-gate.8"; }
@test "sp-line" { page "$SP_TOP/man/sp-line.7"; }
@test "sp-login" { page "$SP_TOP/man/sp-login.1"; }
@test "sp-may" { page "$SP_TOP/man/sp-may.1"; }
@test "sp-monitor" { page "$SP_TOP/man/sp-monitor.8"; }
@test "sp-nas" { page "$SP_TOP/man/sp-nas.8"; }
@test "sp-permit" { page "$SP_TOP/man/sp-permit.5"; }
@test "sp-pipe" { page "$SP_TOP/man/sp-pipe.1"; }
@test "sp-profile" { page "$SP_TOP/man/sp-profile.5"; }
@test "sp-pstn" { page "$SP_TOP/man/sp-pstn.8"; }
@test "sp-ras" { page "$SP_TOP/man/sp-ras.8"; }
@test "sp-recipe" { page "$SP_TOP/man/sp-recipe.5"; }
@test "sp-record" { page "$SP_TOP/man/sp-record.1"; }
@test "sp-route" { page "$SP_TOP/man/sp-route.1"; }
@test "sp-search" { page "$SP_TOP/man/sp-search.1"; }
@test "sp-security" { page "$SP_TOP/man/sp-security.7"; }
@test "sp-state" { page "$SP_TOP/man/sp-state.1"; }
@test "sp-ticket" { page "$SP_TOP/man/sp-ticket.1"; }
@test "sp-tls" { page "$SP_TOP/man/sp-tls.1"; }
@test "sp-trap" { page "$SP_TOP/man/sp-trap.1"; }
@test "sp-trapd" { page "$SP_TOP/man/sp-trapd.8"; }

@test "every page with EXAMPLES is above" {
	for p in $(cd "$SP_TOP/man" && grep -l '^\.Sh EXAMPLES' ./*.[1-8]); do
		grep -qF "/man/${p#./}\"" "$BATS_TEST_FILENAME" || { echo "$p"; false; }
	done
}

@test "an example that is wrong, or not run, is found" {
	printf '.Sh EXAMPLES\n.\\" run\n.Bd -literal\n$ echo one\ntwo\n.Ed\n' >wrong.1
	run -1 page wrong.1
	[[ $output == *"-two"*"+one"* ]]
	printf '.Sh EXAMPLES\n.Bd -literal\n$ true\n.Ed\n' >unmarked.1
	run -1 "$SP_TOP/tests/rig/examples" unmarked.1 other
	printf '.Sh EXAMPLES\n.Dl true\n' >line.1
	run -1 "$SP_TOP/tests/rig/examples" line.1 other
}
