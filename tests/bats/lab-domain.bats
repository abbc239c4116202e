#!/usr/bin/env bats
# The users' passwords come to the domain server within TLS, and only to the one that the laboratory's
# authority for such servers vouches for.
load lab

# asks CA URL: starts a RADIUS server that asks there and believes that authority. 0 when it is ready.
asks() {
	rm -rf r log && mkdir r && cp "$1" r/ldap-ca.crt && : >log
	"$SP_TOP/share/lab/freeradius.sh" "$T/r" 10.50.0.36 1822 1823 "$LAB/radius.secret" "$2" "$LAB/ldap.password" 10.50.0.31
	at aaa freeradius -f -l "$T/log" -d "$T/r" -n radiusd 3>&- &
	PIDS+=($!)
	ready_or_gone() { grep -q 'Ready to process' log || gone "${PIDS[-1]}"; }
	until_true 60 ready_or_gone
	grep -q 'Ready to process' log
}
own=(10.50.0.37:636)

@test "all that comes to slapd is TLS 1.3, the steps are in its log; nothing listens in the clear" {
	connect alice --serial 0123 -- true
	grep -q 'BIND dn="uid=alice' "$LAB/log/ldap.err"
	each_tls() { [ "$(grep -c 'ACCEPT from' "$LAB/log/ldap.err")" = "$(grep -c 'TLS established.*tls_proto=TLS1.3' "$LAB/log/ldap.err")" ]; }
	until_true 5 each_tls
	[ "$(at ldap ss -Hltn | awk '{ print $4 }')" = "${own[0]}" ]
}

@test "a domain server that another authority vouches for, or for another address, is not asked" {
	asks "$LAB/ldap/tls/ca.crt" "ldaps://${own[0]}"
	kill "${PIDS[-1]}"
	until_gone "${PIDS[-1]}"
	"$SP_TOP/share/lab/radius-certs.sh" "$T/other" 10.50.0.37
	never asks other/ca.crt "ldaps://${own[0]}"
	grep -q "Can't contact LDAP server" log
	at aaa socat TCP-LISTEN:6360,bind=127.0.0.1,fork "TCP:${own[0]}" 3>&- &
	PIDS+=($!)
	listens() { at aaa ss -Hltn | grep -q 127.0.0.1:6360; }
	until_true 10 listens
	never asks "$LAB/ldap/tls/ca.crt" ldaps://127.0.0.1:6360
	grep -q "Can't contact LDAP server" log
}
