# A group that has a password: what is granted to it is there for who is in it and gives that.
load lab

user() { ws timeout 60 sp connect --user "$1" --password-file "$(secret "$1")" "${@:2}"; }
erin() { user erin --code-file "$LAB/code/erin" --customer initech "$@"; }
cleared=(--group cleared --group-password-file)
page() { [ "$output" = "<p>000311770789</p>" ]; nothing_left; }
GET=(curl -sS --max-time 9 'http://%{address}/')

@test "with the group's password its grant is there, and the router lets the group in; without, the system is not" {
	run -0 --separate-stderr erin "${cleared[@]}" "$LAB/group/cleared" -- "${GET[@]}"
	page
	grep -q 'step=304	event=accepted	user=erin	group=cleared' "$LAB/log/sec.log"
	run -1 --separate-stderr erin -- true
	[ -z "$output" ]; [[ $stderr == *"no system that you may reach matches"* ]]
}

@test "305: a wrong one, none, or a group that one is not in: the same words, the log has which" {
	(umask 077; echo "not it" >wrong)
	refused 4 305 "user, password or group not accepted" erin "${cleared[@]}" "$T/wrong"
	grep -q 'step=304	event=refused	user=erin	group=cleared.*detail=wrong group password' "$LAB/log/sec.log"
	refused 4 305 "user, password or group not accepted" erin --group cleared
	refused 4 305 "user, password or group not accepted" user alice "${cleared[@]}" "$LAB/group/cleared" --serial 0123
	grep -q 'step=304	event=refused	user=alice	group=cleared.*detail=not in the group' "$LAB/log/sec.log"
}

@test "from a descriptor, beside the code's; on a terminal, when it is asked for" {
	SP_CONFIG=$LAB/sp.conf run -0 --separate-stderr ip netns exec "$(prefix)-ws" sp connect --user erin --password-file "$(secret erin)" \
		--code-fd 7 --group cleared --group-password-fd 8 --customer initech -- "${GET[@]}" 7<"$LAB/code/erin" 8<"$LAB/group/cleared"
	page
	cat >talk.exp <<-X
		set timeout 30
		log_file -a talk.log
		spawn sp lab exec --dir $LAB ws -- sp connect --user erin --group cleared --group-password --customer initech -- echo up
		expect "Password: " { send "$(cat "$(secret erin)")\r" } timeout { exit 3 } eof { exit 4 }
		expect "Password of the group: " { send "$(cat "$LAB/group/cleared")\r" } timeout { exit 5 } eof { exit 6 }
		expect "Code of erin: " { send "$(cat "$LAB/code/erin")\r" } timeout { exit 7 } eof { exit 8 }
		expect -re "\nup" { } timeout { exit 9 } eof { exit 10 }
		expect eof
	X
	expect talk.exp >shown || { cat -v talk.log >&2; false; }
	never grep -qF -e "$(cat "$(secret erin)")" -e "$(cat "$LAB/group/cleared")" talk.log
	nothing_left
}
