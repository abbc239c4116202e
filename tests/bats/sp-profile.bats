#!/usr/bin/env bats
# sp-profile(5): what is wrong with a profile, the transcript of a call, and a transcript as a test.
load common
load small
load device

setup_more() {
	printf 'wonder\n' >password
	chmod 600 password
	P=$SP_TOP/share/profiles
	small
}

dial() { # FIELD... : one call, with a transcript
	run --separate-stderr timeout 20 sp-dial --password-file password --profile small.profile --transcript t "$@" \
		< <(rec user=alice secret=topsecret router_address=127.0.0.1 "router_port=$PORT")
}

replay() { run --separate-stderr sp-dial --profile "${2:-small.profile}" --replay "$1"; }

@test "--check: a record for a good one; our own are good" {
	for p in "$P"/*.profile; do
		run --separate-stderr sp-dial --check --profile "$p"
		[ "$status" = 0 ]; [ -z "$stderr" ]; [ "$(field profile <<<"$output")" = "$(basename "$p" .profile)" ]
	done
	run sp-dial --check --profile small.profile --json
	[ "$status" = 0 ]; [ "$output" = '{"profile":"small","states":"5","rows":"8"}' ]
	run --separate-stderr bash -c 'sp-dial --check --profile small.profile >/dev/full'
	[ "$status" = 8 ]
}

@test "--check tells every line that is wrong, with its file and number; exit 2" {
	printf '%s\n' 'profile x' 'start a' 'hangup a' 'state a' ' line "(" done' ' line "b" -> c' ' sing' 'state a' >x.profile
	run sp-dial --check --profile x.profile
	[ "$status" = 2 ]; [ "$output" = "sp-dial: x.profile: line 5: not a POSIX extended expression
sp-dial: x.profile: line 7: not a statement of a profile
sp-dial: x.profile: line 8: a state of that name exists already
sp-dial: x.profile: line 6: -> a state that does not exist: c" ]
	run sp-dial --check --profile none.profile
	[ "$status" = 2 ]; [ "$output" = "sp-dial: none.profile: No such file or directory" ]
	run sp-dial --check
	[ "$status" = 2 ]
	for _ in {1..30}; do echo sing; done >>x.profile
	run sp-dial --check --profile x.profile
	[ "$status" = 2 ]; [[ $output == *"and 14 more" ]]
}

# odd TEXT SENTENCE: a profile with these lines, and what is said about it.
odd() {
	printf 'profile x\nstart a\nhangup z\nstate z\n enter done\nstate up timeout never\n line "x" fail peer 326 "x"\nstate a\n line "go" ready -> up\n%b\n' "$1" >x.profile
	run sp-dial --check --profile x.profile
	[ "$status" = 2 ]; [[ $output == "sp-dial: x.profile: line "*": $2" ]]
}

@test "--check tells what cannot be meant" {
	odd 'state b\n line "y" -> a' 'no row leads to this state: b'
	odd ' line "y" -> b\nstate b timeout never\n line "y" -> a' 'waits for ever, and the call is not ready: b'
	odd ' line "y" -> b\nstate b\n line "y" set k "v"' 'no row leads on from this state: b'
	odd ' line "y" -> b\nstate b timeout 1\n timeout send "y" -> b\n line "y" -> a' 'asks again for ever: tries N is missing: b'
	odd ' line "y" -> b\nstate b\n timeout send "y"\n line "y" -> a' 'the time has passed, and nothing leads on'
	odd ' line "y" -> b\nstate b\n enter -> c\nstate c\n enter -> b' 'goes in circles: b
sp-dial: x.profile: line 13: goes in circles: c'
	odd 'any\n line "y" fail peer 1 "1"\n line "y" fail peer 2 "2"' 'never followed: a row before it is for the same'
	odd 'any\n prompt ".*" fail peer 1 "1"' 'a prompt that is whatever is seen'
	odd 'any\n line "y" fail pear 1 "1"' 'not a word of error=: pear'
	odd 'any\n line "y" fail peer now "1"' 'not the number of a step: now'
	odd 'any\n line "y" done send "1"' 'an action behind the end'
	printf 'profile x\nstart a\nhangup a\nstate a\n line "x" -> a\n' >x.profile
	run sp-dial --check --profile x.profile
	[ "$status" = 2 ]; [[ $output == *"says ready: a"* && $output == *"says done: a"* ]]
}

@test "a transcript has what was said, told and met; only its owner can read it; secrets are not in it" {
	device <<<'printf "login: "; read -r u; echo "$u"; printf "pin: "; read -r p; echo "${p:0:3}"; sleep 0.1; echo "your pin ${p%?}, wonder, is good: topsecret"; echo "up alias=10.1.2.3"; read -r b'
	dial -- true
	[ "$status" = 0 ]; [ "$(stat -c %a t)" = 600 ]
	run ! grep -E 'wonder|topsec' t
	[ "$(field event <t | tr '\n' ' ')" = "begin open progress ready hangup closed end " ]
	[ "$(field call <t | sort -u | wc -l)" = 1 ]
	grep -q $'dir=out\ttext=%{password}\\\\n$' t
	[[ "$(field text <t | tr -d '\n')" == *'your pin %{password}, %{password}, is good: %{secret}'* ]]
	dial -- true
	[ "$(field call <t | sort -u | wc -l)" = 2 ]; [ "$(grep -c event=begin t)" = 2 ]
	replay t
	[ "$status" = 0 ]; [ "$(field replay <<<"$output")" = $'same\nsame' ]; [ -z "$stderr" ]
}

@test "a transcript that cannot be written: said once, the call goes on; one that others read: 8" {
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo "up alias=10.1.2.3"; read -r b'
	ln -s /dev/full t
	dial -- sh -c 'echo $SP_HOLD'
	[ "$status" = 0 ]; [ "$output" = dial ]
	[ "$stderr" = "sp-dial: unable to write t: No space left on device: the call goes on without" ]
	rm t; : >t; chmod 644 t
	dial
	[ "$status" = 8 ]; [ -z "$output" ]; [ "$stderr" = "sp-dial: t: others than its owner can read or write it" ]
	rm t; mkdir t
	dial
	[ "$status" = 8 ]
}

@test "a secret whose echo comes in two pieces, with an event between them, is not in the transcript" {
	printf '%s\n' 'profile slow' 'start login' 'hangup bye' 'transport plain' 'state login' ' prompt "login: $" send "%{secret}" -> up' \
		'state up timeout 0.3 tries 9' ' line "gone" done' ' timeout progress -> up' ' spent done' 'state bye' ' enter done' >slow.profile
	local n
	for n in 1 2 3 6; do
		device <<<'printf "login: "; read -r s; printf %s "${s:0:'$n'}"; until grep -q event=progress t; do :; done; echo "${s:'$n'} $s"; echo gone'
		rm -f t
		dial --profile slow.profile
		[ "$status" = 0 ]
		grep -q event=progress t
		sed 's,%{secret},,g' t | grep dir=in >in; run ! grep -E 'ret|psec' in
		replay t slow.profile
		[ "$status" = 0 ]
	done
}

@test "a device that says without end what it says does not fill the disk" {
	device <<-'EOF'
		printf "login: "; read -r u; printf "pin: "; read -r p; echo "up alias=10.1.2.3"
		yes "$(printf 'x%.0s' {1..3000})" | head -c 12000000; echo; echo gone; read -r b
	EOF
	dial
	[[ $stderr == *"sp-dial: unable to write t: File too large: the call goes on without"* ]]
	[[ $output == *"detail=it is gone"* ]]
	[ "$(stat -c %s t)" -gt 8000000 ]; [ "$(stat -c %s t)" -le $((8 << 20)) ]
}

@test "the first difference is told with its line; exit 2; other transcripts: 7, 1, 8" {
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo bad; read -r b'
	dial
	[ "$status" = 4 ]
	replay t
	[ "$status" = 0 ]
	sed 's/"%{user}"/"user %{user}"/' small.profile >other.profile
	replay t other.profile
	[ "$status" = 2 ]; [ "$(field replay <<<"$output")" = different ]; [ "$(field line <<<"$output")" = 5 ]
	[ "$stderr" = 'sp-dial: t: line 5: in state login the profile sends "user alice"; the transcript has dir=out text=alice\n' ]
	sed 's/fail denied 320/fail peer 320/' small.profile >other.profile
	replay t other.profile
	[ "$status" = 2 ]; [[ $stderr == *'ends with "peer, step 320: bad pin"; the transcript has event=end status=denied step=320' ]]
	sed 's/pin: /pass: /' small.profile >other.profile
	replay t other.profile
	[ "$status" = 2 ]; [[ $stderr == *"line 8: in state secret the profile does nothing; the transcript has dir=out text=%{password}"* ]]
	sed '3s/$/\tx/' t >t2; replay t2
	[ "$status" = 7 ]; [[ $stderr == *"t2: line 3: "* ]]
	sed '5s/text=/text=%z/' t >t2; replay t2
	[ "$status" = 7 ]; [[ $stderr == *"t2: line 5: a % that is no %%, %1b or %{KEY}"* ]]
	sed 1d t >t2; replay t2
	[ "$status" = 7 ]; [[ $stderr == *"line 1: a call that has not begun" ]]
	replay /dev/null
	[ "$status" = 1 ]; [ -z "$output$stderr" ]
	replay none
	[ "$status" = 8 ]
}

@test "replay: names of states and words for people may be others, other fields not" {
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo "up alias=10.1.2.3"; echo "said it"; read -r b'
	sed '/line "gone"/a line "said (.*)" set reason "busy" set detail "first \\1" progress fail peer 326 "first"' small.profile >one.profile
	dial --profile one.profile
	[ "$status" = 6 ]; grep -q $'event=progress\tstep=326.*f.detail=first it' t
	sed 's/first/other/g; s/wait/waits/g' one.profile >other.profile
	replay t other.profile
	[ "$status" = 0 ]; [ -z "$stderr" ]
	sed 's/busy/voice/' one.profile >other.profile
	replay t other.profile
	[ "$status" = 2 ]
}

@test "replay: late=yes is what was read before a deadline that had passed was looked at" {
	printf '%s\n' 'call=1	at=0	event=begin	v.user=alice	v.password=%{password}' 'call=1	at=1	event=open' \
		'call=1	at=2	dir=in	text=login: ' 'call=1	at=2	dir=out	text=alice\n' 'call=1	at=5000	dir=in	late=yes	text=pin: ' \
		'call=1	at=5000	dir=out	text=%{password}\n' 'call=1	at=5001	event=closed' 'call=1	at=5001	event=end	status=peer	step=320' >late
	replay late
	[ "$status" = 0 ]
	sed 's/	late=yes//' late >early
	replay early
	[ "$status" = 2 ]; [[ $stderr == *"in state secret the profile ends with"*timeout*"the transcript has dir=in"* ]] || { echo "$stderr"; return 1; }
}

@test "texts: of profile_args= before the record's, login with the domain; a router that is not there is on record" {
	device <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo bad'
	sed -i 's/%{user}/%{login} %{dial} %{speed} %{router}/' small.profile
	calls() {
		sp-dial --password-file password --profile small.profile --transcript t < <(rec user=alice domain=EMEA dial=1 router=r1 \
			'profile_args=dial=2 speed=9600' router_address=127.0.0.1 "router_port=$1")
	}
	run -4 --separate-stderr calls "$PORT"
	grep -qF 'text=EMEA\\alice 2 9600 r1\n' t
	rm t
	run -6 --separate-stderr calls 1
	[ "$(field event <t | tr '\n' ' ')" = "begin lost end " ]; [ "$(field status <t)" = peer ]
}
