# small.bash - a small profile, for devices that a test plays.

small() { # a profile for devices of these tests
	cat >small.profile <<-'EOF'
		profile small
		start login
		hangup bye
		transport plain
		state login step 315 timeout 1
			prompt "login: "	send "%{user}" -> secret
		state secret step 316 timeout 1
			prompt "pin: "		send "%{password}" -> wait
		state wait step 320 timeout 1
			line "up (.*)"		fields "\1" progress ready -> up
			line "bad"		fail denied 320 "bad pin"
		state up step 326 timeout never
			line "gone"		fail peer 326 "it is gone"
		state bye timeout 1
			enter			send "bye"
			closed			done
			timeout			done
	EOF
}
