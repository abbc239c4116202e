# sp-trapd: traps and informs of net-snmp's own tools become records, or are refused.
load common

setup_more() {
	umask 077
	export MIBS=
	echo public >community
	rec user=router1 auth=SHA-256 auth_password=authpass123 priv=AES 'priv_password=privpass 1"2' >users
	rec user=router2 auth=SHA-512 auth_password=authpass222 priv=AES priv_password=privpass222 engine=0x8000000001020304 >>users
}

up() { server trapd sp-trapd --listen udp:127.0.0.1:0 --log log "$@"; to=udp:127.0.0.1:$PORT; }
v3() { snmpinform -r 0 -t 5 -v 3 -u router1 -l authPriv -a SHA-256 -A authpass123 -x AES -X 'privpass 1"2' "$@"; }
records() { grep -v ^ready= trapd.out; }
got() { records | grep -q "$1"; }
link=(1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1.7 i 7 1.3.6.1.2.1.2.2.1.8.7 i 2)

@test "v2c trap and inform of an allowed community" {
	up --community-file community
	snmptrap -v 2c -c public "$to" 42 "${link[@]}"
	until_true 5 got trap=linkDown
	[[ $(records) == "trap=linkDown	uptime=42	ifindex=7	ifoper=down	source=127.0.0.1	received=20"*Z ]]
	run -0 snmpinform -v 2c -c public "$to" 42 1.3.6.1.6.3.1.1.5.4 1.3.6.1.2.1.31.1.1.1.1.7 s Async1
	until_true 5 got 'trap=linkUp	uptime=42	ifname=Async1'
}

@test "v1 trap of any enterprise" {
	up --community-file community
	snmptrap -v 1 -c public "$to" 1.3.6.1.4.1.9 10.0.0.1 6 42 100 1.3.9.1 s 'two	words'
	until_true 5 got 'trap=1.3.6.1.4.1.9.0.42	uptime=100	oid.1.3.9.1=two\\twords'
}

@test "v3 inform of a known user, authPriv, is acknowledged when its record is written" {
	up --user-file users
	run -0 v3 "$to" 42 "${link[@]}"
	got 'trap=linkDown'
}

@test "v3 trap of a user whose engine is known" {
	up --user-file users
	snmptrap -e 0x8000000001020304 -v 3 -u router2 -l authPriv -a SHA-512 -A authpass222 -x AES -X privpass222 "$to" 42 "${link[@]}"
	until_true 5 got trap=linkDown
}

@test "refused: wrong password, below authPriv, unknown user, no community, wrong community, a question" {
	up --user-file users
	run -1 v3 -A authpass124 "$to" 42 "${link[@]}"
	run -1 v3 -X privpass124 "$to" 42 "${link[@]}"
	run -1 snmpinform -r 0 -t 1 -v 3 -u router1 -l noAuthNoPriv "$to" 42 "${link[@]}"
	run -1 snmpinform -r 0 -t 1 -v 3 -u router1 -l authNoPriv -a SHA-256 -A authpass123 "$to" 42 "${link[@]}"
	run -1 v3 -u router9 "$to" 42 "${link[@]}"
	run -1 snmpinform -r 0 -t 1 -v 2c -c public "$to" 42 "${link[@]}"
	until_true 5 grep -q 'SNMPv1 and v2c are not allowed' log
	grep -q 'security level is below authPriv' log
	grep -q 'fails authentication' log
	kill "$SERVER_PID"; until_gone "$SERVER_PID"
	[ "$(grep -c . trapd.out)" = 1 ]
}

@test "refused: wrong community, and a SET although its community is right" {
	up --community-file community
	run -1 snmpinform -r 0 -t 1 -v 2c -c private "$to" 42 "${link[@]}"
	run -1 snmpset -r 0 -t 1 -v 2c -c public "$to" 1.3.6.1.2.1.1.5.0 s x
	until_true 5 grep -q 'neither trap nor inform' log
	grep -q 'community is not allowed' log
	[ "$(grep -c . trapd.out)" = 1 ]
}

