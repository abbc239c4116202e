#!/usr/bin/env bats
# sp-login: both sides, over TLS, with a real FreeRADIUS and slapd behind the server.
load common
load radius

keys() {
	sp-ca init --dir c >/dev/null
	sp-ca issue --dir c --role login --name sec --issues user >/dev/null
	sp-ca key --out c/token >/dev/null
}
setup_more() {
	radius
	AUTH="sp-auth --domain EMEA --server 127.0.0.1:$PORT --secret-file $T/r/radius.secret --log $T/auth.log"
	once keys
	umask 077
	echo 'correct horse' >alice.pw
	echo wrong >wrong.pw
}

security_server() {
	server sec sp-login -l --listen tls:127.0.0.1:0 --cert c/sec.crt --key c/sec.key --token-key c/token.key \
		--auth "$AUTH" --log sec.log --refuse-after 0.2 "$@"
	SEC=$PORT SEC_PID=$SERVER_PID
	LOGIN=(sp-login --server "tls:127.0.0.1:$SEC" --ca c/ca.crt)
}

# The payload of the token in a record on standard input, its signature checked by openssl.
payload() {
	local token text
	token=$(field token)
	text=${token%.*}
	printf %s "$text" >signed
	b64 <<<"${token#*.}" >signature
	openssl pkeyutl -verify -pubin -inkey c/token.pub -rawin -in signed -sigfile signature >/dev/null || return 1
	b64 <<<"$text"
}
b64() { tr -- '-_' '+/' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' | base64 -d; }

@test "a user with the right password gets a token that openssl verifies; the record grows" {
	security_server
	run --separate-stderr "${LOGIN[@]}" --user 'EMEA\alice' --group support --password-file alice.pw \
		--log ws.log <<<"$(rec ticket=T-1 serial=42)"
	[ "$status" = 0 ]; [ -z "$stderr" ]
	[[ $output == "$(rec ticket=T-1 serial=42 user=alice domain=EMEA group=support groups=support token=)"* ]]
	[ "$(field token_until <<<"$output")" \> "$(date -u -d '+7 hours' +%FT%TZ)" ]
	[[ $(payload <<<"$output") == token_id=*$'\t'"$(rec user=alice domain=EMEA group=support groups=support until=)"* ]]
	[ "$(field step <ws.log | tr '\n' ' ')" = "301 302 305 " ]
	[ "$(field step <sec.log | tr '\n' ' ')" = "303 304 " ]
	grep -q 'calling=127.0.0.1' auth.log
	never grep -rqE 'correct|token=' ws.log sec.log auth.log
}

@test "refusals: the same words, the same time, step 305, exit 4" {
	security_server --refuse-after 0.6
	local who all=
	refused() { # OPTION... After one that took too long the server forgets: each guess more would wait longer.
		[ "${TOOK:-0}" -lt 1190 ] || { kill "$SEC_PID"; until_gone "$SEC_PID"; security_server --refuse-after 0.6; }
		run --separate-stderr "${LOGIN[@]}" "$@" <<<"$(rec serial=1)"
		[ "$status" = 4 ]
		all+="$output"$'\n'
	}
	for who in alice nobody 'x y\z' bob; do
		within 1190 refused --user "$who" --password-file wrong.pw # not a slot later
		[ $TOOK -ge 595 ]                                          # not at once
	done
	within 1190 refused --user alice --group office --password-file alice.pw
	[ $TOOK -ge 595 ]
	[ "$(printf '%s' "$all" | sort -u)" = "$(rec serial=1 error=denied step=305 'detail=user, password or group not accepted')" ]
	[[ $stderr == *"step 305"* ]]
}

@test "one question for many records of one user; error= passes; others ask again" {
	security_server
	run --separate-stderr "${LOGIN[@]}" --password-file alice.pw < <(rec user=alice n=1; rec user=alice n=2
		rec n=3 error=busy step=313; rec user=alice n=4; rec user=bob n=5)
	[ "$status" = 5 ]
	[ "$(grep -c event=asked sec.log)" = 2 ]
	[ "$(field token <<<"$output" | sort -u | wc -l)" = 1 ]
	[[ $output == *"n=3"$'\t'"error=busy"$'\t'"step=313"* && $output == *"n=5"$'\t'"error=denied"* ]]
}

@test "a group with a password: asked for by name, and given" {
	echo 'the field' >field.pw
	run sp-login --hash --group field --password-file field.pw
	[ "$status" = 0 ]; [[ $output == "group=field"$'\t'"hash=scrypt:"* && $output != *"the field"* ]]
	echo "$output" >groups
	security_server --group-passwords groups
	run "${LOGIN[@]}" --user alice --password-file alice.pw <<<"$(rec n=1)"
	[ "$status" = 0 ]; [ "$(field groups <<<"$output")" = support ]
	run --separate-stderr "${LOGIN[@]}" --user alice --group field --password-file alice.pw <<<"$(rec n=1)"
	[ "$status" = 4 ]; [[ $output == *"not accepted"* ]]
	run --separate-stderr "${LOGIN[@]}" --user alice --group field --password-file alice.pw \
		--group-password-file wrong.pw <<<"$(rec n=1)"
	[ "$status" = 4 ]
	run "${LOGIN[@]}" --user alice --group field --password-fd 7 --group-password-fd 8 7<alice.pw 8<field.pw <<<"$(rec n=1)"
	[ "$status" = 0 ]; [ "$(field groups <<<"$output")" = field ]
}

@test "the first security server is not there: the second is asked" {
	security_server
	run sp-login --server unix:nowhere --server "tls:127.0.0.1:$SEC" --ca c/ca.crt --user alice \
		--password-file alice.pw <<<"$(rec n=1)"
	[ "$status" = 0 ]
	run --separate-stderr sp-login --server unix:nowhere --user alice --password-file alice.pw <<<"$(rec n=1)"
	[ "$status" = 6 ]; [[ $output == *"error=peer"*"step=302"* ]]
}

@test "the server's certificate must be of our authority" {
	security_server
	sp-ca init --dir other >/dev/null
	run --separate-stderr sp-login --server "tls:127.0.0.1:$SEC" --ca other/ca.crt --user alice \
		--password-file alice.pw <<<"$(rec n=1)"
	[ "$status" = 4 ]; [[ $output == *error=denied* ]]
	never grep -q step=303 sec.log
}

@test "RADIUS is silent: timeout, not refused; its filter killed: started again" {
	security_server
	local child
	child=$(pgrep -P "$SEC_PID")
	kill -9 "$child"; until_gone "$child"
	run "${LOGIN[@]}" --user alice --password-file alice.pw <<<"$(rec n=1)"
	[ "$status" = 0 ]
	kill -STOP "$(pgrep -P "$SEC_PID")"
	run --separate-stderr "${LOGIN[@]}" --timeout 0.3 --user alice --password-file alice.pw <<<"$(rec n=1)"
	[ "$status" = 3 ]; [[ $output == *error=timeout* ]]
	kill -CONT "$(pgrep -P "$SEC_PID")"
}

@test "it is a filter (a token is new each time, so filter_owes cannot compare)" {
	security_server
	local ask=("${LOGIN[@]}" --password-file alice.pw --user alice)
	run --separate-stderr bash -c 'dd bs=1 status=none | "$@"' - "${ask[@]}" < <(rec n=1; echo '{"n":"2"}')
	[ "$status" = 0 ]; [ "$(field n <<<"$output" | tr '\n' ' ')" = "1 2 " ]; [ "$(field token <<<"$output" | wc -l)" = 2 ]
	run --separate-stderr "${ask[@]}" < <(rec n=1; echo no-equals-sign; printf 'n=%066000d\n' 0; rec n=2)
	[ "$status" = 7 ]; [[ $stderr == *"stdin: line 2"*"stdin: line 3: line over 64 KiB"* ]]; [ "$(field token <<<"$output" | wc -l)" = 2 ]
	run --separate-stderr bash -c '"$@" >/dev/full' - "${ask[@]}" <<<"$(rec n=1)"
	[ "$status" = 8 ]
	run --separate-stderr sp-login --server unix:nowhere </dev/null # asks for no password
	[ "$status" = 1 ]; [ -z "$output$stderr" ]
	run --separate-stderr bash -c '"$@" <&-' - "${ask[@]}"
	[ "$status" = 1 ] || [ "$status" = 8 ]
	run --separate-stderr bash -c 'yes n=1 | head -n 20000 | "$@" | head -n 1' - "${ask[@]}"
	[ -z "$stderr" ]
	run --separate-stderr "${ask[@]}" --json <<<"$(rec n=1)"
	[ "$(jq -r .user <<<"$output")" = alice ]
}

@test "at a terminal the password is asked for once, unseen" {
	security_server
	cat >typed <<-EOF
	set timeout 10
	spawn sh -c {printf 'n=1\\nn=2\\n' | sp-login --server tls:127.0.0.1:$SEC --ca c/ca.crt --user alice >out}
	expect "Password for alice: " { send "correct horse\r" }
	expect eof
	EOF
	run expect typed
	[ "$(field token <out | wc -l)" = 2 ]
	[ "$(grep -o 'Password for' <<<"$output" | wc -l)" = 1 ]; [[ $output != *correct* ]]
}

@test "Ctrl-C at the question leaves a terminal that echoes" {
	security_server
	cat >typed <<-EOF
	set timeout 10
	spawn sh -c {trap : INT; sp-login --server tls:127.0.0.1:$SEC --ca c/ca.crt --user alice <in; stty -a}
	expect "Password for alice: " { send "\003" } timeout { exit 9 }
	expect eof
	EOF
	rec n=1 >in
	run expect typed
	[ "$status" = 0 ]
	[[ $output == *" echo "* && $output != *" -echo "* ]]
}
