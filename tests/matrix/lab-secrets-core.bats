#!/usr/bin/env bats
# No core of our programs tells a password: there is none, and there would be none in it once the session is
# there. That each look would find one is shown by what it finds.
load ../bats/lab
load ../bats/secrets

# Where the parties' cores would be.
eval "lab_$(declare -f setup_file)"
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	cores_are_files
	ulimit -c unlimited
	lab_setup_file
}
setup_more() { ulimit -c unlimited; the_words; }

PATTERN=/proc/sys/kernel/core_pattern
# A core is the file core of its process's folder. Where this machine gives cores to a program, or keeps them elsewhere,
# it does so again within a second after this file's tests, also if they were killed.
cores_are_files() {
	local was; was=$(<$PATTERN)
	[ "$was" = core ] && return 0
	echo core >$PATTERN || { echo "cores go to $was, and $PATTERN cannot be written" >&2; return 1; }
	setsid sh -c 'tail --pid="$1" -f /dev/null; printf "%s\n" "$2" >"$3"' - $$ "$was" $PATTERN </dev/null >/dev/null 2>&1 3>&- &
}

@test "memory, once the session is there: nobody's password, and a permit only where the session is held" {
	by_hand
	# The monitor made it, and repeats an answer for a minute; at the RAS it is used up.
	in_memory | grep -vx -e 'mon sp-monitor permit' -e 'mon sp-monitor signature' -e 'sp1 sp-ras permit' >have
	hang_up
	diff have - <<-X
		nas sp-auth radius.secret
		nas sp-nas permit
		ws sp-addr permit
		ws sp-alloc permit
		ws sp-dial permit
		ws sp-guard permit
		ws sp-route permit
	X
}

@test "no program leaves a core; one of others does" {
	by_hand
	# shellcheck disable=SC2046
	for party in ws sec mon nm nas sp1 sp2 sp3 sw; do
		for p in $(ip netns pids "$(prefix)-$party"); do
			[[ $(cat "/proc/$p/comm") != sp* ]] || echo "$p $party $(cat "/proc/$p/comm") $(readlink "/proc/$p/cwd")"
		done
	done >ours
	for name in sp-login sp-auth sp-monitor sp-trapd sp-state sp-pstn sp-back sp-nas sp-trap sp-answer sp-ras sp-route sp-alloc sp-dial sp-addr; do
		grep -q " $name " ours
	done
	while read -r p party name cwd; do
		kill -ABRT "$p" 2>/dev/null || : # one that has ended because another one did
	done <ours
	while read -r p party name cwd; do
		until_gone "$p"
		[ -z "$(ls "$cwd"/core* 2>/dev/null)" ] || { echo "$party $name left a core"; rm -f "$cwd"/core*; return 1; }
	done <ours
	X=$(<"$(secret carol)") sleep 600 3>&- &
	until_true 10 grep -qx sleep "/proc/$!/comm"
	kill -ABRT $!
	wait $! || :
	[ "$(names core*)" = password-of-carol ]
	rm core*
	no_left() { :; } # nor is there a laboratory any more
}
