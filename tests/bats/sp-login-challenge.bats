#!/usr/bin/env bats
# A password and a one-time code: a real FreeRADIUS challenges, sp-auth says so, sp-login asks the user.
load common
load radius

setup_more() {
	radius
	AUTH=(sp-auth --server "127.0.0.1:$PORT" --secret-file "$T/r/radius.secret")
	umask 077
	openssl genpkey -algorithm ed25519 -out token.key
	echo erin-pass >pw
	echo 271828 >code
	echo wrong >wrong
}

security_server() {
	server sec sp-login -l --listen unix:s --token-key token.key --auth "${AUTH[*]} --log auth.log" --log sec.log --refuse-after 0.2 "$@"
	LOGIN=(sp-login --server unix:s --user erin)
}
# A client that keeps its connection: say RECORD, then hear ID prints the answer to that id.
client() {
	mkfifo "to$1"
	socat -,ignoreeof UNIX-CONNECT:s <"to$1" >"from$1" 3>&- & PIDS+=($!)
}
hear() { until_true 10 grep -q "^id=$2" "from$1"; grep "^id=$2" "from$1"; }
REFUSED='error=denied	step=304	detail=user, password or group not accepted'

@test "sp-auth: a challenge is no acceptance; its state goes on once, for its user" {
	run "${AUTH[@]}" <<<"$(rec user=erin password=erin-pass state=stale prompt=x)"
	[ "$status" = 7 ]; [[ $output == *"state= is no text"* ]]
	run "${AUTH[@]}" <<<"$(rec user=erin password=erin-pass)"
	[ "$status" = 4 ]; [[ $output == "$(rec user=erin decision=challenge 'prompt=Code of erin: ' state=)"+([0-9a-f])$'\techo=yes' ]]
	local state
	state=$(field state <<<"$output")
	run "${AUTH[@]}" <<<"$(rec user=erin password=271828 state="$state")"
	[ "$status" = 0 ]; [ "$output" = "$(rec user=erin decision=accept groups=support)" ]
	run --separate-stderr "${AUTH[@]}" < <(rec user=erin password=271828 state="$state"; rec user=erin password=271828 state=00
		rec user=erin password=271828; rec user=erin password=wrong)
	[ "$(field error <<<"$output" | sort | uniq -c)" = "      4 denied" ]
	[ "$(field detail <<<"$output" | sort -u | wc -l)" = 1 ]
	state=$("${AUTH[@]}" <<<"$(rec user=erin password=erin-pass)" | field state)
	run --separate-stderr "${AUTH[@]}" <<<"$(rec user=alice password=271828 state="$state")"
	[ "$status" = 4 ]; [[ $output == *error=denied* ]]
}

@test "password and code: a token, for two exchanges of RADIUS; without code it is one" {
	security_server
	run --separate-stderr "${LOGIN[@]}" --password-file pw --code-file code --log ws.log < <(rec n=1; rec n=2)
	[ "$status" = 0 ]; [ -z "$stderr" ]
	[ "$(field token <<<"$output" | wc -l)" = 2 ]; [[ $output == *groups=support* && $output != *challenge* && $output != *prompt* ]]
	[ "$(grep -c event=asked auth.log)" = 2 ]
	[ "$(field step <ws.log | tr '\n' ' ')" = "301 302 304 302 305 " ]
	echo 'correct horse' >alice
	run -0 "${LOGIN[@]}" --user alice --password-file alice <<<"$(rec n=1)"
	[ "$(grep -c event=asked auth.log)" = 3 ]
	never grep -rqE '271828|erin-pass|state=|token=' ws.log sec.log auth.log
	run -0 "${LOGIN[@]}" --password-file pw --code-fd 7 7<code <<<"$(rec n=1)"
}

@test "a wrong code is refused as a wrong password is: the same words, the same slots" {
	security_server --refuse-after 0.6
	refused() { run --separate-stderr "${LOGIN[@]}" "$@" --code-file wrong <<<"$(rec n=1)"; [ "$status" = 4 ]; }
	within 1190 refused --password-file wrong
	local first=$output
	[ $TOOK -ge 595 ]
	within 1190 refused --password-file pw
	[ $TOOK -ge 595 ]
	[ "$output" = "$first" ]; [ "$output" = "$(rec n=1 error=denied step=305 'detail=user, password or group not accepted')" ]
}

