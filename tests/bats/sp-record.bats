# sp-record: where, get, set, drop, json, check.
load common

three() {
	rec serial=1 site=BOS "name=Acme Bank"
	rec serial=2 site=NYC 'name=tab\there'
	rec serial=3 site=BOS
}

out() { three | sp-record "$@" | tr '\t' ' '; }

@test "sp-record: owes what every filter owes" {
	filter_owes "$(rec a=1 b=2)" sp-record where a=1
	filter_owes "$(rec a=1 b=2)" sp-record get b a
	filter_owes "$(rec a=1 b=2)" sp-record set c=3
	filter_owes "$(rec a=1 b=2)" sp-record drop a
	filter_owes "$(rec a=1 b=2)" sp-record json
}

@test "where: equal, not equal, part, present, negated, several" {
	[ "$(out where site=BOS | out_serials)" = "1 3" ]
	[ "$(out where site!=BOS | out_serials)" = 2 ]
	[ "$(out where name!=x | out_serials)" = "1 2 3" ]
	[ "$(out where name~Ba | out_serials)" = 1 ]
	[ "$(out where 'name?' | out_serials)" = "1 2" ]
	[ "$(out where '!name?' | out_serials)" = 3 ]
	[ "$(out where site=BOS '!name~Bank' | out_serials)" = 3 ]
}
out_serials() { grep -o 'serial=[0-9]*' | cut -d= -f2 | paste -sd ' '; }

@test "where: values are compared as what they stand for" {
	[ "$(out where $'name=tab\there' | out_serials)" = 2 ]
	run ! eval "three | sp-record where 'name=tab\there'"
	run ! eval "three | sp-record where name~\\\\t"
}

@test "where: nothing matched is 1, or 0 with --empty-ok" {
	run -1 bash -c 'printf "a=1\n" | sp-record where a=2'
	[ -z "$output" ]
	run -0 bash -c 'printf "a=1\n" | sp-record --empty-ok where a=2'
}

@test "get: only these, in this order; drop: all but these" {
	[ "$(out get site serial)" = $'site=BOS serial=1\nsite=NYC serial=2\nsite=BOS serial=3' ]
	[ "$(out get name site name | head -n 1)" = "name=Acme Bank site=BOS" ]
	[ "$(out get name)" = $'name=Acme Bank\nname=tab\\there' ]
	[ "$(out drop name site)" = $'serial=1\nserial=2\nserial=3' ]
	run -1 bash -c 'printf "a=1\n" | sp-record drop a'
}

@test "set: replaces in place, adds at the end, escapes" {
	[ "$(out set site=X new=$'a\tb\\' | head -n 1)" = 'serial=1 site=X name=Acme Bank new=a\tb\\' ]
	v=$(head -c 40000 /dev/zero | tr '\0' v)
	printf 'k=%s\n' "$v" >f
	run -7 --separate-stderr sp-record set "b=$v" -- f
	[[ $stderr == *"longer than 64 KiB"* && $output == *"error=record"* ]]
	run -2 --separate-stderr sp-record set "b=$v$v"
	[[ $stderr == *"does not fit"* ]]
}

@test "a record with error= passes through untouched, unless error is named" {
	bad=$(rec serial=9 error=denied step=308 detail=no)
	for cmd in "where serial=1" "get site" "set x=1" "drop serial"; do
		# shellcheck disable=SC2086
		run -4 sp-record $cmd <<<"$bad"
		[ "$output" = "$bad" ]
	done
	run -0 sp-record where error=denied <<<"$bad"
	run -1 sp-record where '!error?' <<<"$bad"
	run -0 sp-record drop error step detail <<<"$bad"
	[ "$output" = serial=9 ]
}

@test "json: both ways, and no byte changes" {
	run -0 bash -c 'printf "a=1.50\tb=x\\\\ty\303\251\n" | sp-record json'
	[ "$output" = '{"a":"1.50","b":"x\tyé"}' ]
	[ "$(sp-record get a n <<<'{"n":1e3,"a":"é"}')" = $'a=é\tn=1e3' ]
	run -7 bash -c 'printf "a=\377\n" | sp-record json'
	[[ $output == *"not UTF-8"* ]]
	[ "$(three | sp-record json | sp-record where 'serial?')" = "$(three)" ]
}

@test "check: silent, or the line and what is wrong with it" {
	run -0 bash -c 'printf "a=1\nb=2\n" | sp-record check'
	[ -z "$output" ]
	printf 'a=1\nb=2\tb=3\n{"a":null}\nc=1' >f
	run -7 --separate-stderr sp-record check f
	[ "$stderr" = "sp-record: f: line 2: repeated key
sp-record: f: line 3: JSON null as a value
sp-record: f: line 4: last line has no line feed (cut?)" ]
}

@test "several files; one that is not there is 8 and the others are read" {
	rec a=1 >f; rec a=2 >g
	run -0 sp-record where 'a?' -- f g
	[ "$output" = $'a=1\na=2' ]
	run -8 --separate-stderr sp-record where 'a?' -- f nothing g
	[ "$output" = $'a=1\na=2' ]; [[ $stderr == *"nothing: No such file"* ]]
}

@test "lines of 64 KiB pass, one byte more is refused" {
	v=$(head -c 65532 /dev/zero | tr '\0' v)
	printf 'k=%s12\n' "$v" | sp-record where k~12 >out
	[ "$(wc -c <out)" = 65537 ]
	printf 'k=%s123\nk=1\n' "$v" >f
	run -7 --separate-stderr sp-record where k=1 -- f
	[ "$output" = k=1 ]; [[ $stderr == *"f: line 1: line over 64 KiB"* ]]
}

@test "usage: what is wrong is said and the status is 2" {
	for bad in "" "what" "where" "where a" "where =1" "get a=1" "get a b c -d f=" "set a" "set a!=1" "drop a?"; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr sp-record $bad </dev/null
		[[ $stderr == "sp-record: "* ]]
	done
}
