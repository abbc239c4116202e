#!/usr/bin/env bats
# sp-ticket: service tickets become request records.
load common

@test "a JSON ticket becomes a record with the names that the others look for" {
	cat >t.json <<-'END'
	{
	  "id": "T-1001",
	  "customer": { "name": "Acme Bank" },
	  "system": { "Serial Number": "000187260123" },
	  "severity": 2,
	  "summary": "disk failed"
	}
	END
	run --separate-stderr sp-ticket t.json
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[ "$output" = "$(rec ticket=T-1001 'customer=Acme Bank' serial=000187260123 severity=2 'problem=disk failed')" ]
}

@test "a made-up field is kept" {
	run sp-ticket <<<'{"sn":"5","made up":"x","deep":{"er":[{"a":1}]}}'
	[ "$output" = "$(rec serial=5 made_up=x 'deep.er=[{"a":1}]')" ]
	run sp-ticket <<<"$(rec sn=5 made_up=x)"
	[ "$output" = "$(rec serial=5 made_up=x)" ]
}

@test "several files, an array, a stream" {
	echo '[{"sn":1},{"sn":2}]' >a
	printf '{"sn":3}\n\n{"sn":4}' >b
	rec sn=5 >c
	run sp-ticket a b c
	[ "$status" = 0 ]
	[ "$(printf '%s\n' "$output" | field serial | tr '\n' ' ')" = "1 2 3 4 5 " ]
}

@test "a ticket that names no system is an error that says what was looked for" {
	run --separate-stderr sp-ticket --log log <<<'{"ticket":"T-9","problem":"smoke"}'
	[ "$status" = 7 ]
	[ "$(field error <<<"$output")" = record ]
	[ "$(field step <<<"$output")" = 300 ]
	[[ $(field detail <<<"$output") == *serial*customer*site*phone* ]]
	[[ $stderr == "sp-ticket: T-9: step 300: "* ]]
	[ "$(field event <log)" = refused ]
}

@test "two serials are refused, an empty one is none" {
	run --separate-stderr sp-ticket <<<'{"serial":"1","system":{"sn":"2"}}'
	[ "$status" = 7 ]; [ -z "$output" ]
	[[ $stderr == *"stdin: line 1: two different values"* ]]
	run --separate-stderr sp-ticket <<<'{"serial":""}'
	[ "$status" = 7 ]
}

@test "bad JSON names file and line, the tickets around it come through" {
	printf '{"sn":1}\n{"sn":\n,}\n{"sn":2}\n' >bad.json
	run --separate-stderr sp-ticket bad.json
	[ "$status" = 7 ]
	[[ $stderr == "sp-ticket: bad.json: line 3: not valid JSON"* ]]
	[ "$output" = $'serial=1\nserial=2' ]
	printf '{"sn":1,\n' >cut.json
	run --separate-stderr sp-ticket cut.json
	[ "$status" = 7 ]
	[[ $stderr == *"cut.json: line "* ]]
}

@test "a ticket comes out while the input is still open" {
	mkfifo in
	sp-ticket <in >out & PIDS+=($!)
	exec 5>in
	printf '{"sn":\n1}' >&5
	until_true 5 grep -q '^serial=1$' out
	exec 5>&-
}

@test "a reader that went ends it while it waits" {
	mkfifo in out
	sp-ticket <in >out & local pid=$!
	PIDS+=("$pid")
	exec 5>in
	head -n 1 out >first & local reader=$!
	echo '{"sn":1}' >&5
	wait "$reader"
	until_gone "$pid"
	exec 5>&-
}

@test "step 300 is logged" {
	sp-ticket --log log <<<'{"sn":1,"ticket":"T"}'
	[ "$(field step <log)" = 300 ]
	[ "$(field serial <log)" = 1 ]
}

@test "what every filter owes" {
	filter_owes "$(rec ticket=T serial=1)" sp-ticket
	filter_owes '{"ticket":"T","serial":"1"}' sp-ticket
	filter_owes "$(rec "serial=$(printf '%065000d' 7)")" sp-ticket
}

@test "a failed record passes through, a file that is not there is said" {
	run --separate-stderr sp-ticket <<<"$(rec sn=5 error=denied)"
	[ "$status" = 4 ]; [ "$output" = "$(rec sn=5 error=denied)" ]
	run --separate-stderr sp-ticket nowhere
	[ "$status" = 8 ]; [[ $stderr == *"unable to open nowhere"* ]]
}
