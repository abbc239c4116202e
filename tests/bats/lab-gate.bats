#!/usr/bin/env bats
# The gate and the wall in the laboratory: what the wires carry, what a service processor lets in, and what is left when
# a party of it goes away without a word.
load lab
LAB_UP=(--gate)

begin() { session "${1:-s}" sp connect --user alice --password-file "$(secret alice)" --serial 0123; INSIDE=$(field address <"${1:-s}.rec"); }
end() { kill "$READER"; wait "$SESSION_PID" || :; }
page() { ws curl -sS --max-time "${1:-5}" "http://$INSIDE/"; }
# capture PARTY DEVICE: what that carries, into PARTY.pcap, until the test ends
capture() {
	at "$1" tcpdump -i "$2" -U --immediate-mode -w "$T/$1.pcap" >"$1.dump" 2>&1 3>&- & PIDS+=($!)
	until_true 10 grep -q listening "$1.dump"
}
# knock FROM ADDRESS PORT: can somebody there connect?
knock() { at "$1" socat -u /dev/null "TCP:$2:$3,connect-timeout=1"; }
state() { local p; for p in ws sec gw nas sp1; do at "$p" sh -c 'nft -s list ruleset; ip -o link; ip route show table all; ip rule'; done | sed 's/ *expires [^ ]*//'; }

@test "no wire from the security server to the service processor carries the page; all is as before afterwards" {
	local p
	state >before
	capture gw any; capture nas any; capture sp1 line # the link's device is the router's, too; within the tunnel it is plain
	begin
	[[ $INSIDE == 10.210.0.* ]]
	[ "$(page)" = "<p>000187260123</p>" ]
	for p in gw nas sp1; do kill "$(pids tcpdump $p)"; done
	end; nothing_left
	state >after
	diff before after
	for p in gw nas; do [ -n "$(tcpdump -r $p.pcap -nc 1 'udp port 4340' 2>/dev/null)" ]; done
	[ -n "$(tcpdump -r sp1.pcap -nc 1 'tcp port 7000' 2>/dev/null)" ]
	for p in gw nas sp1; do
		never grep -qa '000187260123</p>' $p.pcap
	done
}

@test "ports that are walled are shut to the customer's own network while the session is up, and open again after it" {
	knock sp2 198.51.100.11 80
	begin
	never knock sp2 198.51.100.11 80
	knock sp2 198.51.100.11 22 # what is not walled stays the customer's
	[ "$(page)" = "<p>000187260123</p>" ]
	end; nothing_left
	knock sp2 198.51.100.11 80
}

@test "past the gateway nothing reaches it: by the alias, from the router, from another party" {
	begin
	local alias; alias=$(field alias <s.rec)
	for p in ws mon gw nas; do never at $p curl -sS --max-time 1 "http://$alias/"; done
	never at mon ping -q -c 1 -W 1 "$INSIDE"
	end
}

@test "the security client is killed: shut, not open, and nothing is left" {
	begin
	kill -9 "$(pids sp-gate sp1)"
	until_true 5 gone "$(pids sp-gate sp1)"
	never page 1
	wait "$SESSION_PID" || :
	nothing_left
	at sp1 nft list table inet sp_wall | grep -q 'chain' # the base stands
	begin again; page; end
}

@test "who flushes all rules of the service processor ends the session, and the wall stands again" {
	begin
	at sp1 nft flush ruleset
	wait "$SESSION_PID" || :
	until_true 5 at sp1 nft list table inet sp_wall
	nothing_left
	begin again; page; end
}

@test "the gateway is killed: the session ends, and nothing is left" { # the last one: it does not come back
	begin
	kill -9 "$(pids sp-gate gw)"
	wait "$SESSION_PID" || :
	nothing_left
}
