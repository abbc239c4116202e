# sp-trap: state records to snmptrapd and to sp-trapd.
load common

setup_more() {
	umask 077
	export MIBS=
	echo public >community
	rec user=router1 auth=SHA-256 auth_password=authpass123 priv=AES priv_password=privpass123 >users
	rec user=router1 auth=SHA-256 auth_password=authpass124 priv=AES priv_password=privpass123 >wrong
}

trapd() { server trapd sp-trapd --listen "udp:127.0.0.1:${1:-0}" --user-file users --community-file community; to=udp:127.0.0.1:$PORT; }
state() { rec session="$1" router=r1 user=alice line=2 phone=tcp:198.51.100.11:7 speed=33600 alias=10.200.0.7 state="${2:-up}"; }
got() { grep -q "$1" trapd.out; }
# A UDP port that nobody has: a receiver had it and has gone.
free_port() {
	server probe sp-trapd --listen udp:127.0.0.1:0 --community-file community
	kill "$SERVER_PID"; until_gone "$SERVER_PID"
	free=$PORT
}

@test "v3 informs to sp-trapd: acknowledged, in order, with all keys" {
	trapd
	run -0 bash -c "$(declare -f rec state); { state S1 dialing; rec ready=sp-nas port=1; state S1; state S1 down; } | sp-trap --to $to --user-file users --log log"
	[ "$(grep -c trap_acknowledged=1 <<<"$output")" = 3 ]
	[[ $output == *$'ready=sp-nas\tport=1'* ]]
	[ "$(field trap <trapd.out | paste -sd ' ')" = "callState callUp callDown" ]
	got 'session=S1	router=r1	user=alice	line=2	phone=tcp:198.51.100.11:7	alias=10.200.0.7	speed=33600	state=up'
	[ "$(grep -c 'step=337	event=acknowledged' log)" = 3 ]
}

@test "v2c informs, v2c traps" {
	trapd
	run -0 bash -c "$(declare -f rec state); state S1 | sp-trap --to $to --community-file community"
	[[ $output == *trap_acknowledged=1 ]]
	run -0 bash -c "$(declare -f rec state); state S2 | sp-trap --trap --to $to --community-file community"
	[ "$output" = "$(state S2)" ]
	until_true 5 got session=S2
}

@test "v3 traps, when the receiver knows our engine" {
	rec user=router1 auth=SHA-256 auth_password=authpass123 priv=AES priv_password=privpass123 engine=8000000005060708 >known
	server trapd sp-trapd --listen udp:127.0.0.1:0 --user-file known
	state S1 | sp-trap --trap --engine-id 8000000005060708 --to "udp:127.0.0.1:$PORT" --user-file users
	until_true 5 got session=S1
}

# variables HEAD NOTIFICATION SESSION STATE: of state(), as snmptrapd writes them
variables() {
	local o=iso.3.6.1.4.1.8072.9999.9999.4341
	rec "$1|iso.3.6.1.2.1.1.3.0 = T" "iso.3.6.1.6.3.1.1.4.1.0 = OID: $o.0.$2" "$o.1.1.0 = STRING: \"$3\"" "$o.1.2.0 = STRING: \"r1\"" \
		"$o.1.3.0 = STRING: \"alice\"" "$o.1.5.0 = STRING: \"2\"" "$o.1.6.0 = STRING: \"tcp:198.51.100.11:7\"" \
		"$o.1.8.0 = STRING: \"10.200.0.7\"" "$o.1.9.0 = Gauge32: 33600" "$o.1.10.0 = INTEGER: $4"
}
@test "snmptrapd takes our informs and traps" {
	free_port; port=$free
	cat >snmptrapd.conf <<-END
		createUser router1 SHA-256 authpass123 AES privpass123
		createUser -e 0x8000000005060708 router1 SHA-256 authpass123 AES privpass123
		authUser log router1 priv
		authCommunity log public
	END
	SNMP_PERSISTENT_DIR=$T/var snmptrapd -f -Lf out -C -c snmptrapd.conf -m '' -n -F '%P|%v\n' "udp:127.0.0.1:$port" 2>err 3>&- &
	PIDS+=($!)
	local to="udp:127.0.0.1:$port"
	[[ $(state S1 | sp-trap --timeout 9 --to "$to" --user-file users) == *trap_acknowledged=1 ]]
	[[ $(state S2 down | sp-trap --timeout 9 --to "$to" --community-file community) == *trap_acknowledged=1 ]]
	state S3 | sp-trap --to "$to" --trap --community-file community
	state S4 | sp-trap --to "$to" --trap --engine-id 8000000005060708 --user-file users
	until_true 5 grep -q '"S4"' out
	grep STRING out | sed 's/Timeticks: [^\t]*/T/' >got # by whom, as what; then sysUpTime.0 and snmpTrapOID.0 first, as RFC 3416 wants them
	{
		variables 'INFORM, SNMP v3, user router1, context ' 2 S1 5; variables 'INFORM, SNMP v2c, community public' 3 S2 6
		variables 'TRAP2, SNMP v2c, community public' 2 S3 5; variables 'TRAP2, SNMP v3, user router1, context ' 2 S4 5
	} | diff - got
}

