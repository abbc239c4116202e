#!/usr/bin/env bats
# sp-db - tables of the store are loaded, replaced, dumped and checked; all or nothing.
load common

setup_more() {
	sp-db --db s create
	rec customer=acme "name=Acme Bank" >customers
	rec customer=globex name=Globex >>customers
	rec site=BOS-2 customer=acme region=us-east lat=42.36 lon=-71.06 >sites
	rec system=S1 serial=000187260123 customer=acme site=BOS-2 "model=V5 200" "phone=+1 617 555 0142" >systems
	rec system=S2 serial=000187260999 customer=globex >>systems
	for t in customers sites systems; do sp-db --db s load $t <$t; done
}

db() { sp-db --db s "$@"; }
refused() { # TEXT COMMAND...: exit 7 and the text
	local text=$1; shift
	run --separate-stderr "$@"
	[ "$status" = 7 ] && [[ $stderr == *"$text"* ]] || { echo "$status: $stderr"; return 1; }
}

@test "what was loaded is dumped, in the order of the keys" {
	run -0 db dump systems
	[ "$output" = "$(cat systems)" ]
	run -0 db load systems systems
	[ "$output" = "$(rec table=systems rows=2)" ]
}

@test "a row without a name is shown with its defaults" {
	db load customers <<<"customer=zeta"
	run -0 db dump customers
	[ "${lines[2]}" = "$(rec customer=zeta name=zeta)" ]
}

@test "CSV: quotes, commas and line ends inside, both directions" {
	printf '\xef\xbb\xbfcustomer,name\r\nq,"Quote ""&"" Sons, Ltd"\r\nl,"two\nlines"\r\n' >c.csv
	db --csv load customers c.csv
	run -0 bash -c "sp-db --db s dump customers | grep ^customer=[lq]"
	[ "${lines[0]}" = "$(rec customer=l 'name=two\nlines')" ]
	[ "${lines[1]}" = "$(rec customer=q 'name=Quote "&" Sons, Ltd')" ]
	db --csv dump customers >out.csv
	db --csv replace customers out.csv
	db --csv dump customers | cmp - out.csv
}

@test "CSV errors name the file and the line a row begins on" {
	printf 'customer,name\na,"x\ny"\nb\n' >c.csv
	refused "c.csv: line 4: fewer fields" db --csv load customers c.csv
	printf 'customer,nmae\na,b\n' >c.csv
	refused "c.csv: line 2: nmae: no such column in customers" db --csv load customers c.csv
	printf 'customer,customer\na,b\n' >c.csv
	refused "named twice" db --csv load customers c.csv
}

@test "a bad row undoes the whole load" {
	printf 'system=S3\tserial=3\tcustomer=acme\nsystem=S4\tserial=4\tcustomer=nobody\n' >more
	refused "more: line 2: customer: nobody is not in customers" db load systems more
	run -0 db dump systems
	[ "${#lines[@]}" = 2 ]
}

@test "each kind of column refuses what it cannot be" {
	refused "lat: must be a number from -90 to 90" db load sites <<<$'site=x\tcustomer=acme\tlat=91'
	refused "valid_until: must be a time" db load grants <<<$'user=a\tscope=everything\tvalid_until=tomorrow'
	refused "state: must be one of: up down" db load routers <<<$'router=r\taddress=1.2.3.4\tstate=on'
	refused "phone: must be a telephone number" db load endpoints <<<$'system=S1\tphone=call me'
	refused "dial: must be a telephone number, or a line address" db load endpoints <<<$'system=S1\tdial=1.2.3.4'
	refused "port: must be a whole number from 1 to 65535" db load routers <<<$'router=r\taddress=h\tport=0'
	refused "serial: is missing" db load systems <<<$'system=S9\tcustomer=acme'
	refused "serial_fold: no such column" db load systems <<<$'system=S9\tserial=1\tcustomer=acme\tserial_fold=2'
	refused "phone dial: one of these" db load endpoints <<<$'system=S1'
	refused "stdin: line 1: " db load systems <<<"no record"
}

