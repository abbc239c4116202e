# pstn.bash - an exchange with its commands on a pipe (descriptor 9), and modems that a test talks
# to as a program does. Descriptors 5 and 6 are two modems; what they say is in said.5 and said.6.

# exchange OPTION...: an exchange in ./d; fast unless the options say else.
exchange() {
	mkdir -p d
	[ -p orders ] || mkfifo orders
	exec 9<>orders
	server x sh -c 'exec sp-pstn "$@" <&9 9>&-' - --dir d --training 0 --latency 0 --ring 50 "$@"
	PSTN=$SERVER_PID
}

# order FIELD...: a command; waits for its answer and prints the rows.
answered() { grep -q $'^id='"$1"$'\t.*\\(done\\|error\\)=' x.out; }
order() { # FIELD...: waits for the answer, which it prints
	ORDER=$((${ORDER:-0} + 1))
	rec "id=$ORDER" "$@" >&9
	until_true 5 answered "$ORDER"
	grep $'^id='"$ORDER"$'\t' x.out
}

# listen FD NUMBER: opens the modem as descriptor FD; all it says is collected in said.FD
listen() {
	eval "exec $1<>d/$2"
	cat <&"$1" >"said.$1" 2>/dev/null 3>&- 9>&- & PIDS+=($!)
}
said() { until_true "${3:-10}" grep -aqF -- "$2" "said.$1" || { cat -v "said.$1" x.out; return 1; }; } # FD TEXT [SECONDS]
# FD TEXT TIMES
says() { until_true 10 times "$@"; }
times() { [ "$(grep -acF -- "$2" "said.$1")" -ge "$3" ]; }
event() { until_true "${2:-10}" grep -q "$1" x.out || { cat x.out; return 1; }; } # PATTERN [SECONDS]
size() { [ "$(stat -c %s "$1")" -ge "$2" ]; } # FILE BYTES

# at FD COMMANDS: and waits for its OK
at() {
	local n; n=$(grep -ac '^OK' "said.$1" || :)
	printf 'AT%s\r' "$2" >&"$1"
	until_true 5 oks "$1" $((n + 1)) || { cat -v "said.$1"; return 1; }
}
oks() { [ "$(grep -ac '^OK' "said.$1")" -ge "$2" ]; }

# connected [DIAL-STRING]: 5550100 (descriptor 5) calls 5550142 (6), both are in data mode
two() { listen 5 5550100; listen 6 5550142; at 5 E0S12=2; at 6 E0S0=1S12=2; }
connected() {
	two
	printf 'ATD%s\r' "${1:-5550142}" >&5
	said 5 CONNECT
	said 6 CONNECT
}

# The way out of data mode; S12 of `two` makes the guard time 40 ms.
guard() { rest; rest; rest; rest; }
at_escape() {
	local n; n=$(grep -ac '^OK' "said.$1" || :)
	guard
	printf '+++' >&"$1"
	until_true 5 oks "$1" $((n + 1))
}

# A key pressed while it dials; until_true, as the first 125 ms do not count.
aborted() { # FD CALL
	printf x >&"$1"
	rest
	grep -q "^call=$2.*event=ended" x.out
}
