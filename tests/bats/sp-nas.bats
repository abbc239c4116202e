#!/usr/bin/env bats
# sp-nas at its prompt, as people and their telnet programs use it. Who may is decided by a filter of
# three lines here; call.bats has the real one, and the calls.
load common
load nas

setup_more() { nas_users; }

@test "a person logs in with Debian's telnet, asks for help, and quits" {
	nas --auth "$AUTH"
	talk 'as alice wonder ""; want "Permission granted."; want "router1> "; send "help\r"; want "hangup"; want "router1> "
		send "show\r"; want "groups=support,field"; want "router1> "; send "quit\r"; last "OK bye"'
	never grep -q wonder talk.log
	[ "$(field step <nas.log | tr '\n' ' ')" = "315 316 317 320 321 " ]
	until_true 5 sh -c "! pgrep -P $NAS sp-nas"
}

@test "with busybox telnet, too; keys: backspace, ^U, ^C, an empty line, cursor keys" {
	nas --auth "$AUTH"
	TELNET='busybox telnet' talk 'as alicx\177e wonder support; want "router1> "; send "\r"; want "router1> "
		send "session X\025session S1\r"; want "OK session S1"; want "router1> "
		send "show\003"; want "router1> "; send "\033\[A\r"; want "ERROR usage 324 no such command"; want "router1> "
		send "show\r"; want "user=alice"; want "router1> "; send "\004"; catch { expect eof }'
}

@test "secret is not echoed and not told" {
	nas --auth "$AUTH"
	talk 'as alice wonder ""; want "router1> "; send "secret treasure\r"; want "OK secret set"; want "router1> "
		send " secret treasure\r"; want "OK secret set"; want "router1> "
		send "show\r"; want "OK"; send "quit\r"; last bye'
	run ! grep -rq treasure talk.log nas.out nas.err nas.log
}

@test "one try a connection: refused with step 320, 322 by group, 316 without a name" {
	nas --auth "$AUTH"
	talk 'as alice wrong ""; last "ERROR denied 320 not accepted\r\nPermission denied."'
	talk 'as nobody wonder ""; last "ERROR denied 320 not accepted\r\nPermission denied."'
	talk 'as bob builder ""; last "ERROR denied 322 this group may not use this device\r\nPermission denied."'
	talk 'as alice wonder field; last "ERROR denied 322 this group may not use this device\r\nPermission denied."' # field is no --group
	talk 'want "Username: "; send "\r"; last "ERROR denied 316 "'
	[ "$(grep -c 'event=refused' nas.log)" = 4 ]
}

@test "a filter that ends, is silent, or decides nothing lets nobody in" {
	nas --auth cat
	talk 'as alice wonder ""; last "ERROR denied 320 not accepted\r\nPermission denied."'
	kill "$NAS"; until_gone "$NAS"
	nas --auth false
	talk 'as alice wonder ""; want "ERROR system 317 the filter "; last "Permission denied."'
	kill "$NAS"; until_gone "$NAS"
	nas --auth 'tail -f /dev/null' --timeout 0.5
	talk 'as alice wonder ""; last "ERROR timeout 317 no answer in time\r\nPermission denied."'
}

@test "dialing: by group, by pattern, never a descriptor; a line for each; nobody there" {
	nas --auth "$AUTH" --group office --dial-group support --lines 1
	talk 'as bob builder ""; want "router1> "; send "dial tcp:127.0.0.1:1\r"; want "ERROR denied 321 "; send "quit\r"; last bye'
	talk 'as alice wonder ""; want "router1> "; send "begin\r"; want "ERROR usage 325 dial first"
		foreach d {tcp:127.0.0.2:1 fd:3 unix:/etc/passwd tty:/dev/console udp:127.0.0.1:1 127.0.0.1:1} {
			send "dial $d\r"; want "ERROR denied 324 " }
		send "hangup\r"; want "ERROR none 326 "
		send "dial tcp:127.0.0.1:1\r"; want "OK Dial string acknowledged, line line1 ready."
		set first $spawn_id
		spawn telnet 127.0.0.1 '"$PORT"'
		as alice wonder ""; want "router1> "; send "dial tcp:127.0.0.1:1\r"; want "ERROR busy 324 no line is free"
		set spawn_id $first
		send "begin\r"; want "Progress: state=dialing"; want "Progress: state=down line=line1 error=peer step=325 reason=no-carrier"
		send "dial tcp:127.0.0.1:1\r"; want "line line1 ready."; send "quit\r"; last bye'
	[ "$(field state <nas.out | tr '\n' ' ')" = "dialing down " ]
}

