# completions: what bash offers is what the programs say they take.
load common

# offers WORD...: the last word is being completed; prints what is offered.
offers() {
	bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sp_complete "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"; printf "%s\n" "${COMPREPLY[@]}"' \
		"$SP_TOP/share/completions/sp.bash" "$@" | sort | paste -sd ' '
}

@test "every program is there, and its options are offered" {
	for p in "$BUILD"/bin/*; do
		name=$(basename "$p")
		[ -x "$p" ] || continue
		grep -A3 '^complete' "$SP_TOP/share/completions/sp.bash" | tr -s '[:space:]' '\n' | grep -qx "$name" ||
			{ echo "$name is not completed"; return 1; }
		[ "$(offers "$name" --hel)" = --help ] || { echo "$name does not offer --help"; return 1; }
		[ "$(offers "$name" --vers)" = --version ]
	done
}

@test "options, their arguments, commands and files" {
	touch file1 file2
	[ "$(offers sp-record --)" = "--empty-ok --help --json --log --timeout --version" ]
	[ "$(offers sp-record --log fi)" = "file1 file2" ]
	[ "$(offers sp-record --timeout fi)" = "" ]
	[ "$(offers sp-record wh)" = where ]
	[ "$(offers sp-record where a=1 -- fi)" = "file1 file2" ]
	[ "$(offers sp-monitor --inside-pool fi)" = "" ]
	[ "$(offers sp '')" = "connect file1 file2 lab run" ]
	[ "$(offers sp connect --red)" = --redial ]
	[ "$(offers sp lab '')" = "down exec file1 file2 left run shell up" ]
	[ "$(offers sp lab up --permit)" = --permit-life ]
}
