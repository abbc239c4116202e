#!/usr/bin/env bats
# sp-dial: the dialogue with a router by its profile, and what happens when it goes wrong. The router
# is sp-nas where it can be; what a real one would never do, a script of socat's does.
load common
load small
load device

setup_more() {
	printf 'wonder\n' >password
	chmod 600 password
	printf '/password=wonder/ { s/$/\\tdecision=accept\\tgroups=support/; b }\ns/$/\\terror=denied/\n' >auth.sed
}

nas() {
	server nas sp-nas --listen tcp:127.0.0.1:0 --name router1 --alias-pool 10.200.0.0/24 --group support \
		--fail-delay 0.1 --permit-dial 'tcp:127.0.0.1:*' --auth "sed -u -f $T/auth.sed" "$@"
}

ask() { # FIELD... : a record to sp-dial
	rec user=alice router_address=127.0.0.1 "router_port=$PORT" profile_args=transport=plain "$@"
}

dial() { run --separate-stderr sp-dial --password-file password --log dial.log "$@"; }

@test "refusals of the router keep their step: denied 320, 324, peer 325" {
	nas
	dial < <(ask dial=tcp:127.0.0.1:1 session=S1)
	[ "$status" = 6 ]; [ "$(field error <<<"$output")" = peer ]; [ "$(field step <<<"$output")" = 325 ]
	[ "$(field reason <<<"$output")" = no-carrier ]; [[ $stderr == *"step 325"* ]]
	[ "$(field step <dial.log | tr '\n' ' ')" = "323 326 326 326 325 " ]
	dial < <(ask dial=tcp:127.0.0.2:1)
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 324 ]
	printf 'wrong\n' >password
	dial < <(ask dial=tcp:127.0.0.1:1)
	[ "$status" = 4 ]; [ "$(field step <<<"$output")" = 320 ]
	[[ $output$stderr != *wrong* ]]
}

@test "nobody there: peer 315; no router in the record: record; no such profile: usage" {
	PORT=1 dial < <(PORT=1 ask dial=x)
	[ "$status" = 6 ]; [ "$(field step <<<"$output")" = 315 ]
	PORT=1 dial --log log < <(PORT=1 ask dial=x session=S1)
	grep -q 'step=315	event=failed	session=S1	.*detail=.*refused' log
	dial <<<"$(rec user=alice dial=x)"
	[ "$status" = 7 ]; [[ $stderr == *router_address* ]]
	PORT=1
	dial < <(ask profile=../../etc/passwd)
	[ "$status" = 2 ]; [[ $stderr == *"no profile ../../etc/passwd"* ]]
}

@test "a value that is missing is named; one with a line feed is not sent" {
	nas
	dial < <(ask)
	[ "$status" = 7 ]; [[ $output == *"the profile needs dial="* ]]
	dial < <(ask 'dial=tcp:127.0.0.1:1\nbegin')
	[ "$status" = 7 ]; [[ $output == *"control character"* ]]
	[ -z "$(field state <nas.out)" ]
}

@test "held until the reader goes; then hung up politely" {
	small
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo "up line=l1 speed=9600 alias=10.1.2.3"; read -r b; echo "$b" >>said'
	run bash -c 'rec() { local IFS=$'"'\t'"'; printf "%s\n" "$*"; }
		rec user=alice router_address=127.0.0.1 router_port='"$PORT"' profile_args=transport=plain | sp-dial --password-file password --profile small.profile | head -n 1'
	[ "$output" = "$(ask cleartext=yes line=l1 speed=9600 alias=10.1.2.3 state=connected hold=dial)" ]
	until_true 5 grep -q bye said
}

@test "-- COMMAND runs with the record in its environment, and ends it" {
	small
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo "up alias=10.1.2.3"; read -r b'
	dial --profile small.profile -- sh -c 'echo "to $1 by $SP_ALIAS"; exit 3' - %{alias} < <(ask)
	[ "$status" = 3 ]; [ "$output" = "to 10.1.2.3 by 10.1.2.3" ]
}

@test "the upstream's end is ours; progress is told" {
	small
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo "up alias=10.1.2.3 state=up"; read -r b'
	mkfifo in
	sp-dial --password-file password --profile small.profile --progress 9 <in >out 9>progress 3>&- &
	local pid=$!
	PIDS+=("$pid")
	exec 8>in
	ask hold=alloc session=S1 >&8
	until_true 5 grep -q hold=alloc,dial out
	[ "$(field state <progress)" = up ]; [ "$(field session <progress)" = S1 ]
	exec 8>&-
	until_gone "$pid"
}

@test "the router says that it is gone, or closes: the record comes again with error=" {
	small
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo "up alias=10.1.2.3"; echo gone; read -r b'
	dial --profile small.profile < <(ask)
	[ "$status" = 6 ]; [ "$(wc -l <<<"$output")" = 2 ]; [[ $output == *"hold=dial"*"error=peer"*"step=326"*"it is gone"* ]]
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo "up alias=10.1.2.3"'
	dial --profile small.profile < <(ask)
	[ "$status" = 6 ]; [[ $output == *"closed the session in state up"* ]]
}

@test "a router that echoes the password and says no more: what was seen last is shown without it" {
	small
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo "pin was $p"; read -r x'
	dial --profile small.profile < <(ask)
	[ "$status" = 3 ]; [ "$(field step <<<"$output")" = 320 ]; [[ $output == *'pin was ***'* && $output$stderr != *wonder* ]]
	never grep wonder dial.log
}

@test "records with error= pass through; no record at all is 1; a malformed one 7" {
	dial <<<"$(rec serial=1 error=busy step=313)"
	[ "$status" = 5 ]; [ "$output" = "$(rec serial=1 error=busy step=313)" ]
	dial </dev/null
	[ "$status" = 1 ]
	dial <<<nonsense
	[ "$status" = 7 ]; [[ $stderr == *"stdin: line 1"* ]]
}
