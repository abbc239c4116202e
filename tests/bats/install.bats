# install: everything gets to its place, and runs from there.
load common

# The tree as a packager has it: built for one prefix, which no machine has yet, and put below DESTDIR.
setup_file() {
	make -s -C "$SP_TOP" install -o all BUILD="$BUILD" DESTDIR="$BATS_FILE_TMPDIR" PREFIX=/opt/sp
	export TOP=$BATS_FILE_TMPDIR/opt/sp
}

@test "make install below DESTDIR: programs, pages, modules, data, nothing that others can write" {
	for f in "$SP_TOP"/bin/*.c; do [ -x "$TOP/bin/$(basename "$f" .c)" ]; done
	for f in "$SP_TOP"/man/*.[1-8]; do [ -r "$TOP/share/man/man${f##*.}/$(basename "$f")" ]; done
	for f in "$SP_TOP"/recipes/*.lua; do [ -r "$TOP/lib/sp/recipes/$(basename "$f")" ]; done
	[ -r "$TOP/lib/sp/lua/sp/main.lua" ]
	[ -r "$TOP/share/sp/mibs/SP-MIB.txt" ]
	[ -r "$TOP/share/sp/profiles/sp-nas.profile" ]
	[ -z "$(find "$TOP" -type f -perm /022)" ]
}

@test "it runs from there, wherever that is: sp finds its recipes and modules, bash the completions" {
	local alone=(env -i PATH=/usr/bin:/bin "$TOP/bin/sp")
	[ "$(env -i "$TOP/bin/sp-record" where a=1 <<<"$(rec a=1)")" = a=1 ]
	run -0 "${alone[@]}" connect --help
	[[ $output == *"--serial"* ]]
	echo 'require("sp").put(require("sp").record { { "path", package.path } })' >own.lua
	[ "$("${alone[@]}" run own.lua)" = "path=$TOP/lib/sp/lua/?.lua;$TOP/lib/sp/lua/?/init.lua" ]
	bash -c '. "$0"; complete -p sp-record' "$TOP/share/bash-completion/completions/sp-record"
	mandoc "$TOP/share/man/man1/sp.1" | grep -q 'sp connect'
}
