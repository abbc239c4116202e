#!/usr/bin/env bats
# What a port scanner finds out about the listeners.
load ../bats/common
load ../bats/monitor
load ../bats/stranger

setup_more() { net_up; keys_up; }

@test "a port scanner finds TLS, a telnet and a PPP, and no product" {
	everything_up
	local list; list=$(IFS=,; echo "${TLS[*]},$PLAIN,$ANSWER")
	# what nmap finds out in its own time is more on a machine that has time
	finds_all() {
		W nmap -n -Pn -sV --version-intensity 1 -S 10.66.1.9 -e eth0 -p "$list" -oG found 10.66.0.1
		cat found >>all
		[ "$(grep -o '/open/tcp//[^/,]*/' found | wc -l) $(grep -o '/open/tcp//ssl|unknown//' found | wc -l)" = '6 4' ]
	}
	until_true 90 finds_all || { cat all; return 1; }
	never grep -qi -e 'sp-' -e openssl -e "$(uname -r)" all
}
