#!/usr/bin/env bats
# sp connect at a bought router, for a user who has a one-time code: a real FreeRADIUS challenges the
# log-in, and has the code checked that the recipe gets for the router (the rig's IOS). Behind
# sp-dial, which is as far as that device goes, stand stages that only add what the next would.
load common
load bought

setup_more() {
	bought_up
	stage sp-addr address=10.200.1.1
	stage sp-route route=acknowledged
}

reached() { [ "$1" = "10.200.1.1 erin as1 yes no no" ]; }
# shellcheck disable=SC2016
SAY=(sh -c 'echo $0 $SP_USER $SP_ROUTER $SP_CLEARTEXT ${SP_CODE-no} ${SP_TOKEN-no}' '%{address}')

@test "the code of the log-in from a file; the router's is fetched on the way; none of them is seen again" {
	run -0 --separate-stderr timeout 60 bin/sp --log log connect --user erin --password-file pw --code-file code --serial 0123 -- "${SAY[@]}"
	reached "$output"
	[ -z "$stderr" ]
	[ "$(field event <code.log | tr '\n' ' ')" = "accepted " ]
	grep -q 'step=316.event=code.user=erin.*router=as1' sec.log
	[ "$(grep -c 'event=challenged' sec.log)" = 1 ]
	grep -q 'step=316.*event=code.user=erin.router=as1' log
	never grep -rqaE '271828|erin-pass|code=[A-Z2-7]{20}' log sec.log mon.log code.log t
	until_true 5 test -e ios.log
	[ ! -s ios.log ] # put back
	# a wrong one of the log-in: refused there
	echo 314159 >code
	run -4 --separate-stderr timeout 60 bin/sp connect --user erin --password-file pw --code-file code --serial 0123 -- "${SAY[@]}"
	[[ $stderr == *"step 305: user, password or group not accepted"* && -z $output ]]
}

@test "the code from a descriptor, and not more than its line; on a terminal, when it is asked for" {
	run -0 --separate-stderr timeout 60 bin/sp connect --user erin --password-file pw --code-fd 7 --serial 0123 -- "${SAY[@]}" 7<code
	reached "$output"
	run -2 --separate-stderr bin/sp connect --user erin --password-file pw --code-fd x --serial 0123
	[[ $stderr == *"--code-fd x: not a number"* ]]
	cat >typed <<-EOF
	set timeout 60
	spawn sh -c {bin/sp connect --user erin --serial 0123 -- ${SAY[0]} ${SAY[1]} '${SAY[2]}' '${SAY[3]}' >out 2>err}
	expect "assword: " { send "erin-pass\r" } timeout { exit 3 }
	expect "Code of erin: " { send "271828\r" } timeout { exit 4 }
	expect eof
	EOF
	run -0 expect typed
	[[ $output == *271828* && $output != *erin-pass* ]]
	reached "$(cat out)"
}

@test "the router refuses: 4, and all is undone" {
	echo false >r/code.command
	kill "$SERVER_PID"; until_gone "$SERVER_PID" # the codes of a security server end with it
	server sec sp-login -l --listen "tls:127.0.0.1:$PORT" --cert sec.crt --key sec.key --ca c/ca.crt \
		--issuer-cert sec.crt --issuer-key sec.key --auth "$AUTH" --refuse-after 0 --log sec.log
	run -4 --separate-stderr timeout 60 bin/sp connect --user erin --password-file pw --code-file code --serial 0123 -- "${SAY[@]}"
	[[ $stderr == *"step 320: the router says: Authentication failed"* && -z $output ]]
	leases() { sp-db --db db dump leases | wc -l; }
	until_true 10 gives 0 leases
	grep -q step=313 mon.log # there was one
}
