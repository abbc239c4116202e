# thousand.bash - many calls at once, on top of call.bash: callers in one process at the workstation,
# called systems in another beside sp2, and real ones, each in a network namespace of its own.
# shellcheck disable=SC2034,SC2154
load ../bats/call

CROWD=198.51.100.12

thousand_up() {
	REAL=0
	call_up
	crowd_up
	ip -n "${NS}ws" route replace 10.200.0.0/22 via 10.50.0.38 src 10.50.0.5
}

# Called systems without a TUN device: port 5000 answers, 5001 hangs up, 5002 brings garbage, 5003 is refused.
crowd_up() {
	(umask 077; echo sesame >crowd.secret)
	server crowd ip netns exec "${NS}sp2" "$BUILD/tests/tool/ppp-crowd" --secret-file crowd.secret \
		--answer "tcp:$CROWD:5000" --hang-up "tcp:$CROWD:5001" --garbage "tcp:$CROWD:5002"
	CROWD_PID=$SERVER_PID
}
# What came there: KEY of its last record.
crowd_counts() { gone "$CROWD_PID" || { kill "$CROWD_PID"; until_gone "$CROWD_PID"; }; field "$1" <crowd.out; }

# real N: with a page of its own, called by unix:r$N, and no other way into its network.
real() {
	ip netns add "${NS}r$1"
	ip -n "${NS}r$1" link set lo up
	mkdir "www.$1" && echo "I am $1" >"www.$1/index.html"
	# shellcheck disable=SC2016
	ip netns exec "${NS}r$1" sh -c 'busybox httpd -p 8080 -h "$0"; exec sp-answer "$@"' "$T/www.$1" "unix:$T/r$1" -- \
		sp-ras --line fd:3 --address 192.0.2.1 --peer-address 192.0.2.2 --interface ras0 --secret-file "$T/crowd.secret" \
		>"r$1.out" 2>"r$1.err" 3>&- &
	PIDS+=($!)
}
reals_down() { # NUMBER-OF-THEM
	local n
	for ((n = 1; n <= $1; n++)); do
		ip netns pids "${NS}r$n" | xargs -r kill 2>/dev/null
		ip netns delete "${NS}r$n"
	done
}

# call_to DIAL [USER [SECRET]]: the record of a call.
call_to() { rec "user=${2:-alice}" group=support router_address=10.50.0.38 router_port=23 "secret=${3:-sesame}" "dial=$1"; }
settled() { grep -q '^settled=' "$1.out" || gone "$CALLERS"; }
# callers NAME AT-ONCE: the calls of NAME.calls have all come up or failed, UP and FAILED are how many;
# CALLERS holds them, what became of each is in NAME.out.
callers() {
	ip netns exec "${NS}ws" "$BUILD/tests/tool/dial-crowd" --profile "$SP_TOP/share/profiles/sp-nas.profile" \
		--password-file password --at-once "$2" <"$1.calls" >"$1.out" 2>"$1.err" 3>&- &
	CALLERS=$!
	PIDS+=("$CALLERS")
	until_true 120 settled "$1"
	grep -q '^settled=' "$1.out" || { tail -n 3 "$1.out" "$1.err" nas.err >&2; return 1; }
	UP=$(grep '^settled=' "$1.out" | field up) FAILED=$(grep '^settled=' "$1.out" | field failed)
}
hang_up() { kill "$CALLERS"; until_true 30 gone "$CALLERS"; until_true 30 nothing_left; until_true 30 no_session; }

no_session() { ! pgrep -P "$NAS" -x sp-nas; }
# The router has its filters and the process that sessions come from, as at the start.
as_before() { [ "$(pgrep -P "$NAS" | wc -l)" = "$BEFORE" ]; }
router() { # OPTION...
	nas_up --strangers 1000 --sessions 1010 --fail-delay 0.005 --permit-dial "unix:$T/*" "$@"
	BEFORE=$(pgrep -P "$NAS" | wc -l)
}

