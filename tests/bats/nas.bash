# nas.bash - a router of one machine, users checked by a filter of three lines, and a person at its
# prompt. Loaded beside common.
# shellcheck disable=SC2034,SC2154
nas_users() {
	cat >auth.sed <<-'EOF'
		/user=alice.*password=wonder/ { s/\tpassword=[^\t]*//; s/$/\tdecision=accept\tgroups=support,field/; b }
		/user=bob.*password=builder/ { s/\tpassword=[^\t]*//; s/$/\tdecision=accept\tgroups=office/; b }
		s/\tpassword=[^\t]*//; s/$/\terror=denied\tstep=320\tdetail=rejected/
	EOF
	AUTH="sed -u -f $T/auth.sed"
}

nas() { # OPTION...
	server nas sp-nas --listen tcp:127.0.0.1:0 --name router1 --alias-pool 10.200.0.0/24 --group support --fail-delay 0.1 \
		--permit-dial 'tcp:127.0.0.1:*' --log nas.log "$@"
	NAS=$SERVER_PID
}

# talk 'EXPECT-SCRIPT': behind a login as alice; fails when something does not come in 5 s.
talk() {
	cat >talk.exp <<-EOF
		set timeout 5
		log_user 0
		log_file -a -noappend talk.log
		proc want {text} { expect -ex \$text {} timeout { puts "no: \$text"; exit 1 } eof { puts "eof, no: \$text"; exit 1 } }
		proc rings {from} { # the exchange has heard that modem dial
			spawn tail -n +1 -f x.out
			expect -re "event=ringing\[^\n]*from=\$from" {} timeout { puts "\$from does not dial"; exit 1 }
			close; wait }
		proc last {text} { want \$text; catch { expect eof } }
		proc as {user password group} {
			want "Username: "; send "\$user\r"; want "Password: "; send "\$password\r"; want "Group: "; send "\$group\r" }
		proc login {} { as alice wonder ""; want "router1> " }
		spawn ${TELNET:-telnet} 127.0.0.1 $PORT
		$1
	EOF
	expect talk.exp
}
