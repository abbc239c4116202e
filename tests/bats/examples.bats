# examples: the blocks of man pages that are marked .\" run do what the page shows, sp-source(7).
load common

# blocks PAGE: writes its marked blocks to b.1, b.2 ... as they are read by a person.
blocks() {
	rm -f b.*
	awk '/^\.\\" run$/ { marked = 1; next }
		/^\.Bd -literal/ { if (marked) { n++; inside = 1 } marked = 0; next }
		/^\.Ed/ { inside = 0; next }
		inside { gsub(/\\e/, "\\"); gsub(/\\&/, ""); gsub(/\\-/, "-"); print >("b." n) }' "$1"
}

# run_block FILE: commands are the lines after "$ ", with those that follow a line ending in | or \;
# all other lines are what they print, output and errors together.
run_block() {
	awk '/^\$ / || more { line = $0; if (!more) sub(/^\$ /, "", line); print line >"commands"; more = $0 ~ /[|\\]$/; next }
		{ print >"wanted" }' "$1"
	touch wanted
	bash ./commands >got 2>&1 </dev/null
	diff -u wanted got
}

@test "what the man pages show is what happens" {
	ran=0 failed=0
	for page in "$SP_TOP"/man/*.[1-8]; do
		cd "$T"
		blocks "$page"
		for b in b.*; do
			[ -e "$b" ] || continue
			mkdir "$T/run"
			mv "$b" run/block
			(cd run && run_block block) || { echo "${page##*/}: the example above differs"; failed=$((failed + 1)); }
			rm -rf "$T/run"
			ran=$((ran + 1))
		done
	done
	echo "$ran ran, $failed failed"
	[ "$failed" = 0 ] && [ "$ran" -ge 6 ]
}

@test "an example that is wrong is found" {
	printf '.\\" run\n.Bd -literal\n$ echo one\ntwo\n.Ed\n' >page
	blocks page
	run -1 run_block b.1
}
