# sp: the orchestrator's own commands and the Lua API; connect is in lab-session.bats and sp-connect-*.bats.
load common

api() { run --separate-stderr sp run "$SP_TOP/tests/lua/api.lua" "$1"; [ "$status" = 0 ] || { echo "$stderr" >&2; return 1; }; }

@test "api: a record keeps its order" { api record_keeps_its_order; }
@test "api: a malformed record is refused" { api record_refuses; }
@test "api: secrets are shortened" { api secrets_are_shortened; }
@test "api: run gives output and status" { api run_gives_output_and_status; }
@test "api: waits have deadlines" { api wait_has_a_deadline; }
@test "api: a handle ends its process" { api a_handle_ends_its_process; }
@test "api: descriptors and environment of a child" { api descriptors_and_environment; }
@test "api: a pipeline of commands and functions" { api pipeline_of_commands_and_functions; }
@test "api: a pipeline's result is the highest status" { api pipeline_result_is_the_highest; }
@test "api: a pipeline closes backwards" { api pipeline_closes_backwards; }
@test "api: tasks run side by side" { api tasks_run_side_by_side; }
@test "api: a failed task ends the recipe" { api a_failed_task_ends_the_recipe; }
@test "api: unwinding may wait" { api unwinding_may_wait; }
@test "api: misuse is an error" { api misuse_is_an_error; }

@test "a recipe's return value is the exit status" {
	echo 'return select("#", ...) + tonumber((...))' >r.lua
	run sp run r.lua 2 x
	[ "$status" = 4 ]
}

@test "a failure has its word's status, its step and text on standard error" {
	echo 'require "sp".fail("denied", "not you", 305)' >r.lua
	run --separate-stderr sp run r.lua
	[ "$status" = 4 ]; [ "$stderr" = "sp: step 305: not you" ]; [ -z "$output" ]
}

@test "a fault in a recipe shows where it is" {
	echo 'local x = nil + 1' >r.lua
	run --separate-stderr sp run r.lua
	[ "$status" = 8 ]; [[ $stderr == *"r.lua:1:"* ]]
}

@test "a recipe that is not there, a command that is not there, none: 2" {
	run sp run nowhere.lua
	[ "$status" = 2 ]
	run sp dance
	[ "$status" = 2 ]
	run sp
	[ "$status" = 2 ]
}

@test "a signal unwinds the recipe; the second one hurries" {
	cat >r.lua <<-'X'
		local sp = require "sp"
		local p <close> = sp.spawn { "sleep", "100" }
		local q <close> = setmetatable({}, { __close = function() io.stderr:write "unwinding\n" p:wait() end })
		sp.put(sp.record { ready = "yes", pid = tostring(p.id) })
		p:wait()
	X
	sp run r.lua >out 2>err &
	PIDS+=($!)
	until_true 5 grep -q ready out
	kill -INT "${PIDS[0]}"
	until_true 5 grep -q unwinding err
	kill -INT "${PIDS[0]}"
	status=0; wait "${PIDS[0]}" || status=$?
	[ "$status" = 130 ]
	until_gone "$(field pid <out)"
}

@test "output that cannot be written: 8" {
	echo 'require "sp".put(require "sp".record { a = "1" })' >r.lua
	run bash -c 'sp run r.lua >/dev/full'
	[ "$status" = 8 ]
	echo 'print "text"' >r.lua
	run bash -c 'sp run r.lua >/dev/full'
	[ "$status" = 8 ]
}

@test "SP_LUA names another tree; one without modules is refused" {
	echo 'print(require "sp".top)' >r.lua
	SP_LUA=$SP_TOP run sp run r.lua
	[ "$output" = "$SP_TOP" ]
	SP_LUA=/nowhere run sp run r.lua
	[ "$status" = 2 ]
}

@test "configuration: the tool's own section comes before [sp], wherever it stands" {
	printf '[sp]\njson = yes\n' >both.conf
	SP_CONFIG=both.conf run sp-record set b=2 <<<a=1
	[ "$output" = '{"a":"1","b":"2"}' ]
	printf '[sp-record]\njson = no\n[sp]\njson = yes\n' >both.conf
	SP_CONFIG=both.conf run sp-record set b=2 <<<a=1
	[ "$output" = $'a=1\tb=2' ]
	SP_CONFIG=both.conf run sp-record --json set b=2 <<<a=1
	[ "$output" = '{"a":"1","b":"2"}' ]
}

@test "sp connect: a ticket's number alone, or a file and criteria, are refused before anything is asked" {
	run -2 --separate-stderr sp connect --ticket T-1 </dev/null
	[[ $stderr == *"--ticket NUMBER needs what is to be reached"* ]]
	run -2 --separate-stderr sp connect --ticket T-1 --serial 0123 file
	[[ $stderr == *"a ticket's file or criteria: not both"* ]]
}

@test "sp connect: an option that is a number is one" {
	for o in max redial code-fd group-password-fd password-fd; do
		for wrong in x 1.5 ''; do
			run -2 --separate-stderr sp connect --$o "$wrong" --serial 0123
			[[ $stderr == *"--$o $wrong: not a number"* ]]
		done
	done
}
