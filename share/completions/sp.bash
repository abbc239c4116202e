# sp.bash - completion in bash for every program of the project. What can be completed is read
# from the program itself: `TOOL --help` has a line for each option, with the name of its argument.
# Load it with `. sp.bash`, or install it (make install does).

# The options of a program, one a line: --name, or --name ARGUMENT.
_sp_options() {
	"$1" --help 2>/dev/null |
		sed -nE 's/^  (-., |    )(--[a-z0-9-]+)( [A-Z][A-Z:=,.]*)? .*/\2\3/p'
}

# What a record command of sp-record may be, from the line `usage:`.
_sp_words() {
	"$1" --help 2>/dev/null | sed -nE '1s/^usage: [a-z-]+ \[options\] //p' | tr '|' '\n' | sed -nE 's/^([a-z]+).*/\1/p'
}

_sp_complete() {
	local tool=$1 cur=$2 prev=$3 options argument
	options=$(_sp_options "$tool")
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
		[[ $COMP_CWORD = 1 ]] && mapfile -t COMPREPLY < <(compgen -W "$(_sp_words "$tool")" -- "$cur")
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
	fi
}

complete -o filenames -F _sp_complete sp sp-addr sp-alloc sp-answer sp-auth sp-back sp-ca sp-db sp-dial sp-login \
	sp-may sp-monitor sp-nas sp-pipe sp-pstn sp-ras sp-record sp-route sp-search sp-state sp-ticket sp-tls sp-trap sp-trapd
