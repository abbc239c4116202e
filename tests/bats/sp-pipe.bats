# sp-pipe: a foreign filter that holds like one of ours.
load common

count() { grep -c "$1" "$2" || :; }

@test "sp-pipe: owes what every filter owes" {
	filter_owes "$(rec a=1 b=2)" sp-pipe -- cat
	filter_owes "$(rec a=1 b=2)" sp-pipe --each -- cat
}

@test "records go through the command, in order, and only records come back" {
	for i in 1 2 3; do rec n=$i x=y; done >in
	[ "$(sp-pipe -- grep n=2 <in)" = "$(rec n=2 x=y)" ]
	[ "$(sp-pipe -- sort -r <in | field n | paste -sd ' ')" = "3 2 1" ]
	run -7 --separate-stderr sp-pipe -- sed s/n=2/strange/ <in
	[ "$output" = "$(rec n=1 x=y; rec n=3 x=y)" ]
	[[ $stderr == "sp-pipe: sed: line 2: field without '='" ]]
}

@test "a record with error= goes round the command" {
	run -0 sp-pipe -- sed s/a/b/ <<<"$(rec error=busy a=1; rec a=2)"
	[[ $output == *"$(rec error=busy a=1)"* && $output == *b=2* ]]
}

@test "the command's exit status, if it is bad; a command that is not there is 2" {
	run -5 sp-pipe -- sh -c 'cat; exit 5' <<<"$(rec a=1)"
	[[ $output == *a=1* && $output == *"sh ended with 5"* ]]
	run -1 sp-pipe -- grep nothing <<<"$(rec a=1)"
	run -2 sp-pipe -- ./nothing <<<"$(rec a=1)"
	run -2 sp-pipe </dev/null
}

@test "between a writer that stays and a reader that goes: it ends, and so does the command" {
	mkfifo up down
	sp-pipe -- sh -c 'echo $$ >pid; exec cat' <up >down 2>err 3>&- &
	PIDS+=($!); pid=$!
	exec 7>up
	rec a=1 hold=alloc >&7
	[ "$(head -n 1 <down)" = "$(rec a=1 hold=alloc)" ]
	until_gone "$pid"
	until_gone "$(cat pid)"
	[ ! -s err ]
	run ! sh -c 'echo b=2 >&7' 2>/dev/null
	exec 7>&-
}

@test "the writer goes: the command sees the end, then the reader does" {
	mkfifo up
	sp-pipe -- cat <up >out 2>err 3>&- &
	PIDS+=($!); pid=$!
	exec 7>up
	rec a=1 hold=alloc >&7
	until_true 5 grep -q a=1 out
	never gone "$pid"
	exec 7>&-
	wait "$pid"
}

@test "a command that ends by itself (head) does not end the hold" {
	mkfifo up down
	sp-pipe -- head -n 1 <up >down 2>err 3>&- &
	PIDS+=($!); pid=$!
	exec 7>up 8<down
	rec a=1 hold=alloc >&7
	read -r line <&8
	[ "$line" = "$(rec a=1 hold=alloc)" ]
	rec a=2 hold=alloc >&7
	run read -rt 0.3 line <&8
	[ "$status" -gt 128 ]; never gone "$pid"
	exec 8<&-
	until_gone "$pid"
	exec 7>&-
}

@test "--each: what waits for the end of its input gives its output at once" {
	mkfifo up
	sp-pipe --each -- mawk '{ print; n++ } END { printf "n=%d\n", n }' <up >out 2>err 3>&- &
	PIDS+=($!); pid=$!
	exec 7>up
	rec a=1 hold=alloc >&7
	until_true 5 grep -q n=1 out
	rec a=2 hold=alloc >&7
	until_true 5 gives 2 count n=1 out
	exec 7>&-
	wait "$pid"
	[ "$(head -n 1 out)" = "$(rec a=1 hold=alloc)" ]
}

@test "a signal: it ends when its reader has gone, or after two seconds" {
	mkfifo up down
	reader_goes() {
		sp-pipe -- cat <up >down 2>err 3>&- &
		PIDS+=($!); pid=$!
		exec 7>up 8<down
		rec a=1 hold=alloc >&7
		read -r line <&8
		kill "$pid"
		exec 8<&-
		until_gone "$pid"
		exec 7>&-
	}
	within 1950 reader_goes
}
