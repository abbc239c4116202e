# install: everything gets to its place, and runs from there.
load common

@test "make install into a folder: programs, pages, modules, data; and a program runs from there" {
	DESTDIR=$T/dest PREFIX=/opt/sp BUILD=$BUILD run -0 "$SP_TOP/share/install"
	top=$T/dest/opt/sp
	for f in "$SP_TOP"/bin/*.c; do [ -x "$top/bin/$(basename "$f" .c)" ]; done
	for f in "$SP_TOP"/man/*.[1-8]; do [ -r "$top/share/man/man${f##*.}/$(basename "$f")" ]; done
	for f in "$SP_TOP"/recipes/*.lua; do [ -r "$top/lib/sp/recipes/$(basename "$f")" ]; done
	[ -r "$top/lib/sp/lua/sp/main.lua" ]
	[ -r "$top/share/sp/mibs/SP-MIB.txt" ]
	[ -r "$top/share/sp/profiles/sp-nas.profile" ]
	[ -r "$top/share/bash-completion/completions/sp-record" ]
	[ "$(env -i "$top/bin/sp-record" where a=1 <<<"$(rec a=1)")" = a=1 ]
	run -0 env -i SP_LUA="$top/lib/sp" "$top/bin/sp" --version
	[ -z "$(find "$top" -type f -perm /022)" ]
}
