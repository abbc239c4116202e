#!/usr/bin/env bats
# sp-addr where systems are reached within the gateway's tunnels: both the router's word and the gateway's are waited for.
load common
load monitor
load permit

setup_more() {
	monitor_store; monitor_keys; permit_keys
	monitor --permit-key permit.key --inside-pool 10.210.0.0/30
	export SP_CONFIG=$T/sp.conf
	printf '[sp]\nmonitor = unix:%s/m\n[sp-alloc]\n[sp-addr]\n[sp-state]\n' "$T" >sp.conf
	mkfifo leased
	sp-alloc --workstation 10.0.0.5 <<<"$(rec system=A1 "token=$alice")" >leased & PIDS+=($!)
	exec 7<leased
	IFS= read -rt 10 -u 7 ALLOCATED
	SESSION=$(field session <<<"$ALLOCATED") INSIDE=$(field inside <<<"$ALLOCATED")
}

up() { rec "session=$SESSION" router=boston line=tty1 state=up alias=10.200.0.7 sp_address=192.0.2.1 speed=33600 | sp-state >/dev/null; }
# tunnel STATE [FIELD...]: the gateway tells the monitor.
tunnel() { rec "session=$SESSION" inside="$INSIDE" tunnel="$@" | sp-state; }
addr() {
	mkfifo in out
	sp-addr --rate-by router --log log "$@" <in >out 2>err 7<&- & HOLDER=$!
	PIDS+=("$HOLDER")
	exec 6>in 8<out
	printf '%s\t%s\n' "$ALLOCATED" "$(rec alias=10.200.0.7 speed=33600 state=connected)" >&6
}

@test "the address is the inside one, once the gateway has both tunnels; the session ends with them" {
	[[ $INSIDE == 10.210.0.* ]]
	addr
	up
	until_true 5 grep -q "step=338.*event=state" mon.log
	never IFS= read -rt 0.3 -u 8 line
	tunnel open
	IFS= read -rt 10 -u 8 line
	[ "$(field address <<<"$line") $(field alias <<<"$line") $(field tunnel <<<"$line")" = "$INSIDE 10.200.0.7 " ]
	tunnel ended
	IFS= read -rt 10 -u 8 line
	[[ $line == *error=peer* ]]; [ "$(field step <<<"$line")" = 339 ]
	until_gone "$HOLDER"
}

@test "the gateway may be there before the router's word" {
	addr
	tunnel open >/dev/null
	up
	IFS= read -rt 10 -u 8 line
	[ "$(field address <<<"$line")" = "$INSIDE" ]
}

@test "a tunnel of another address, another session or state is refused" {
	connect 1
	[[ $(ask 1 op=tunnel "session=$SESSION" inside=10.210.0.9 tunnel=open) == *error=peer*"another inside address"* ]]
	[[ $(ask 1 op=tunnel session=ab "inside=$INSIDE" tunnel=open) == *error=peer*"no such session"* ]]
	[[ $(ask 1 op=tunnel "session=$SESSION" "inside=$INSIDE" tunnel=wide) == *error=record* ]]
	[[ $(ask 1 op=tunnel "session=$SESSION" "inside=$INSIDE" tunnel=open) == done=1* ]]
	[ "$(sp-db --db db dump calls | field tunnel)" = open ]
}

@test "by certificate a gateway may say that, and nothing else; a user may not" {
	sp-ca init --dir pki >/dev/null
	sp-ca issue --dir pki --role monitor --name server --out server >/dev/null
	sp-ca issue --dir pki --role gateway --name gw1 --out gw1 >/dev/null
	sp-ca issue --dir pki --role user --user alice --out alice >/dev/null
	server tls sp-monitor --db db --listen tls:127.0.0.1:0 --cert server.crt --key server.key --ca pki/ca.crt --log tls.log
	local who
	for who in gw1 alice; do
		rec id=1 op=tunnel "session=$SESSION" "inside=$INSIDE" tunnel=open >question
		lines_of 1 openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile pki/ca.crt -cert $who.crt -key $who.key <question >$who.answer 2>/dev/null
	done
	grep -q done=1 gw1.answer
	grep -q error=denied alice.answer
	rec id=1 op=state "session=$SESSION" router=boston state=up >question
	lines_of 1 openssl s_client -quiet -connect "127.0.0.1:$PORT" -CAfile pki/ca.crt -cert gw1.crt -key gw1.key <question >gw1.answer 2>/dev/null
	grep -q error=denied gw1.answer
}
