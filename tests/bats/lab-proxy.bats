#!/usr/bin/env bats
# sp connect --proxy: a user without any privilege reaches a service processor through the gateway's proxy, by what he is
# told to type, and by hand.
load lab
load nobody
LAB_UP=(--gate)

PROXY=tls:10.50.0.35:4306
setup_more() {
	cp "$LAB/keys/ca.crt" "$LAB/ssh/id" "$LAB/ssh/known_hosts" .
	cp "$LAB/password/alice" password
	cp "$LAB/ticket.json" .
	sed "s|$LAB/keys|$T|" "$LAB/sp.conf" >sp.conf
	printf 'User root\nIdentityFile %s/id\nIdentitiesOnly yes\nUserKnownHostsFile %s/known_hosts\nLogLevel ERROR\n' "$T" "$T" >ssh.conf
	export SP_CONFIG=$T/sp.conf
	nobody_setup
	his password id known_hosts ssh.conf
	chmod 644 sp.conf ca.crt ticket.json
}
me() { ip netns exec "$(prefix)-ws" "${NOBODY[@]}" "$@"; }
mine() { local n=$1; shift; me sp connect --proxy "$PROXY" --user alice --password-file password --serial "$n" "$@"; }

@test "a command of his reaches the system through it; the router saw the gateway's address for him, the monitor too" {
	# shellcheck disable=SC2016
	run -0 --separate-stderr mine 0123 -- sh -c 'curl -sS -m 20 -p --proxy "https://${SP_PROXY#tls:}" --proxy-cacert $SP_PROXY_CA \
		--proxy-cert $SP_IDENTITY --proxy-key $SP_IDENTITY http://%{address}/; echo $SP_INBOUND $SP_WORKSTATION $SP_HOST $SP_RATE_BY'
	[ "$output" = "<p>000187260123</p>
no 10.50.0.65 10.50.0.65 router" ]
	grep -q "step=312.*workstation=10.50.0.65" "$LAB/log/mon.log"
	grep -q "event=placed.*workstation=10.50.0.65" "$LAB/log/nas.log"
	never grep -q "workstation=10.50.0.5$(printf '\t')" "$LAB/log/nas.log"
}

@test "on a terminal he is told what to type, for curl and ssh, and that is how it is done" {
	mkfifo done
	cat >talk.exp <<-EOF
		set timeout 60
		spawn env COLUMNS=999 ip netns exec $(prefix)-ws ${NOBODY[*]} sp connect --proxy $PROXY --user alice --password-file password --serial 0123
		expect -re "is reached at .*\n  (curl \[^\r\n]*)\r\n  (ssh \[^\r\n]*)\r\n" { } timeout { exit 3 } eof { exit 4 }
		set f [open typed w]; puts \$f \$expect_out(1,string); puts \$f \$expect_out(2,string); close \$f
		exec sh -c {read -r x <done}
		send "\003"
		expect eof
	EOF
	expect talk.exp >talk.log 2>&1 3>&- & PIDS+=($!)
	until_true 60 test -s typed || { cat talk.log >&2; false; }
	[ "$(me sh -c "$(sed -n 1p typed)")" = '<p>000187260123</p>' ]
	[ "$(me sh -c "$(sed -n '2s/^ssh /ssh -F ssh.conf /p' typed) uname")" = Linux ]
	echo >done
	until_true 15 gone "$!"
}

@test "stage by stage; and the end of one is that of all" {
	me sh -c 'sp-ticket ticket.json | sp-login --user alice --password-file password | sp-search | head -n 1 >his/request'
	mkfifo in; exec {IN}<>in
	me sh -c "sp-alloc --proxy $PROXY <his/request | sp-dial | sp-addr | sp-route" <in >session 2>err 3>&- & PIDS+=($!)
	until_true 30 grep -q state=ready session || { cat err >&2; false; }
	[ "$(field inbound <session) $(field proxy <session) $(field proxy_ca <session)" = "no $PROXY $T/ca.crt" ]
	[ "$(field host <session)" = "$(field workstation <session)" ]
	[ "$(field hold <session)" = alloc,dial,addr,route ]
	kill "$(pids sp-alloc ws)"
	until_true 15 gone "$!"
	until_true 10 grep -q "event=ended.*$(field session <session)" "$LAB/log/gateway.log"
}

@test "--proxy that is none, of another role, or without what it needs" {
	run -6 --separate-stderr me sp connect --proxy tls:10.50.0.31:9 --user alice --password-file password --serial 0123
	[[ $stderr == *"step 336"* ]]
	run -4 --separate-stderr me sp connect --proxy tls:10.50.0.31:4305 --user alice --password-file password --serial 0123
	[[ $stderr == *role* ]]
	run -2 --separate-stderr me sp-alloc --proxy "$PROXY" --workstation 10.0.0.1 </dev/null
	[[ $stderr == *"one of them"* ]]
	me sh -c 'sp-ticket ticket.json | sp-login --user alice --password-file password | sp-search | head -n 1 >his/request'
	run -7 --separate-stderr me sp-route --proxy "$PROXY" <<<"$(rec address=10.210.0.1 "identity=$(field identity <his/request)")"
	[[ $stderr == *"no workstation="* ]]
	run -4 --separate-stderr me sp-route --proxy "$PROXY" <<<"$(rec address=10.210.0.1 workstation=10.50.0.65 "identity=$(field identity <his/request)")"
	[[ $stderr == *"no permit of yours"* ]]
}