@test "a trap lost does not matter: informs reach a receiver that starts late" {
	free_port; port=$free
	{ state S1; state S1 down; } >in
	sp-trap --wait 0.2 --tries 2 --timeout 20 --to "udp:127.0.0.1:$port" --user-file users <in >out 2>err 3>&- &
	PIDS+=($!); pid=$!
	until_true 5 grep -q 'does not answer' err
	trapd "$port"
	until_true 15 got 'trap=callDown'
	[ "$(field trap <trapd.out | paste -sd ' ')" = "callUp callDown" ]
	wait "$pid"
	grep -q 'answers again' err
}

@test "a silent manager holds up nobody: the other has it at once, the exit status tells" {
	free_port
	trapd
	run -3 --separate-stderr bash -c "$(declare -f rec state); state S1 | sp-trap --wait 0.5 --tries 2 --timeout 5 --to udp:127.0.0.1:$free --to $to --user-file users"
	[[ $output == *trap_acknowledged=1 ]]
	got session=S1
	[[ $stderr == *"1 notifications were not acknowledged"* ]]
}

@test "wrong password: refused, with the reason; exit 4" {
	trapd
	run -4 --separate-stderr bash -c "$(declare -f rec state); state S1 | sp-trap --timeout 5 --to $to --user-file wrong"
	[[ $stderr == *"step 337: $to: our authentication password is wrong"* ]]
	[[ $output == *trap_acknowledged=0 ]]
}

@test "a full queue loses the oldest, counted as a record" {
	free_port
	for i in 1 2 3 4 5; do state "S$i"; done >in
	run -3 --separate-stderr sp-trap --wait 0.1 --tries 1 --keep 2 --timeout 0.5 --to "udp:127.0.0.1:$free" --user-file users <in
	[[ $output == *"manager=udp:"*"lost="*"error=timeout	step=337"* ]]
	[ "$(grep -c session= <<<"$output")" = 5 ]
}

@test "malformed lines 7, a state that is not one 7 with error=, /dev/full 8, nothing 1" {
	trapd
	run -7 --separate-stderr sp-trap --to "$to" --user-file users <<<"no-equals-sign"
	[[ $stderr == *"stdin: line 1"* ]]
	run -7 --separate-stderr sp-trap --to "$to" --user-file users <<<"$(state S1 sideways)"
	[[ $output == *"error=record	step=337"* ]]
	run -8 bash -c "$(declare -f rec state); state S1 | sp-trap --to $to --user-file users >/dev/full"
	run -1 sp-trap --to "$to" --user-file users </dev/null
	run -2 sp-trap --to "$to" </dev/null
	run -2 sp-trap --user-file users </dev/null
}

@test "one byte at a time, a line over 64 KiB, closed input, a reader that went" {
	trapd
	local trap=(sp-trap --to "$to" --community-file community)
	run -0 --separate-stderr "${trap[@]}" < <(state S1 | dd bs=1 status=none)
	[[ $output == "$(state S1)"$'\ttrap_acknowledged=1' ]]
	run -7 --separate-stderr "${trap[@]}" < <(printf 'long=%066000d\n' 0; state S2)
	[[ $output == "$(state S2)"$'\ttrap_acknowledged=1' ]]; [ "$stderr" = "sp-trap: stdin: line 1: line over 64 KiB" ]
	run -8 --separate-stderr bash -c '"$@" <&-' - "${trap[@]}"
	[[ $stderr == *"unable to read stdin"* ]]
	exec 8> >(:); wait $! # who would read has gone
	run -141 --separate-stderr bash -c '"$@" >&8' - "${trap[@]}" <<<"$(state S3)"
	[ -z "$stderr" ]; exec 8>&-
}

@test "SP-MIB: smilint finds nothing, snmptranslate knows the names" {
	run -0 env SMIPATH="$DATA/mibs" smilint -c /dev/null -l 9 "$SP_TOP/share/mibs/SP-MIB.txt"
	[ -z "$output" ]
	run -0 snmptranslate -M "$DATA/mibs:$SP_TOP/share/mibs" -m SP-MIB -On SP-MIB::spCallUp
	[ "$output" = .1.3.6.1.4.1.8072.9999.9999.4341.0.2 ]
}
