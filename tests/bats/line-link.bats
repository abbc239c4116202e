#!/usr/bin/env bats
# TCP/IP over modems of the exchange: a link, authenticated, up, closed in order, the modems on-hook.
load common
load pstn
load line

setup_more() {
	NS=lnk$$-$BATS_TEST_NUMBER
	ip netns add "$NS"
	exchange -m 5550100 -m 5550142
	printf 'sesame\n' >secret && chmod 600 secret
}
teardown_more() {
	nothing_of_lines
	ip netns delete "$NS"
}
ras=(--address 192.0.2.1 --peer-address 192.0.2.2 --log ras.log)

@test "sp-answer and sp-ras behind a modem, called by another" {
	server a ip netns exec "$NS" sp-answer modem:d/5550142 -- sp-ras --line fd:3 --secret-file "$T/secret" "${ras[@]}"
	run -0 "$BUILD/tests/tool/ppp-call" --line 'modem:d/5550100?dial=5550142' --secret-file secret --once
	[[ $output == *event=up*peer=192.0.2.1*reason=closed* ]]
	until_true 20 grep -q 'state=ended.*exit=0' a.out
	grep -q 'step=333.*event=accepted' ras.log
	idle
	unlocked 5550100
}

@test "sp-ras may call by itself; its failures have step 329 and the modem's reason" {
	order op=fault number=5550142 fault=busy count=1
	run -5 --separate-stderr ip netns exec "$NS" sp-ras --line 'modem:d/5550100?dial=5550142' --secret-file "$T/secret" "${ras[@]}"
	[ "$(field error <<<"$output")" = busy ]
	[ "$(field step <<<"$output")" = 329 ]
	[[ $stderr == *"the modem says BUSY"* ]]
	idle
	unlocked
	server a sp-answer modem:d/5550142 -- "$BUILD/tests/tool/ppp-call" --line fd:3 --secret-file "$T/secret" --once
	run -0 --separate-stderr ip netns exec "$NS" sp-ras --line 'modem:d/5550100?dial=5550142' --secret-file "$T/secret" "${ras[@]}"
	[ "$(field speed <<<"$output" | head -n 1)" = 33600 ]
	idle
	unlocked 5550100
}

@test "a line that is lost ends the link on both sides" {
	server a ip netns exec "$NS" sp-answer modem:d/5550142 -- sp-ras --line fd:3 --secret-file "$T/secret" "${ras[@]}"
	"$BUILD/tests/tool/ppp-call" --line 'modem:d/5550100?dial=5550142' --secret-file secret >call.out 3>&- 9>&- & PIDS+=($!)
	local caller=$! status=0
	until_true 20 grep -q event=up call.out
	order op=hangup number=5550142 | grep -q done=1
	wait $caller || status=$?
	[ "$status" = 6 ]
	until_true 20 grep -q 'state=ended.*reason=lost-carrier' a.out
	idle
	unlocked 5550100
}