@test "a grant names a user or a group, and an object that exists" {
	refused "exactly one" db load grants <<<$'user=a\tgroup=b\tscope=everything'
	refused "exactly one" db load grants <<<$'scope=everything'
	refused "object: is needed" db load grants <<<$'user=a\tscope=customer'
	refused "object: is needed" db load grants <<<$'user=a\tscope=everything\tobject=acme'
	refused "object: BOS-3 is not in sites" db load grants <<<$'user=a\tscope=site\tobject=BOS-3'
	refused "name without comma" db load grants <<<$'group=a,b\tscope=everything'
	db load grants <<<$'group=support\tscope=site\tobject=BOS-2\tvalid_until=2030-01-01T00:00:00Z'
}

@test "replace is one transaction: new rows in, old rows out, or nothing" {
	printf 'system=S7\tserial=7\tcustomer=acme\n' >new
	db replace systems new
	run -0 db dump systems
	[ "$output" = "$(cat new)" ]
	printf 'system=S8\tserial=8\tcustomer=acme\nsystem=S8\tserial=9\tcustomer=acme\n' >twice
	refused "twice: line 2: this key is in the input twice" db replace systems twice
	refused "sites still refers to customer acme" db replace customers <<<"customer=globex"
	[ "$(db dump systems)" = "$(cat new)" ]
	[ "$(db dump customers | wc -l)" = 2 ]
}

@test "an export that came out empty empties nothing by accident" {
	run -1 --separate-stderr db replace endpoints </dev/null
	run -1 --separate-stderr db load systems </dev/null
	run -1 --separate-stderr db replace systems </dev/null
	[ "$(db dump systems | wc -l)" = 2 ]
	run -0 db --empty-ok replace systems </dev/null
	run -1 db dump systems
}

@test "check finds what was changed by hand" {
	run -0 db check
	[[ $output == *"$(rec table=systems rows=2 faults=0)"* ]]
	sqlite3 s "UPDATE systems SET serial='5', customer='gone' WHERE system='S1'; UPDATE customers SET policy='best'"
	run -7 db check customers systems
	[ "${#lines[@]}" = 5 ]
	[[ ${lines[0]} == "$(rec table=customers customer=acme error=record detail=)policy: must be one of"* ]]
	[[ $output == *"serial_fold: does not fit"* ]]
	[[ $output == *"$(rec table=systems rows=2 faults=1)"* ]]
}

@test "the files are their owner's alone, and refused otherwise" {
	[ "$(stat -c %a s s-live | sort -u)" = 600 ]
	[ "$(umask 0; sp-db --db t create; stat -c %a t t-live | sort -u)" = 600 ]
	chmod 640 s
	run -8 --separate-stderr db dump systems
	[[ $stderr == *"s: must be a file that its owner alone can read"* ]]
	chmod 600 s; chmod 604 s-live
	run -8 db dump systems
}

@test "what is no store, is not there, or is there already" {
	run -8 --separate-stderr sp-db --db nothing dump systems
	[[ $stderr == *"sp-db create makes it"* ]]
	[ ! -e nothing ]
	run -8 --separate-stderr db create
	[[ $stderr == *"File exists"* ]]
	(umask 077; sqlite3 other "CREATE TABLE t(x)"; : >other-live)
	run -8 --separate-stderr sp-db --db other dump systems
	[[ $stderr == *"is not a store of sp"* ]]
}

@test "usage" {
	run -2 --separate-stderr db dump nothing
	[[ $stderr == *"the tables are users groups"* ]]
	run -2 db frobnicate
	run -2 sp-db dump systems
	run -8 bash -c "sp-db --db s dump systems >/dev/full"
	for csv in "" --csv; do
		run -8 --separate-stderr bash -c "sp-db --db s $csv replace customers <&-"
		[[ $stderr == "sp-db: unable to read stdin: Bad file descriptor" ]]
	done
	run -8 --separate-stderr db replace customers .
	[ "$stderr" = "sp-db: unable to read .: Is a directory" ]
	[ -n "$(db dump customers)" ]
	refused "stdin: line 1: line over 64 KiB" db load customers < <(printf 'customer=%066000d\n' 0)
	[ "$(rec customer=byte name=Byte | dd bs=1 status=none | db load customers)" = "$(rec table=customers rows=1)" ]
}

@test "secrets are whole in a pipe and short on a terminal" {
	db load endpoints <<<$'system=S1\tdial=tcp:198.51.100.11:9000\tsecret=correct-horse-battery'
	[[ $(db dump endpoints) == *"secret=correct-horse-battery" ]]
	for csv in "" --csv; do
		run -0 script -qec "sp-db --db s $csv dump endpoints" /dev/null
		[[ $output == *S1* && $output != *horse* ]]
	done
}