# all_up CALLS REALS: that many calls are up at once, each by its alias, so many of them to real ones, which give their pages.
all_up() {
	local calls=$1 reals=$2 n
	router --auth "$AUTH" --accounting "$AUTH --accounting" --lines 1000 --alias-pool 10.200.0.0/22
	while [ "$REAL" -lt "$reals" ]; do real $((++REAL)); done
	until_true 30 all_answer
	for ((n = 1; n <= calls; n++)); do
		if ((n % (calls / reals))); then call_to "tcp:$CROWD:5000"; else call_to "unix:$T/r$((n * reals / calls))"; fi
	done >all.calls
	callers all 64
	[ "$UP" = "$calls" ]; [ "$FAILED" = 0 ]
	[ "$(devices nas)" = "$calls" ]; [ "$(routes)" = "$calls" ]
	[ "$(field alias <all.out | sort -u | wc -l)" = "$calls" ]; [ "$(field sp_address <all.out | sort -u)" = 192.0.2.1 ]
	fetch
}
all_down() { # CALLS REALS: they all end, and nothing is left
	hang_up
	no_tun_there
	as_before
	[ "$(grep -c 'state=down.*reason=user-request' nas.out)" = "$1" ]
	[ "$(crowd_counts up)" = $(($1 - $2)) ]; [ "$(crowd_counts refused)" = 0 ]
	until_true 30 accounted Start "$1"; until_true 30 accounted Stop "$1"
}
all_answer() { [ "$(cat r[0-9]*.out | grep -c ^ready=)" = "$REAL" ]; }
no_tun_there() { local n; for ((n = 1; n <= REAL; n++)); do [ "$(devices "r$n")" = 0 ] || return; done; }
accounted() { [ "$(grep -c "Acct-Status-Type = $1" r/detail)" = "$2" ]; }
alias_of() { grep -F "dial=unix:$T/r$1"$'\t' all.out | field alias; } # NUMBER of a real one
fetch() { # the pages of all real ones, by their aliases
	local n
	for ((n = 1; n <= REAL; n++)); do
		ip -n "${NS}r$n" route add 10.50.0.5/32 dev ras0
		printf 'url = "http://%s:8080/"\noutput = "page.%s"\n' "$(alias_of "$n")" "$n"
	done >pages
	on ws curl -sS --max-time 30 --parallel --parallel-max "$REAL" -K "$T/pages"
	for ((n = 1; n <= REAL; n++)); do cmp "page.$n" "www.$n/index.html" || return; done
}

# flooded WAY N ALIAS COMMAND...: while UDP is sent as fast as it can be to the Nth real one, at ALIAS, from it, or both.
flooded() {
	local way=$1 n=$2 alias=$3 from to senders=(); shift 3
	from=$(passed "$n" tx) to=$(passed "$n" rx)
	[ "$way" = from ] || { ip netns exec "${NS}ws" socat -u -b1400 OPEN:/dev/zero "UDP4-SENDTO:$alias:9" 3>&- & senders+=($!); }
	[ "$way" = to ] || { ip netns exec "${NS}r$n" socat -u -b1400 OPEN:/dev/zero UDP4-SENDTO:10.50.0.5:9 3>&- & senders+=($!); }
	PIDS+=("${senders[@]}")
	"$@"
	kill "${senders[@]}"
	wait "${senders[@]}" || :
	from=$(($(passed "$n" tx) - from)) to=$(($(passed "$n" rx) - to))
	if [ "$way" != from ]; then [ $to -gt 1000 ]; fi
	if [ "$way" != to ]; then [ $from -gt 1000 ]; fi
}
passed() { ip netns exec "${NS}r$1" cat "/sys/class/net/ras0/statistics/$2_packets"; }

# pings [OPTION...] ALIAS: P95 is what 95 of 100 take at most, in microseconds; all come back.
pings() {
	P95=$(on ws ping -c 100 -i 0.02 -W 2 "$@" | sed -n 's/.*time=\([0-9.]*\).*/\1/p' | sort -n |
		awk '{ v[NR] = $1 } END { if (NR == 100) printf "%d", v[95] * 1000 }')
	[ -n "$P95" ]
}
# unhurried ALIAS N N-ALIAS WAY...: pings take 20 ms more at most while the Nth call is flooded so.
# It can fail: where the flooded call's processes go before all others (chrt -f, one processor for all), it is 800 ms.
unhurried() {
	local way idle
	pings "$1"
	idle=$P95
	for way in "${@:4}"; do
		flooded "$way" "$2" "$3" pings "$1"
		echo "p95 of ping, us: idle $idle, flooded $way $P95"
		[ "$P95" -le $((idle + 20000)) ]
	done
}

# nothing_of_broken EACH: five times so many calls that come to nothing - refused here, refused there, nobody there, gone
# in the middle, no PPP - leave nothing: every line and every alias is good for another.
nothing_of_broken() {
	local n
	router --auth "$AUTH" --lines 62 --alias-pool 10.200.0.0/26 # which has 62 aliases
	for ((n = 1; n <= $1; n++)); do
		call_to "tcp:$CROWD:5000" nobody
		call_to "tcp:$CROWD:5000" alice wrong
		call_to "tcp:$CROWD:5003"
		call_to "tcp:$CROWD:5001"
		call_to "tcp:$CROWD:5002"
	done >broken.calls
	callers broken 40
	[ "$UP" = 0 ]; [ "$FAILED" = $((5 * $1)) ]
	[ "$(failed_so step)" = "$1 320, $1 325, $((2 * $1)) 329, $1 333" ]
	until_true 30 nothing_left; until_true 30 no_session
	as_before
	for ((n = 1; n <= 62; n++)); do call_to "tcp:$CROWD:5000"; done >good.calls
	callers good 62
	[ "$UP" = 62 ]
	hang_up
	[ "$(crowd_counts up)" = 62 ]; [ "$(crowd_counts refused)" = "$1" ]
}
failed_so() { field "$1" <broken.out | sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2; sep = ", " }'; }
