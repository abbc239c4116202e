# sp.bash - completion in bash for every program of the project. What can be completed is read
# from the program itself: `TOOL --help` has a line for each option, with the name of its argument.
# Load it with `. sp.bash`, or install it (make install does).

# Of what a program says with --help. Its options, one a line: --name, or --name ARGUMENT.
_sp_options() { sed -nE 's/^  (-., |    )(--[a-z0-9-]+)( [A-Z][A-Z:=,./]*)? .*/\2\3/p'; }

# Its commands: those in the line `usage:`, as of sp-record, or those that have a line each, as of sp.
_sp_words() {
	sed -nE '1s/^usage: [a-z -]+ \[options\] ([a-z].*)/\1/p; s/^  ([a-z]+) .*  .*/\1/p' | tr '|' '\n' | sed -nE 's/^([a-z]+).*/\1/p' | sort -u
}

_sp_complete() {
	local cur=$2 prev=$3 first=1 help options argument
	case $1:${COMP_WORDS[1]} in
	sp:connect | sp:lab) first=2 help=$(sp "${COMP_WORDS[1]}" --help 2>/dev/null) ;;
	*) help=$("$1" --help 2>/dev/null) ;;
	esac
	options=$(_sp_options <<<"$help")
	COMPREPLY=()
	if [[ $prev == --* ]]; then
		argument=$(sed -n "s/^$prev \\(.*\\)/\\1/p" <<<"$options")
		case $argument in
		FILE | DIR | PATH) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
		?*) return ;;
		esac
	fi
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(sed 's/ .*//' <<<"$options")" -- "$cur")
	else
		[[ $COMP_CWORD = "$first" ]] && mapfile -t COMPREPLY < <(compgen -W "$(_sp_words <<<"$help")" -- "$cur")
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
	fi
}

complete -o filenames -F _sp_complete sp sp-addr sp-alloc sp-answer sp-auth sp-back sp-ca sp-db sp-dial sp-gate sp-login \
	sp-may sp-monitor sp-nas sp-pipe sp-pstn sp-ras sp-record sp-route sp-search sp-state sp-ticket sp-tls sp-trap sp-trapd
