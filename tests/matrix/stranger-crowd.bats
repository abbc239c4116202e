#!/usr/bin/env bats
# Ten thousand connections from forty addresses that say nothing, or half of what begins TLS, and come
# again when they are hung up on: others are served meanwhile, and nothing is left of it afterwards.
load ../bats/common
load ../bats/monitor
load ../bats/stranger

setup_more() { net_up; keys_up; sec_up; logs_in; }

# crowd PORT PID [HEX]: it is there. BEFORE: the descriptors of the process before it came.
crowd() {
	BEFORE=$(descriptors "$2")
	ip netns exec "$NS-w" "$BUILD/tests/tool/half-open" 10.66.0.1 "$1" 10000 10.66.1.1 40 "${3:-}" >crowd.out 2>crowd.err 3>&- &
	CROWD=$!
	PIDS+=("$CROWD")
	until_true 180 grep -q tried=10000 crowd.out
}
descriptors() { ls "/proc/$1/fd" | wc -l; }
memory() { awk '/VmRSS/ { print $2 }' "/proc/$1/status"; }
# bounded PID DESCRIPTORS KIB
bounded() {
	[ "$(descriptors "$1")" -le "$2" ] || { descriptors "$1"; return 1; }
	[ "$(memory "$1")" -le "$3" ] || { memory "$1"; return 1; }
}
telnets_in_the_clear() {
	printf 'alice\r\nright\r\n\r\nquit\r\n' | timeout 20 ip netns exec "$NS-w" socat -,ignoreeof "TCP:10.66.0.1:$NAS,bind=10.66.9.9" >telnets
	grep -q 'Permission granted' telnets
}
calls() { W timeout 20 "$BUILD/tests/tool/ppp-call" --line "tcp:10.66.0.1:$ANSWER" --secret-file secret --once >call; grep -q event=up call; }
as_before() { [ "$(descriptors "$1")" -le "$BEFORE" ]; }
# over PID: the crowd goes, having been hung up on again and again, and with it what it held
over() {
	kill "$CROWD"; until_gone "$CROWD"
	[ "$(field hung_up <crowd.out)" -ge 8000 ]
	until_true 30 as_before "$1"
}

@test "the security server: engineers log in" {
	crowd "$SEC" "$SEC_PID" 1603010200010001fc0303
	logs_in; logs_in; logs_in
	bounded "$SEC_PID" 700 60000
	grep -q 'event=too-many.*from=10.66.1.' sec.log
	[ "$(grep -c event=too-many sec.log)" -lt 120 ] # not each of them is written down
	over "$SEC_PID"
	logs_in
}

@test "the monitor: engineers search" {
	mon_up --log mon.log
	searches
	crowd "$MON" "$MON_PID"
	searches; searches; searches
	bounded "$MON_PID" 1200 90000
	grep -q 'event=too-many.*from=10.66.1.' mon.log
	over "$MON_PID"
	searches
}

@test "the router: engineers have their sessions" {
	nas_up nas tls
	telnets
	crowd "$NAS" "$NAS_PID" 160301
	telnets; telnets
	[ "$(pgrep -c -P "$NAS_PID" -x sp-nas)" -le 70 ]
	bounded "$NAS_PID" 250 30000
	over "$NAS_PID"
	until_true 30 sh -c "! pgrep -P $NAS_PID -x sp-nas"
	telnets
}

@test "the router, in the clear, where all of the crowd also say what is no telnet: engineers have their sessions" {
	nas_up plain tcp
	telnets_in_the_clear
	crowd "$NAS" "$NAS_PID" fffb01fffdfffaff00ff1b5b00808a0d
	telnets_in_the_clear; telnets_in_the_clear
	[ "$(pgrep -c -P "$NAS_PID" -x sp-nas)" -le 70 ]
	bounded "$NAS_PID" 250 30000
	over "$NAS_PID"
	until_true 30 sh -c "! pgrep -P $NAS_PID -x sp-nas"
	telnets_in_the_clear
}

@test "the service processor: calls get through, and end with those that made them" {
	answer_up --max 64 --timeout 60
	calls
	crowd "$ANSWER" "$ANSWER_PID" 7eff7d23c021
	calls; calls
	[ "$(pgrep -c -P "$ANSWER_PID" -x sp-ras)" -le 70 ]
	bounded "$ANSWER_PID" 400 30000
	over "$ANSWER_PID"
	until_true 30 sh -c "! pgrep -P $ANSWER_PID -x sp-ras"
	calls
	[ "$(wc -l <answer.log)" -lt 5000 ] # not each of them is written down
}

@test "beside the router: service processors call home and are called" {
	back_up
	calls_home
	crowd "$BACK" "$BACK_PID" 160301
	calls_home
	bounded "$BACK_PID" 1100 90000
	over "$BACK_PID"
	calls_home
}

@test "one user's wrong passwords from forty addresses, and from his own: he gets in" {
	local i
	for i in {1..40}; do
		rec id=1 op=login user=alice password=no | lines_of 1 ip netns exec "$NS-w" timeout 20 openssl s_client -quiet \
			-connect "10.66.0.1:$SEC" -bind "10.66.1.$i" >>wrong 2>/dev/null 3>&- & PIDS+=($!)
	done
	until_true 20 has_lines 40 wrong
	[ "$(cut -f 2- wrong | sort -u | wc -l)" = 1 ]
	logs_in
}
