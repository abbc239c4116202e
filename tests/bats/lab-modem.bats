# sp connect over the exchange's modems: what a modem says comes out as step, status and reason, and no
# lease, call, process or lock file is left.
load lab

setup_more() { # acme-1 is called by telephone alone
	rec system=acme-1 dial=5550123 >endpoints
	rec system=globex-1 dial=5550456 >>endpoints
	sp-db --db "$LAB/store/sp.db" replace endpoints endpoints
}

told() { grep -q $'^id='"$1"$'\t.*done=1' "$LAB/log/pstn.out"; }
exchange() { # FIELD=VALUE...: a command, and its answer
	rec "id=$BATS_TEST_NUMBER.$*" op=fault "$@" >"$LAB/pstn/commands"
	until_true 5 told "$BATS_TEST_NUMBER.$*"
}
# The modems that wait for calls hold theirs.
locks() { find "$LAB/pstn/lock" -name 'LCK*' | wc -l; }
unlocked() { [ "$(locks)" = 2 ]; }

# result FAULT NUMBER STATUS REASON TEXT: of the modem that calls, or the one that is called
result() {
	exchange "number=$2" "fault=$1"
	refused "$3" 325 "$5" connect alice --serial 0123 || { exchange "number=$2" fault=none; return 1; }
	exchange "number=$2" fault=none
	[ "$(field reason <<<"$output" | tail -n 1)" = "$4" ] || { echo "$output"; return 1; }
	until_true 10 unlocked
}

@test "BUSY" { result busy 5550123 5 busy "BUSY"; }
@test "NO CARRIER" { result no-carrier 5550123 6 no-carrier "NO CARRIER"; }
@test "VOICE" { result voice 5550123 6 voice "VOICE"; }

@test "DELAYED, BLACKLISTED: of the modem that calls, whichever it is" {
	local from
	for from in 5550001 5550002; do exchange number=$from fault=delayed; done
	refused 5 325 "DELAYED" connect alice --serial 0123
	[ "$(field reason <<<"$output" | tail -n 1)" = delayed ]
	for from in 5550001 5550002; do exchange number=$from fault=none; exchange number=$from fault=blacklisted; done
	refused 4 325 "BLACKLISTED" connect alice --serial 0123
	for from in 5550001 5550002; do exchange number=$from fault=none; done
	until_true 10 unlocked
}

# fetched FAULT [FIELD=VALUE...]: a log over the modems, meanwhile that; STRUCK and DAMAGED, what exchange and router say of it
fetched() {
	local number
	session "$1" sp connect --user alice --password-file "$(secret alice)" --serial 0123
	number=555000$(field line <"$1.rec" | tr -dc 0-9)
	exchange "number=$number" "fault=$1" "${@:2}"
	ws curl -sS --max-time 30 "http://$(field address <"$1.rec")/log.txt" | cmp - "$LAB/www/sp1/log.txt"
	STRUCK=$(grep -c "event=fault.*number=$number	fault=noise" "$LAB/log/pstn.out" || :)
	kill "$READER"
	nothing_left
	DAMAGED=$(grep "event=bad-frames	session=$(field session <"$1.rec")" "$LAB/log/nas.log" | field value)
	exchange "number=$number" fault=none again= # its id is another one
}

@test "noise: the exchange tells when it strikes, the router of frames that came damaged; what is fetched is right" {
	fetched none
	[ "$STRUCK$DAMAGED" = 0 ]
	fetched noise after=4000 bytes=300
	[ "$STRUCK" = 1 ]; [ "$DAMAGED" -ge 1 ]
	until_true 10 unlocked
}

@test "two calls at once by modem; with both modems taken a third is busy" {
	session a sp connect --user alice --password-file "$(secret alice)" --serial 0123
	first=$READER
	session b sp connect --user carol --password-file "$(secret carol)" --customer globex
	[ "$(field line <a.rec)" != "$(field line <b.rec)" ]
	[ "$(field speed <a.rec)" = 33600 ]
	sp-db --db "$LAB/store/sp.db" load endpoints <<<"$(rec system=acme-2 dial=5550999)"
	refused_now 5 324 connect alice --serial 0777
	kill "$first" "$READER"
	nothing_left
	until_true 10 unlocked
}
refused_now() { # STATUS STEP COMMAND...: others hold sessions meanwhile
	local want=$1 step=$2; shift 2
	run --separate-stderr "$@"
	[ "$status" = "$want" ] || { echo "status $status: $output $stderr"; return 1; }
	[ "$(field step <<<"$output" | tail -n 1)" = "$step" ]
}