@test "a challenge is answered once, over its own connection, in its time" {
	security_server --answer-within 2 --idle 1
	client A; client B
	exec 7>toA 8>toB
	rec id=1 op=login user=erin password=erin-pass >&7
	local c
	c=$(hear A 1 | field challenge)
	rec id=2 op=answer challenge="$c" password=271828 >&8
	[ "$(hear B 2)" = $'id=2\t'"$REFUSED" ] # the name alone opens nothing elsewhere
	rec id=3 op=answer challenge="$c" password=271828 >&7
	[[ $(hear A 3) == *token=* ]]
	rec id=4 op=answer challenge="$c" password=271828 >&7
	[ "$(hear A 4)" = $'id=4\t'"$REFUSED" ]
	local from=${EPOCHREALTIME/./}
	rec id=5 op=login user=erin password=erin-pass >&7
	c=$(hear A 5 | field challenge)
	until_gone "${PIDS[-2]}"
	[ $((${EPOCHREALTIME/./} - from)) -ge 2000000 ] # it waited for longer than --idle
	client C
	exec 9>toC
	rec id=1 op=login user=erin password=erin-pass >&9
	hear C 1
	rec id=2 op=answer password=271828 >&9
	[ "$(hear C 2)" = $'id=2\t'"$REFUSED" ]
	exec 7>&- 8>&- 9>&-
}

@test "who answers too late is refused" {
	security_server --answer-within 0.2 --refuse-after 0.4
	client A
	exec 7>toA
	rec id=1 op=login user=erin password=erin-pass >&7
	hear A 1 >/dev/null
	rec id=2 op=login user=erin password=wrong >&7
	hear A 2 >/dev/null # 0.4 s
	rec id=3 op=answer challenge="$(hear A 1 | field challenge)" password=271828 >&7
	[ "$(hear A 3)" = $'id=3\t'"$REFUSED" ]
	grep -q 'detail=no such challenge' sec.log
	exec 7>&-
}

@test "one client has so many challenges open and no more" {
	security_server
	client A
	exec 7>toA
	for i in 1 2 3 4 5; do rec id=$i op=login user=erin password=erin-pass >&7; hear A $i >/dev/null; done
	[ "$(field challenge <fromA | wc -l)" = 4 ]
	[ "$(hear A 5)" = $'id=5\t'"$REFUSED" ]
	exec 7>&-
}

@test "at a terminal the code is asked for as the server says: seen, or not" {
	security_server
	cat >typed <<-EOF
	set timeout 10
	spawn sh -c {sp-login --server unix:s --user erin <in >out}
	expect "Password for erin: " { send "erin-pass\r" }
	expect "Code of erin: " { send "271828\r" }
	expect eof
	EOF
	rec n=1 >in
	run -0 expect typed
	[ "$(field token <out | wc -l)" = 1 ]
	[[ $output == *271828* && $output != *erin-pass* ]]
}

@test "--challenge-all: who is unknown is asked for a code, too, and nobody can tell" {
	security_server --challenge-all 'Code: ' --refuse-after 0.4
	client A
	exec 7>toA
	local i=0 who c answers=
	for who in erin:erin-pass erin:wrong nobody:erin-pass alice:wrong; do
		i=$((i + 1))
		rec id=$i op=login user="${who%:*}" password="${who#*:}" >&7
		answers+=$(hear A $i | sed 's/challenge=[0-9a-f]\{32\}/challenge=X/; s/^id=[0-9]*//')$'\n'
		c=$(hear A $i | field challenge)
		i=$((i + 1))
		rec id=$i op=answer challenge="$c" password=wrong >&7
		answers+=$(hear A $i | sed 's/^id=[0-9]*//')$'\n'
	done
	[ "$(printf %s "$answers" | sort | uniq -c | sed 's/^ *//')" = "4 "$'\tchallenge=X\tprompt=Code: \tdone=1\n4 \t'"$REFUSED" ]
	rec id=90 op=login user=nobody password=x >&7
	rec id=91 op=answer challenge="$(hear A 90 | field challenge)" password=271828 >&7
	[ "$(hear A 91)" = $'id=91\t'"$REFUSED" ]
	exec 7>&-
	[ "$(grep -c event=asked auth.log)" = 6 ] # nobody's code is not asked about
	run -0 "${LOGIN[@]}" --password-file pw --code-file code <<<"$(rec n=1)"
}

@test "a router tells nobody that there was a challenge: it refuses, as it refuses anybody" {
	server nas sp-nas --name r1 --listen tcp:127.0.0.1:0 --alias-pool 10.200.0.0/24 --group support --auth "${AUTH[*]}" \
		--fail-delay 0.2 --log nas.log
	told() { # USER PASSWORD
		printf '%s\r\n%s\r\n\r\n' "$1" "$2" | timeout 10 socat -,ignoreeof "TCP:127.0.0.1:$PORT" | tr -d '\r' |
			grep -a ERROR
	}
	told erin erin-pass >right
	told erin wrong >false
	told nobody erin-pass >unknown
	grep -aq 'ERROR denied 320 not accepted' right
	cmp right false; cmp right unknown
}
