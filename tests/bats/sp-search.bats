#!/usr/bin/env bats
# sp-search with a real monitor: what is found, pages, refusals, another monitor.
load common
load monitor

setup_more() {
	monitor_store; monitor_keys; monitor
	export SP_CONFIG=$T/sp.conf
	printf '[sp-search]\nmonitor = unix:%s/m\n' "$T" >sp.conf
}

many() { awk 'BEGIN { for (i = 0; i < '"$1"'; i++) printf "system=x%05d\tserial=55%05d\tcustomer=globex\n", i, i }' | sp-db --db db load systems >/dev/null; }

# memory_after N: the most memory, in kB, that a search had when N of 12000 lines were read.
memory_after() {
	rm -f out && mkfifo out
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=1 sp-search <<<"$(rec serial=55 "token=$alice")" >out 3>&- & local pid=$!
	{ head -n "$1" >/dev/null; awk '/^VmHWM/ { print $2 }' "/proc/$pid/status"; cat >/dev/null; } <out
	wait "$pid"
}

@test "each system that matches is one record: the input's fields and the system's" {
	run --separate-stderr sp-search --log log <<<"$(rec ticket=T-1 customer=acme made_up=x "token=$alice" problem=smoke)"
	[ "$status" = 0 ]; [ -z "$stderr" ]
	[ "${lines[0]}" = "$(rec ticket=T-1 'customer=Acme Bank' made_up=x "token=$alice" problem=smoke system=A1 serial=000187260123 site=BOS region=us model=V5 phone=+16175550142)" ]
	[ "${#lines[@]}" = 2 ]
	[ "$(field system <<<"${lines[1]}")" = A2 ]
	[ "$(field step <log | tr '\n' ' ')" = "306 310 " ]
	[ "$(field count <log)" = 2 ]
	never grep -qF "${alice:0:20}" log
}

@test "several records are answered over one connection" {
	{ rec ticket=1 serial=000187 "token=$alice"; rec ticket=2 site=HAM "token=$alice"; } >in
	run sp-search <in
	[ "$status" = 0 ]
	[ "$(printf '%s\n' "${lines[@]}" | field ticket | tr -d '\n')" = 112 ]
}

@test "options take the place of a record's criteria, --limit bounds each" {
	[ "$(rec serial=000187 "token=$alice" | sp-search --serial 42 | systems)" = "B1 " ]
	[ "$(rec "token=$alice" | sp-search --customer БАНК | systems)" = "B1 " ]
	[ "$(rec "token=$alice" | sp-search --limit 3 | wc -l)" = 3 ]
	(umask 077; echo "$alice" >token)
	[ "$(rec serial=42 | sp-search --token-file token | systems)" = "B1 " ]
}

@test "at a terminal the options are the record" {
	(umask 077; echo "$alice" >token)
	run script -qec "sp-search --serial 42 --token-file token 2>&1" /dev/null
	[[ $output == *system=B1* ]]
	[[ $output != *"$alice"* ]]
}

@test "nothing that matches ends with 1, quietly on standard output" {
	run --separate-stderr sp-search <<<"$(rec serial=777 "token=$alice")"
	[ "$status" = 1 ]; [ -z "$output" ]; [[ $stderr == *"no system that you may reach matches"* ]]
	run --separate-stderr sp-search <<<"$(rec serial=000187 "token=$carol")"
	[ "$status" = 1 ]; [ -z "$output" ]
}

@test "without a valid token it is denied at step 307" {
	local t
	for t in "token=${alice}x" "token=x" "made_up=1"; do
		run --separate-stderr sp-search <<<"$(rec serial=000187 "$t")"
		[ "$status" = 4 ]
		[ "$(field error <<<"$output")" = denied ]; [ "$(field step <<<"$output")" = 307 ]
	done
	rec user=alice state=blocked | sp-db --db db load users >/dev/null
	run --separate-stderr sp-search <<<"$(rec serial=000187 "token=$alice")"
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 308 ]
}

@test "thousands come page by page, none twice, in little memory" {
	many 12000
	rec serial=55 "token=$alice" | sp-search | systems | tr ' ' '\n' | sort -u >all
	[ "$(grep -c x all)" = 12000 ]
	[ "$(rec serial=55 "token=$alice" | sp-search --limit 2500 | wc -l)" = 2500 ]
	# What it needs for the first and for most of them: a list of all would be 4 MB more.
	local first most
	first=$(memory_after 1) most=$(memory_after 11000)
	echo "$first kB, $most kB"
	[ $((most - first)) -lt 2500 ]
}

@test "a monitor that goes between two records is found again, another takes its place" {
	mkfifo in
	sp-search <in >out & PIDS+=($!)
	exec 5>in
	rec serial=42 "token=$alice" >&5
	until_true 5 grep -q system=B1 out
	kill "$MONITOR"; until_gone "$MONITOR"
	monitor
	rec serial=000299 "token=$alice" >&5
	until_true 5 grep -q system=G1 out
	exec 5>&-
	run sp-search --monitor "unix:$T/nowhere" --monitor "unix:$T/m" <<<"$(rec serial=42 "token=$alice")"
	[ "$status" = 0 ]
}

@test "over TLS, with the right authority only" {
	certificates
	tls
	local to=(--monitor "tls:127.0.0.1:$PORT")
	(umask 077; for u in alice carol; do cat $u.key $u.crt >$u.pem; done)
	run sp-search "${to[@]}" --ca ca.crt < <(rec serial=42 identity=alice.pem; rec identity=carol.pem; rec serial=42 identity=alice.pem)
	[ "$status" = 0 ]
	[ "$(field system <<<"$output" | tr '\n' ' ')" = "B1 G1 B1 " ]
	run sp-search "${to[@]}" --ca ca.crt --identity carol.pem <<<"$(rec identity=alice.pem)"
	[ "$(field system <<<"$output" | tr '\n' ' ')" = "G1 " ]
	run --separate-stderr sp-search "${to[@]}" --ca ca.crt <<<"$(rec serial=42 identity=none.pem)"
	[ "$status" = 8 ]; [[ $stderr == *"step 307: none.pem: No such file"* ]]
	chmod 644 alice.pem
	run --separate-stderr sp-search "${to[@]}" --ca ca.crt <<<"$(rec serial=42 identity=alice.pem)"
	[ "$status" = 8 ]; [[ $stderr == *"readable by its owner only"* ]]
	rm -r pki; user_certificates; cp pki/ca.crt ca.crt # another one
	run --separate-stderr sp-search "${to[@]}" --ca ca.crt <<<"$(rec serial=42 identity=carol.pem)"
	[ "$status" = 4 ]; [ "$(field error <<<"$output")" = denied ]
	[[ $stderr == *"unable to get local issuer certificate"* ]]
}

@test "what every filter owes" {
	filter_owes "$(rec ticket=T serial=42 "token=$alice")" sp-search
}
