#!/usr/bin/env bats
# A link over modems between whom bits are wrong: TCP sends again what was dropped, and the link itself
# does not notice.
load common
load pstn

setup_more() {
	NS=ppperr$$
	ip netns add "$NS-n"
	ip netns add "$NS-f"
	printf 'sesame\n' >secret && chmod 600 secret
	exchange --speed 10000000 --modem 5550100 --modem 5550142
}
teardown_more() {
	ip netns del "$NS-n"
	ip netns del "$NS-f"
}
errors() { order op=fault "number=$1" fault=errors rate=1e-5 | grep -q done=1; }

@test "a bit of 100000 is wrong, both ways: 1 MB arrives whole, by the one link that there was" {
	server far ip netns exec "$NS-f" sp-answer modem:d/5550142 -- sp-ras --line fd:3 --interface ras0 \
		--address 192.0.2.1 --peer-address 192.0.2.2 --secret-file secret --log far.log 9>&-
	ip netns exec "$NS-n" "$BUILD/tests/tool/ppp-call" --line 'modem:d/5550100?dial=5550142' --secret-file secret \
		--interface c0 >near.out 2>near.err 3>&- 9>&- & CALLER=$!
	PIDS+=("$CALLER")
	until_true 20 grep -q event=up near.out
	until_true 20 grep -q state=up far.out
	mkdir www
	head -c 1000000 /dev/urandom >www/data
	ip netns exec "$NS-f" busybox httpd -f -p 8080 -h www 3>&- 9>&- & PIDS+=($!)
	until_true 5 ip netns exec "$NS-n" curl -sfI -m 2 http://192.0.2.1:8080/data
	errors 5550100
	errors 5550142
	ip netns exec "$NS-n" curl -sSf -m 60 -o got http://192.0.2.1:8080/data
	cmp got www/data
	kill "$CALLER"
	until_true 10 grep -q 'state=ended.*exit=0' far.out
	cat near.out far.log x.out
	[ $(($(number line_in) - $(number in_bytes))) -gt 50000 ] # what was dropped, and some framing
	[ "$(field event <near.out | tr '\n' ' ')" = "lcp authenticating ok up down " ]
	[ "$(field step <far.log | tr '\n' ' ')" = "329 331 332 333 335 " ]
	[ "$(grep -c event=connected x.out)" = 1 ]
}
number() { field "$1" <near.out; }