@test "a session's fault is its own: killed with -9, the others go on" {
	nas --auth "$AUTH"
	talk 'as alice wonder ""; want "router1> "
		exec sh -c "kill -9 \$(pgrep -n -P '"$NAS"' sp-nas)"
		spawn telnet 127.0.0.1 '"$PORT"'
		as alice wonder ""; want "router1> "; send "quit\r"; last bye'
	until_true 5 grep -q 'ended badly' nas.err
}

@test "the process that sessions come from is killed with -9: those go on, and there is another one" {
	nas --auth "$AUTH"
	talk 'as alice wonder ""; want "router1> "
		exec sh -c "kill -9 \$(pgrep -P '"$NAS"' nas-nursery)"
		set first $spawn_id
		spawn telnet 127.0.0.1 '"$PORT"'
		as alice wonder ""; want "router1> "; send "quit\r"; last bye
		set spawn_id $first; send "quit\r"; last bye'
	grep -q 'was lost, and is replaced' nas.err
	until_true 5 sh -c "! pgrep -P $NAS sp-nas"
	[ "$(pgrep -c -P "$NAS" nas-nursery)" = 1 ]
}

@test "what is no telnet session: silence, noise, compression, endless lines" {
	nas --auth "$AUTH" --login-timeout 2 --sessions 2
	run timeout 5 socat -u "tcp:127.0.0.1:$PORT" -
	[ "$status" = 0 ]; [[ $output == *"ERROR timeout 316"* ]]
	printf 'a\377\372V\377\360\n' | timeout 5 socat - "tcp:127.0.0.1:$PORT" >/dev/null
	until_true 5 grep -q 'compression was switched on' nas.log
	head -c 200000 /dev/urandom | timeout 5 socat - "tcp:127.0.0.1:$PORT" >/dev/null || :
	yes | tr -d '\n' | head -c 300000 | timeout 5 socat - "tcp:127.0.0.1:$PORT" >/dev/null || :
	until_true 5 sh -c "! pgrep -P $NAS sp-nas"
	talk 'want "Username: "'
}

@test "over --sessions a connection is closed at once" {
	nas --auth "$AUTH" --sessions 1
	talk 'as alice wonder ""; want "router1> "
		set first $spawn_id
		spawn telnet 127.0.0.1 '"$PORT"'
		expect Username { exit 1 } eof {}
		set spawn_id $first; send "quit\r"; last bye'
}

@test "killed with -9, its sessions end with it" {
	nas --auth "$AUTH"
	talk 'as alice wonder ""; want "router1> "; exec kill -9 '"$NAS"'; catch { expect eof }'
	until_true 5 sh -c "! ss -tn | grep -q ':$PORT '"
}

@test "wrong options are refused by name" {
	local o=(--name r --alias-pool 10.0.0.0/24 --group g)
	run sp-nas --listen unix:x "${o[@]}"
	[ "$status" = 2 ]; [[ $output == *"--listen unix:x"* ]]
	run sp-nas --listen tcp:127.0.0.1:0 --name r --alias-pool 10.0.0.1/24 --group g
	[ "$status" = 2 ]; [[ $output == *"--alias-pool"* ]]
	run sp-nas --listen tcp:127.0.0.1:0 "${o[@]}" --lines 255
	[ "$status" = 2 ]; [[ $output == *"--lines"* ]]
	run sp-nas --listen tcp:127.0.0.1:0 "${o[@]}" --echo 0.05
	[ "$status" = 2 ]; [[ $output == *"--echo: at least 0.1"* ]]
	run sp-nas --listen tcp:127.0.0.1:0 "${o[@]}" --auth /nowhere
	[ "$status" = 8 ]; [[ $output == *"--auth /nowhere"* ]]
	run bash -c 'sp-nas --listen tcp:127.0.0.1:0 "$@" --auth cat >/dev/full' - "${o[@]}"
	[ "$status" = 8 ]; [[ $output == *"standard output"* ]]
}
