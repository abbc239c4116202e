#!/usr/bin/env bats
# What a router does that no profile foresees, behind a real monitor's lease: each failure has its step, exit status and
# message, and leaves no lease, no process at either end and no lock file.
load common
load monitor
load small
load device
load leased

setup_more() { small; leased_up; }

# fails STATUS ERROR STEP TEXT <DEVICE'S-SCRIPT
fails() {
	{ echo "echo \$\$ >>$T/pids"; cat; } >script
	device <script
	router_at "$PORT" 1
	run --separate-stderr leased --profile small.profile
	[ "$status" = "$1" ]
	[ "$(field error <<<"$output") $(field step <<<"$output")" = "$2 $3" ]
	[[ $(field detail <<<"$output") == *"$4"* ]]; [[ $stderr == "sp-dial: step $3: "*"$4"* ]]
	[ "$(wc -l <pids)" = 3 ]
	given_back "$(field session <<<"$output")"
	never grep wonder dial.log mon.log
	[[ $output$stderr != *wonder* ]]
}

@test "a wrong prompt: timeout, step 315, and what was seen last" {
	fails 3 timeout 315 "seen last: who?" <<<'printf "who? "; read -r u'
}

@test "closed in the middle of the login: peer, step 316" {
	fails 6 peer 316 "closed" <<<'printf "login: "; read -r u'
}

@test "output without end: peer, step 315" {
	fails 6 peer 315 "goes on for ever" <<<'while echo "this goes on and on and on and on and on and on and on and on"; do :; done'
}

@test "a refused password: denied, step 320, and the router's words for it" {
	fails 4 denied 320 "bad pin" <<<'printf "login: "; read -r u; printf "pin: "; read -r p; echo bad; read -r x'
}
