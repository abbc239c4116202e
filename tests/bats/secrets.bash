# secrets.bash - for lab-secrets*.bats: the words that must not be seen, and who looks for them. Loaded beside lab.

# The file `words`: NAME TAB TEXT of every secret of the laboratory, and its form in base64. All permits begin
# with the same six characters, of the key that signs them: PERMIT.
the_words() {
	local n
	for n in alice bob carol dave erin; do rec "password-of-$n" "$(cat "$LAB/password/$n")"; done >plain
	rec code-of-erin "$(cat "$LAB/code/erin")" >>plain
	rec password-of-cleared "$(cat "$LAB/group/cleared")" >>plain
	for n in radius.secret ldap.password; do rec "$n" "$(cat "$LAB/$n")"; done >>plain
	for n in auth_password priv_password; do rec "snmp-$n" "$(field $n <"$LAB/snmp-users")"; done >>plain
	PERMIT=$({ printf '\001'; openssl pkey -pubin -in "$LAB/keys/permit.pub" -outform DER | tail -c 32 | sha256sum | cut -c 1-8 |
		tr a-f A-F | basenc -d --base16; } | basenc --base64url | cut -c 1-6)
	rec permit "$PERMIT" >>plain
	# shellcheck disable=SC2094
	{ cat plain; while IFS=$'\t' read -r n text; do rec "$n" "$(in_base64 "$text")"; done <plain; } >words
	cut -f 2 words >look_for
}
in_base64() { printf %s "$1" | base64 -w 0 | sed 's/..=*$//'; }

# of_permit TEXT: that one's text is among the words, too, and ten bytes of its signature are looked for.
of_permit() {
	rec permit "$1" >>words
	rec permit "$(in_base64 "$1")" >>words
	cut -f 2 words >look_for
	printf '%s==' "$1" | head -c $((${#1} + (4 - ${#1} % 4) % 4)) | basenc -d --base64url | tail -c 64 |
		od -An -v -tx1 | tr -d '\n' | grep -oE '( ([1-9b-f].|0[1-9b-f]|a.)){10}' | head -n 1 | sed 's/ /\\x/g' >signature
	[ -s signature ]
}
# names FILE: which of the words are in it, each once.
names() {
	grep -aoFf look_for "$1" | sort -u | while read -r text; do awk -F'\t' -v t="$text" '$2 == t { print $1 }' words; done | sort -u
	[ ! -s signature ] || ! LC_ALL=C grep -qaP "$(cat signature)" "$1" || echo signature
}

# watch_processes: looks at arguments and environment of all processes, each 20 ms and less, until the file
# `watched` is there; who has a word in them is in `seen`.
watch_processes() {
	: >seen
	: >polls
	while [ ! -e watched ] && [ "$(wc -l <polls)" -lt 20000 ]; do
		grep -aFof look_for /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null >>seen || :
		echo >>polls
		rest
	done
}

# Who looks is no rest of a session.
no_left() { [ -z "$(sp lab left --dir "$LAB" | grep -vE ' (tcpdump|sleep)$')" ]; }

# wire PARTY: all of its interfaces, those that come later, too.
wire() {
	ip netns exec "$(prefix)-$1" tcpdump -i any -s 0 -U -Z root -w "$T/wire.$1" 2>"tcpdump.$1" 3>&- &
	PIDS+=($!)
	until_true 20 grep -q 'listening on' "tcpdump.$1"
}

# in_pap FILE: every permit in it is in a PAP Authenticate-Request (RFC 1334), and there is one.
in_pap() {
	local n
	n=$(grep -aoF "$PERMIT" "$1" | wc -l)
	[ "$n" -ge 1 ] && [ "$n" = "$(LC_ALL=C grep -aoP "\xc0\x23(\x01|}!)[^~]{3,8}(alice|carol|dave)%router1[^~]{1,2}$PERMIT" "$1" | wc -l)" ]
}

# written: what strace -xx says in the file `writes` was written, by descriptor, into line.N.
written() {
	local f
	awk -F'"' '/^write\(/ { split($1, a, /[(,]/); n = $3; sub(/.*= /, "", n); if (n > 0) print substr($2, 1, 4 * n) >("hex." a[2]) }' writes
	for f in hex.*; do printf %b "$(tr -d '\n' <"$f")" >"line.${f#hex.}"; done
}

# memory PID: all that a core of it would have: its writable pages.
memory() {
	local range mode rest
	while read -r range mode rest; do
		[[ $mode != rw* ]] ||
			dd "if=/proc/$1/mem" iflag=skip_bytes,count_bytes bs=1M "skip=$((16#${range%-*}))" "count=$((16#${range#*-} - 16#${range%-*}))" status=none 2>/dev/null
	done <"/proc/$1/maps"
}
# in_memory: PARTY PROGRAM NAME of every word that one of our programs has in memory.
in_memory() {
	local party p
	for party in ws sec mon nm nas sp1 sp2 sp3 sw; do
		for p in $(ip netns pids "$(prefix)-$party"); do
			[[ $(cat "/proc/$p/comm" 2>/dev/null) == sp* ]] || continue
			memory "$p" >core
			names core | sed "s/^/$party $(cat "/proc/$p/comm") /"
		done
	done | sort -u
	rm -f core
}

# by_hand [TRACER...]: all stages, one after the other, until the reader of hand.rec goes: READER.
by_hand() {
	mkfifo hand
	cat hand >hand.rec 3>&- &
	READER=$!
	PIDS+=("$READER")
	ws "$@" sh -c "sp-ticket $LAB/ticket.json | sp-login --log $T/hand.log --user alice --password-file $(secret alice) |
		sp-search --log $T/hand.log | head -n 1 | sp-alloc --log $T/hand.log | sp-dial --log $T/hand.log --transcript $T/transcript |
		sp-addr --log $T/hand.log | sp-route --log $T/hand.log" >hand 2>hand.err 3>&- &
	PIDS+=($!)
	until_true 30 grep -q state=ready hand.rec
	of_permit "$(field permit <hand.rec)"
}
hang_up() { kill "$READER"; nothing_left; }
