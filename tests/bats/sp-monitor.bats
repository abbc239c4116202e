#!/usr/bin/env bats
# sp-monitor - search: who asks, what is found, pages; tls and unix; bad clients.
load common
load monitor

setup_more() { monitor_store; monitor_keys; }

@test "a search gives what matches and the user reaches" {
	monitor
	connect 1
	run -0 ask 1 id=7 op=search "token=$alice" customer=BANK
	[ "${lines[0]}" = "$(rec system=A1 serial=000187260123 "customer=Acme Bank" site=BOS region=us model=V5 phone=+16175550142 id=7)" ]
	[ "${#lines[@]}" = 3 ]; [[ ${lines[2]} == *"$(rec id=7 done=2)" ]]
	[ "$(ask 1 op=search "token=$alice" serial=260123 | systems)" = "A1 G1 " ]
	[ "$(ask 1 op=search "token=$alice" serial=000187 model=v7 | systems)" = "A2 " ]
	[ "$(ask 1 op=search "token=$alice" customer=банк | systems)" = "B1 " ]
	[ "$(ask 1 op=search "token=$alice" region=EU site=ham | systems)" = "G1 " ]
	[ "$(ask 1 op=search "token=$alice" "phone=(617) 555 0199" | systems)" = "A1 " ]
	[ "$(ask 1 op=search "token=$carol" | systems)" = "G1 " ]
}

@test "unknown and forbidden look the same, and a grant that ended is none" {
	monitor
	connect 1
	local forbidden unknown
	forbidden=$(ask 1 op=search "token=$carol" serial=000187260123)
	unknown=$(ask 1 op=search "token=$carol" serial=nothing)
	[ "$forbidden" = "$unknown" ]; [[ $forbidden == *done=0 ]]
	[ "$(ask 1 op=search "token=$bob")" = "$unknown" ]
	[ "$(ask 1 op=search "token=$old")" = "$unknown" ]
	forbidden=$(ask 1 op=alloc "token=$carol" system=A1)
	unknown=$(ask 1 op=alloc "token=$carol" system=nothing)
	[ "$forbidden" = "$unknown" ]; [[ $forbidden == *error=denied*step=313* ]]
	[ "$(ask 1 op=alloc "token=$old" system=A1)" = "$unknown" ]
}

@test "a grant counts from the moment it is loaded, and until it is taken" {
	monitor
	connect 1
	rec user=bob scope=system object=B1 | sp-db --db db load grants
	[ "$(ask 1 op=search "token=$bob" | systems)" = "B1 " ]
	rec user=bob domain= scope=system object=B1 valid_until=2026-01-01T00:00:00Z | sp-db --db db load grants
	[ "$(ask 1 op=search "token=$bob" | systems)" = "" ]
	rec user=alice state=blocked | sp-db --db db load users
	[[ $(ask 1 op=search "token=$alice") == *"error=denied"*"step=308"* ]]
	[[ $(ask 1 op=alloc "token=$alice" system=A1) == *"error=denied"*"step=313"* ]]
}

@test "nothing without a token that was signed by the right key and lives" {
	monitor
	connect 1
	local forged expired
	forged=$("$BUILD/tests/tool/mktoken" other.key user=alice)
	expired=$("$BUILD/tests/tool/mktoken" token.key user=alice until=2026-01-01T00:00:00Z)
	local t
	for t in "$forged" "$expired" "${alice%????}" "x" "${alice/./..}"; do
		[[ $(ask 1 id=1 op=search "token=$t" serial=1) == "$(rec error=denied step=307 detail=)"*"id=1" ]]
		[[ $(ask 1 op=alloc "token=$t" system=A1) == *error=denied*step=307* ]]
	done
	[[ $(ask 1 op=search serial=1) == *error=denied*step=307* ]]
	[ "$(ask 1 op=search "token=$alice" serial=42 | systems)" = "B1 " ]
	never grep -qF "${alice:0:20}" mon.log
}

@test "ten thousand matches come in pages, none twice" {
	awk 'BEGIN { for (i = 0; i < 10000; i++) printf "system=x%05d\tserial=55%05d\tcustomer=globex\n", i, i }' | sp-db --db db load systems
	monitor
	connect 1
	local after= page n=0 pages=0
	: >all
	while :; do
		page=$(ask 1 op=search "token=$carol" serial=55 limit=1000 ${after:+"after=$after"})
		field system <<<"$page" >>all
		after=$(field more <<<"$page")
		pages=$((pages + 1))
		[ -n "$after" ] || break
	done
	[ "$pages" = 10 ]; [ "$(wc -l <all)" = 10000 ]; [ "$(sort -u all | wc -l)" = 10000 ]
	[[ $(ask 1 op=search "token=$carol" limit=1001) == *error=usage*step=307* ]]
	[[ $(ask 1 op=search "token=$carol" after=garbage) == *error=usage* ]]
}

@test "malformed input closes that connection and no other" {
	monitor
	connect 2
	connect 1
	echo "no record" >&52
	until_gone "$CLIENT"
	[ "$(ask 2 op=search "token=$alice" serial=42 | systems)" = "B1 " ]
	[[ $(ask 2 op=search "token=$alice" phone=12) == *error=usage* ]]
}

@test "an op= that is not known: error=, what was asked before it is answered, nothing after it is" {
	monitor
	printf '%s\n' "$(rec id=1 op=search "token=$alice" serial=42)" "$(rec id=2 op=dance "token=$alice")" \
		"$(rec id=3 op=search "token=$alice" serial=42)" >asked
	timeout 10 socat -,ignoreeof "UNIX-CONNECT:$T/m" <asked >answered
	[ "$(field done <answered)" = 1 ]; [ "$(field error <answered)" = peer ]; never grep -q id=3 answered
	run timeout 10 socat -,ignoreeof "UNIX-CONNECT:$T/m" < <(rec id=1 op=dance)
	[ "$status" = 0 ]; [[ $output == "id=1"*error=* || $output == *error=*id=1* ]]
}

@test "who does not read is asked nothing more of, others are served" {
	awk 'BEGIN { for (i = 0; i < 5000; i++) printf "system=x%05d\tserial=55%05d\tcustomer=globex\n", i, i }' | sp-db --db db load systems
	monitor
	mkfifo idle
	socat -u - "UNIX-CONNECT:$T/m" <idle 3>&- & PIDS+=($!)
	exec 9>idle
	for ((i = 0; i < 400; i++)); do rec op=search "token=$alice" serial=55 limit=1000; done >&9
	connect 1
	[ "$(ask 1 op=search "token=$alice" customer=acme | systems)" = "A1 A2 " ]
	local n; n=$(grep -c event=question mon.log)
	[ "$n" -lt 200 ] || { echo "questions taken: $n"; return 1; }
}

@test "what it cannot start with" {
	run -2 sp-monitor --db db --listen unix:m
	run -2 sp-monitor --db db --listen tcp:127.0.0.1:0 --token-key token.pub
	run -2 sp-monitor --db db --listen unix:m --token-key token.pub --policy best
	run -8 sp-monitor --db none --listen unix:m --token-key token.pub
	run -8 sp-monitor --db db --listen unix:m --token-key token.key
	run -8 bash -c "sp-monitor --db db --listen unix:m --token-key token.pub >/dev/full"
	chmod 644 db
	run -8 sp-monitor --db db --listen unix:m --token-key token.pub
}
