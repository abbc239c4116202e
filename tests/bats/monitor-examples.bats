#!/usr/bin/env bats
# The EXAMPLES of sp-search(1), sp-alloc(1), sp-addr(1) and sp-state(1), as they stand there, at the
# workstation of a laboratory.
load lab

# shown PAGE: they print what the page says that they print, which is the rest of its blocks.
shown() {
	{ echo 'set -m'; "$SP_TOP/tests/rig/examples" "$SP_TOP/man/$1"; echo 'wait'; } >script
	awk '/^\.Sh / { on = /EXAMPLES/ } !on { next } /^\.Bd/ { block = 1; next } /^\.Ed/ { block = 0; next }
		!block { next } /^\$ / || more { more = /[\\|]$/; next } /^[a-zA-Z0-9_-]+[= ]/ { print }' \
		"$SP_TOP/man/$1" | grep -v '^sp-trapd' >wanted
	run --separate-stderr ws bash -c "cd '$T' && exec bash script 2>&1"
	[ -s wanted ] && diff -u wanted <(printf '%s\n' "$output")
	nothing_left
}

@test "sp-search" { shown sp-search.1; }
@test "sp-alloc" { shown sp-alloc.1; }
@test "sp-addr" { shown sp-addr.1; }
@test "sp-state" { shown sp-state.1; }
