#!/usr/bin/env bats
# A bought router's RADIUS password that is good once: sp-login makes it, a real FreeRADIUS runs
# sp-auth --code to have it checked.
load common
load radius

prepare() { asks_for_codes; }
setup_more() {
	umask 077
	openssl genpkey -algorithm ed25519 -out token.key
	echo 'correct horse' >pw
	radius
	AUTH=(sp-auth --server "127.0.0.1:$PORT" --secret-file r/radius.secret)
	security_server
	run -0 sp-login --server unix:s --user alice --password-file pw <<<"$(rec n=1)"
	TOKEN=$(field token <<<"$output")
}
security_server() {
	server sec sp-login -l --listen unix:s --token-key token.key --auth "${AUTH[*]}" --refuse-after 0 --log sec.log "$@"
}
code() { sp-login --code --server unix:s --router "$1" <<<"$(rec user=alice token="$TOKEN")" | field code; }
# What the router's RADIUS server says to USER CODE ROUTER.
router() { "${AUTH[@]}" <<<"$(rec user="$1" password="$2" router="$3" service=nas)" 2>/dev/null; }
# As FreeRADIUS runs it: a code of alice's at r1. OPTION...
check() { env USER_NAME="\"alice\"" USER_PASSWORD="\"$1\"" NAS_IDENTIFIER='"r1"' sp-auth --code "${@:2}"; }
refused() { run router "$@"; [ "$status" = 4 ] && [[ $output == *error=denied* ]]; }

@test "a code lets its user in at its router, once" {
	run --separate-stderr sp-login --code --server unix:s --log ws.log <<<"$(rec serial=1 user=alice token="$TOKEN" router=r1 'profile_args=speed=1 auth=code')"
	[ "$status" = 0 ]; [ -z "$stderr" ]
	[[ $output == "$(rec serial=1 user=alice token="$TOKEN" router=r1 'profile_args=speed=1 auth=code' code=)"[A-Z2-7]*$'\tcode_until='*Z ]]
	local c
	c=$(field code <<<"$output")
	[ ${#c} = 20 ]
	run router alice "$c" r1
	[ "$status" = 0 ]; [ "$output" = "$(rec user=alice router=r1 service=nas decision=accept groups=support,field)" ]
	refused alice "$c" r1
	run -0 router alice 'correct horse' r1 # passwords are what they were, and reach no program
	[ "$(field event <code.log | tr '\n' ' ')" = "accepted refused " ]
	never grep -rqE "$c|correct" code.log sec.log ws.log
}

@test "it is of one user, for one router, and burnt where it is shown in vain" {
	local c
	c=$(code r1)
	refused bob "$c" r1
	refused alice "$c" r1
	c=$(code r1)
	refused alice "$c" r2
	refused alice "$c" r1
	refused 'ali"ce' "$(code r1)" r1
	c=$(code 'r"1\')
	run -0 router alice "$c" 'r"1\\'
	c=$(code r1)
	refused alice "${c%?}$([ "${c: -1}" = A ] && echo B || echo A)" r1
	run -0 router alice "$c" r1
}

@test "of five codes the oldest is good no more" {
	local c=() i
	for i in 0 1 2 3 4; do c+=("$(code r1)"); done
	refused alice "${c[0]}" r1
	for i in 4 1; do run -0 router alice "${c[i]}" r1; done
}

@test "used is used, and after a restart none is good" {
	local used new
	used=$(code r1) new=$(code r1)
	run -0 router alice "$used" r1
	kill "$SERVER_PID"; until_gone "$SERVER_PID"
	refused alice "$new" r1 # nobody can be asked
	security_server
	refused alice "$used" r1
	refused alice "$new" r1
	run -0 router alice "$(code r1)" r1
}

@test "it holds for its time" {
	kill "$SERVER_PID"; until_gone "$SERVER_PID"
	security_server --code-life 0.001
	refused alice "$(code r1)" r1
}

@test "who has no token has no code" {
	ask() { run --separate-stderr sp-login --code --server unix:s <<<"$(rec profile_args=auth=code "$@")"; }
	ask token="${TOKEN%?}" router=r1
	[ "$status" = 4 ]; [[ $output == *error=denied*step=316*"not accepted" && $output != *code=[A-Z2-7]* ]]
	ask router=r1
	[ "$status" = 7 ]; [[ $output == *"the record has no token=: sp-login gives it"* ]]
	ask token="$TOKEN"
	[ "$status" = 7 ]; [[ $output == *"there is no router="* ]]
	run timeout 5 socat -t 5 - UNIX-CONNECT:s <<<"$(rec id=1 op=code router=r1)"
	[ "$output" = "$(rec id=1 error=denied step=304 'detail=user, password or group not accepted')" ]
	grep -q 'step=316	event=refused.*detail=neither a certificate nor a token' sec.log
}

@test "who wants no code gets none; a session has its codes once, one for each way to its system" {
	filter_owes "$(rec user=alice token=x router=r1 profile_args=transport=tls)" sp-login --code --server unix:none
	run -0 sp-login --code --server unix:s < <(
		rec session=S1 token="$TOKEN" router=r1 profile_args=auth=code dial=1 dial2=2 dial3=3 permit=p1
		rec session=S1 token="$TOKEN" router=r1 profile_args=auth=code dial=1 permit=p2
		rec session=S2 token="$TOKEN" router=r1 profile_args=auth=code dial=1 dial2=2 dial3=3 dial4=4 dial5=5)
	[ "$(field code <<<"$output" | wc -l)" = 2 ]; [[ ${lines[1]} == *permit=p2 ]]
	[ "$(field code3 <<<"$output" | wc -l)" = 2 ]; [ "$(field code4 <<<"$output" | wc -l)" = 1 ]; [ -z "$(field code5 <<<"$output")" ]
	local k last=${lines[2]} # run has others for itself
	for k in code4 code3 code2 code; do run -0 router alice "$(field $k <<<"$last")" r1; done
}

@test "the exit status is the exec module's, and none of them 3" {
	run -1 check AAAAAAAAAAAAAAAAAAAA --server unix:s
	run -2 check "$(code r1)" --server unix:none
	kill -STOP "$SERVER_PID"
	run -2 check AAAAAAAAAAAAAAAAAAAA --server unix:s --timeout 0.2
	kill -CONT "$SERVER_PID"
	run -1 env USER_NAME=x sp-auth --code --server unix:s
	run -0 check "$(code r7)" --server unix:none --server unix:s --router r7
	run -2 check x
}

@test "over TLS the security server is known by its role" {
	sp-ca init --dir pki >/dev/null
	sp-ca issue --dir pki --role login --name sec1 --out sec >/dev/null
	sp-ca issue --dir pki --role router --name r9 --out r9 >/dev/null
	kill "$SERVER_PID"; until_gone "$SERVER_PID"
	security_server --listen tls:127.0.0.1:0 --cert sec.crt --key sec.key
	run -0 check "$(code r1)" --server "tls:127.0.0.1:$PORT" --ca pki/ca.crt
	server false sp-back --listen tls:127.0.0.1:0 --socket "unix:$T/back" --cert r9.crt --key r9.key --ca pki/ca.crt
	local c
	c=$(code r1)
	run -1 check "$c" --server "tls:127.0.0.1:$PORT" --ca pki/ca.crt
	run -0 check "$c" --server unix:s # nothing was said to the wrong one
}
