# telnet.bash - real terminal servers (ser2net) before a cable or a modem, and calls to them.
# shellcheck disable=SC2034,SC2154

# cable: the two ends are ./port (the terminal server's) and ./far
cable() {
	socat pty,raw,echo=0,link=port pty,raw,echo=0,link=far 2>cable.err 3>&- & PIDS+=($!)
	until_true 5 test -e port -a -e far
}

listening() { ss -Hltn "sport = :$1" | grep -q .; }

# terminal_server ACCEPTER [DEVICE]: at $PORT, before ./port, or before that device, whose carrier
# then counts
terminal_server() {
	PORT=$((20000 + RANDOM % 10000))
	while listening $PORT; do PORT=$((PORT + 1)); done
	printf 'connection: &a\n  accepter: %s,tcp,127.0.0.1,%d\n  connector: serialdev,%s/%s,19200n81%s\n' "$1" "$PORT" "$T" "${2:-port}" "$([ $# = 2 ] || echo ,local)" >ser2net.yaml
	ser2net -n -d -c ser2net.yaml 2>ser2net.err 3>&- & SER2NET=$!; PIDS+=("$SER2NET")
	until_true 5 listening "$PORT"
}

every_byte() { # all 256 values, each beside each other special one
	local i
	for i in {0..255}; do printf "\\x$(printf %x "$i")\\xff\\r\\n\\xff\\xff\\r\\0\\n"; done
}

# line ADDRESS: calls; its input lasts as long as descriptor 7 is open
line() {
	[ -p hold ] || mkfifo hold
	exec 7<>hold
	: >events # not those of the call before
	"$BUILD/tests/tool/circuit" "$@" <hold >got 2>events 3>&- 7>&- & LINE=$!
	PIDS+=("$LINE")
	until_true 8 grep -qE '^(up|down|no)' events
}

size_is() { [ "$(stat -c %s "$1")" = "$2" ]; }