@test "a flood of what is refused does not fill the log" {
	up --community-file community
	for _ in {1..2000}; do printf '\x30\x13\x02\x01\x01\x04\x01x\xa0\x0b\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x00'; done |
		socat -u -b 21 - "udp-sendto:${to#udp:}"
	run -0 snmpinform -r 3 -t 5 -v 2c -c public "$to" 42 "${link[@]}"
	[ "$(grep -c event=refused log)" -ge 1 ]; [ "$(grep -c event=refused log)" -lt 500 ]
	grep -q 'refused so far' trapd.err
}

@test "of our own MIB only what has its type" {
	up --community-file community
	ours=1.3.6.1.4.1.8072.9999.9999.4341
	run -1 snmpinform -r 0 -t 1 -v 2c -c public "$to" 42 $ours.0.2 $ours.1.1.0 i 5
	run -0 snmpinform -r 0 -t 5 -v 2c -c public "$to" 42 $ours.0.2 $ours.1.1.0 s S1 $ours.1.2.0 s r1 $ours.1.10.0 i 5
	got 'trap=callUp	uptime=42	session=S1	router=r1	state=up	source='
}

@test "nothing is acknowledged that could not be written" {
	run -8 --separate-stderr bash -c 'sp-trapd --listen udp:127.0.0.1:0 --community-file community >/dev/full'
	[[ $stderr == *"unable to write standard output"* ]]
	mkfifo pipe
	sp-trapd --listen udp:127.0.0.1:0 --community-file community >pipe 2>err 3>&- &
	PIDS+=($!); pid=$!
	PORT=$(head -n 1 pipe | field port)
	run -1 snmpinform -r 0 -t 1 -v 2c -c public "udp:127.0.0.1:$PORT" 42 "${link[@]}"
	until_gone "$pid"
	grep -q 'unable to write' err
}

@test "engine ID and boots are kept in --state-dir, and boots never go back" {
	mkdir state
	up --user-file users --state-dir state
	kill "$SERVER_PID"; until_gone "$SERVER_PID"
	first=$(cat state/engine)
	up --user-file users --state-dir state
	[ "$(field engine <state/engine)" = "$(field engine <<<"$first")" ]
	[ "$(field boots <state/engine)" = $(($(field boots <<<"$first") + 1)) ]
	run -0 v3 "$to" 42 "${link[@]}"
}

@test "a link that was planted in --state-dir is not written through" {
	mkdir state
	echo precious >theirs
	ln -s "$T/theirs" state/engine.new
	up --user-file users --state-dir state
	[ "$(cat theirs)" = precious ]; [ ! -L state/engine ]; [ -n "$(field boots <state/engine)" ]
	[ ! -e state/engine.new ]; [ ! -L state/engine.new ]
}

@test "usage: nobody to believe, a file that others read, a bad user, a bad address" {
	run -2 sp-trapd --listen udp:127.0.0.1:0
	[[ $output == *"is needed"* ]]
	chmod 644 users
	run -2 sp-trapd --listen udp:127.0.0.1:0 --user-file users
	[[ $output == *"others than its owner can read it"* ]]
	rec user=x auth_password=short >bad
	run -2 sp-trapd --listen udp:127.0.0.1:0 --user-file bad
	[[ $output == *"line 1 needs auth_password= and priv_password="* ]]
	run -8 sp-trapd --listen tcp:127.0.0.1:0 --community-file community
	[[ $output == *"only udp:"* ]]
}

@test "a trap that leaves no room for received= is refused, and ends nothing" {
	up --community-file community
	printf -v tabs '%32736s' '' # written as \t, two bytes each: source= still fits
	snmptrap -v 2c -c public "$to" 42 1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.31.1.1.1.1.7 s "${tabs// /$'\t'}" || :
	until_true 5 grep -q 'does not fit in a record' log
	snmptrap -v 2c -c public "$to" 42 "${link[@]}"
	until_true 5 got ifindex=7
}
