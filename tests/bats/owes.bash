# owes.bash - what every holder owes at its ends (sp-record(5), HOLDING of sp(7)).

# holder_owes LINE NAME UNDONE COMMAND...: one byte at a time in, 64 KiB lines and closed input told from none, a disk
# that is full, a reader that goes; each time what NAME holds comes to be undone, which UNDONE says. Few processes.
holder_owes() {
	local line=$1 name=$2 undone=$3 out status; shift 3
	{ status=0; printf '%s\n' "$line" | dd bs=1 status=none | "$@" 2>err || status=$?; echo $status >status; } | head -n 1 >first
	[[ $(field hold <first) = *"$name" && $(<status) = 0 && ! -s err ]] || { echo "one byte at a time: $(<status) $(<first) $(<err)"; return 1; }
	until_true 5 "$undone" || return 1
	{ status=0; printf 'long=%066000d\n%s\n' 0 "$line" | "$@" 2>err || status=$?; echo $status >status; } | head -n 1 >first
	[[ $(<status) = 7 && $(field hold <first) = *"$name" && $(<err) = *": stdin: line 1: line over 64 KiB" ]] ||
		{ echo "64 KiB: $(<status) $(head -c 500 first) $(head -c 500 err)"; return 1; }
	until_true 5 "$undone" || return 1
	status=0; "$@" <<<"$line" >/dev/full 2>err || status=$?
	[[ $status = 8 && $(<err) = *": unable to write standard output: No space left on device" ]] || { echo "/dev/full: $status $(<err)"; return 1; }
	until_true 5 "$undone" || return 1
	status=0; out=$("$@" <&- 2>err) || status=$?
	[[ $status = 8 && -z $out && $(<err) = *": unable to read stdin: Bad file descriptor" ]] || { echo "closed stdin: $status $out $(<err)"; return 1; }
}
