#!/usr/bin/env bats
# sp-auth: users and groups asked of a real FreeRADIUS that asks a real slapd; accounting.
load common
load radius

setup_more() {
	radius
	SECRET=$T/r/radius.secret
	AUTH_PORT=$PORT
	AUTH=(sp-auth --server "127.0.0.1:$AUTH_PORT:$ACCT_PORT" --secret-file "$SECRET")
}

@test "a user with the right password is accepted, with groups, without the password" {
	run --separate-stderr "${AUTH[@]}" <<<"$(rec id=7 user=alice 'password=correct horse' group=field extra=kept)"
	[ "$status" = 0 ]
	[ "$output" = "$(rec id=7 user=alice group=field extra=kept decision=accept groups=support,field)" ]
	[ -z "$stderr" ]
	grep -q 'SRCH base="ou=people.*uid=alice' r/slapd.log
	grep -q 'BIND dn="uid=alice.*method=128' r/slapd.log
	grep -q 'RESULT tag=97 err=0' r/slapd.log
}

@test "wrong password, unknown user and missing group look the same" {
	run --separate-stderr "${AUTH[@]}" < <(rec user=alice password=wrong; rec user=nobody password=x
		rec user=bob password=bob-pass group=support)
	[ "$status" = 4 ]
	[ "$(field error <<<"$output" | sort -u)" = denied ]
	[ "$(field step <<<"$output" | sort -u)" = 303 ]
	[ "$(field detail <<<"$output" | sort -u | wc -l)" = 1 ]
	[[ $output != *groups=* ]] # FreeRADIUS sent Filter-Id in its rejects, too
	[ "$(grep -c 'Login incorrect' r/radius.log)" = 2 ]
}

@test "CHAP, right and wrong" {
	local challenge=00112233445566778899aabbccddeeff response
	response=$({ printf '\x05dave-pass'; printf "$(sed 's/../\\x&/g' <<<$challenge)"; } | md5sum | cut -c1-32)
	run "${AUTH[@]}" <<<"$(rec user=dave chap_id=5 chap_challenge=$challenge chap_response="$response" service=ras)"
	[ "$status" = 0 ]; [ "$output" = "$(rec user=dave service=ras decision=accept groups=support)" ]
	run --separate-stderr "${AUTH[@]}" <<<"$(rec user=dave chap_id=6 chap_challenge=$challenge chap_response="$response")"
	[ "$status" = 4 ]; [[ $output == *error=denied* && $output != *chap_* ]]
}

@test "DOMAIN\\user and user@realm become what the server knows" {
	run "${AUTH[@]}" --domain EMEA --domain emea.example < <(rec 'user=EMEA\\bob' password=bob-pass; rec user=bob@emea.example password=bob-pass)
	[ "$status" = 0 ]; [ "$(field decision <<<"$output" | wc -l)" = 2 ]
	run --separate-stderr "${AUTH[@]}" --user-form realm <<<"$(rec 'user=EMEA\\bob' password=bob-pass)"
	[ "$status" = 4 ]
	grep -qF '[bob@EMEA]' r/radius.log
}

@test "many at once, each its own answer" {
	for i in $(seq 600); do
		rec id=$i user=alice "password=$([ $((i % 3)) = 0 ] && echo wrong || echo correct horse)"
	done >in
	run --separate-stderr "${AUTH[@]}" <in
	[ "$status" = 4 ]
	[ "$(field id <<<"$output" | sort -n | uniq | wc -l)" = 600 ]
	[ "$(grep -c decision=accept <<<"$output")" = 400 ]
	[ -z "$(grep error=denied <<<"$output" | field id | awk '$1 % 3')" ]
}

@test "accounting arrives: start, interim, stop with gigawords and cause, on" {
	run --separate-stderr "${AUTH[@]}" --accounting < <(
		rec acct=on router=router1
		rec acct=start session=s1 user=alice router=router1 line=tty1 phone=123 address=10.200.0.7 workstation=10.50.0.5
		rec acct=interim session=s1 user=alice seconds=60 in_bytes=100 out_bytes=200
		rec acct=stop session=s1 user=alice seconds=61 in_bytes=4294967301 out_bytes=200 reason=lost-carrier)
	[ "$status" = 0 ]; [ "$(field acct_done <<<"$output" | wc -l)" = 4 ]
	grep -q 'Acct-Status-Type = Accounting-On' r/detail
	grep -q 'Framed-IP-Address = 10.200.0.7' r/detail
	grep -q 'Acct-Status-Type = Interim-Update' r/detail
	grep -q 'Acct-Input-Gigawords = 1' r/detail; grep -q 'Acct-Input-Octets = 5' r/detail
	grep -q 'Acct-Terminate-Cause = Lost-Carrier' r/detail
}

@test "a record that cannot be asked about is 7; one with error= passes through" {
	run --separate-stderr "${AUTH[@]}" < <(rec password=x; rec user=u error=busy step=313)
	[ "$status" = 7 ]
	[[ $output == *"error=record"*"detail=there is no user="* && $output == *"user=u"$'\t'"error=busy"$'\t'"step=313" ]]
}

@test "--step names the step of a failure and of the log; no secret is logged" {
	run --separate-stderr "${AUTH[@]}" --step 317 --log log <<<"$(rec user=alice password=sesame99)"
	[ "$status" = 4 ]; [[ $output == *step=317* && $stderr == *"step 317"* ]]
	[ "$(field step <log | head -n 1)" = 317 ]; grep -q event=asked log; grep -q event=denied log
	never grep -q sesame99 log
}

@test "it is a filter" {
	filter_owes "$(rec user=alice 'password=correct horse')" "${AUTH[@]}"
}

@test "options: a secret that others can read, no server, a name that does not resolve" {
	cp "$SECRET" open; chmod 644 open
	run --separate-stderr sp-auth --server 127.0.0.1 --secret-file open </dev/null
	[ "$status" = 8 ]; [[ $stderr == *"unable to read open"* ]]
	run --separate-stderr sp-auth --secret-file "$SECRET" </dev/null
	[ "$status" = 2 ]; [[ $stderr == *"--server is needed"* ]]
	run --separate-stderr sp-auth --server nowhere.invalid --secret-file "$SECRET" </dev/null
	[ "$status" = 2 ]; [[ $stderr == *"nowhere.invalid"* ]]
	run --separate-stderr sp-auth --server 127.0.0.1 --secret-file "$SECRET" --groups-from Nonsense </dev/null
	[ "$status" = 2 ]; [[ $stderr == *Nonsense* ]]
}

@test "a domain that nobody checks lets nobody in; one that is named does" {
	run --separate-stderr "${AUTH[@]}" < <(rec 'user=EMEA\\alice' 'password=correct horse'
		rec user=alice domain=EMEA 'password=correct horse')
	[ "$status" = 4 ]
	[ "$(field error <<<"$output")" = $'denied\ndenied' ]
	run --separate-stderr "${AUTH[@]}" --domain emea < <(rec 'user=EMEA\\alice' 'password=correct horse')
	[ "$status" = 0 ]
	[ "$(field groups <<<"$output")" = support,field ]
}

@test "a name with a domain within a domain is nobody's" {
	run --separate-stderr "${AUTH[@]}" --domain EMEA < <(rec 'user=EMEA\\alice@EMEA' 'password=correct horse'
		rec user=alice@EMEA domain=EMEA 'password=correct horse')
	[ "$status" = 4 ]
	[ "$(field error <<<"$output")" = $'denied\ndenied' ]
}
