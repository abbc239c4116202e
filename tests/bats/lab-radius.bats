# The RADIUS server is asked over TLS by the security server and by UDP by the router, and answers nobody else.
load lab

# asked PARTY OPTION...: sp-auth there, with alice's password
asked() {
	local party=$1; shift
	run --separate-stderr at "$party" sp-auth --timeout 2 "$@" <<<"$(rec user=alice "password=$(cat "$(secret alice)")")"
}
# shown NAME: as whom it is asked over TLS
shown() { SHOWN=(--server tls:10.50.0.36 --ca "$LAB/radius/tls/ca.crt" --cert "$LAB/keys/$1.crt" --key "$LAB/keys/$1.key"); }

@test "a log-in is asked about over TLS, a session at the router by UDP: the RADIUS server's log has both" {
	connect alice --serial 0123 -- true
	grep -q 'Login OK: \[alice\] (from client tls1 ' "$LAB/log/aaa.log"
	grep -q 'Login OK: \[alice\] (from client udp1 ' "$LAB/log/aaa.log"
	at sec ss -Htn state established '( dport = 2083 )' | grep -q 10.50.0.36
	[ -z "$(at nas ss -Htn '( dport = 2083 )')" ]
}

@test "over TLS the certificate says who asks, and to whom; by UDP the security server is not answered" {
	shown sec
	asked sec "${SHOWN[@]}"
	[ "$status" = 0 ]; [[ $output == *groups=support,field* ]]
	asked sec --server 10.50.0.36 --secret-file "$LAB/radius.secret"
	[ "$status" = 3 ]
	asked nas --server 10.50.0.36 --secret-file "$LAB/radius.secret"
	[ "$status" = 0 ]
	shown nas
	asked mon "${SHOWN[@]}" # not an address that may
	[ "$status" = 6 ]
	"$SP_TOP/share/lab/radius-certs.sh" "$T/other" 10.50.0.36 sec
	asked sec "${SHOWN[@]}" --cert other/sec.crt --key other/sec.key
	[ "$status" = 6 ]
	asked sec "${SHOWN[@]}" --ca other/ca.crt
	[ "$status" = 6 ]; [[ $output == *certificate* ]]
}

@test "its connections are no session's; an sp-tls of another's is" {
	connect alice --serial 0123 -- true
	[ -n "$(pids sp-tls sec)" ]
	nothing_left
	shown sec
	mkfifo in
	exec 7<>in
	at sec sp-tls "${SHOWN[@]:2}" tls:10.50.0.36:2083 <in 3>&- 7>&- &
	PIDS+=($!)
	left() { sp lab left --dir "$LAB" | grep -x "$(rec party=sec 'left=process [0-9][0-9]* sp-tls')"; }
	until_true 10 left
	kill "$(left | grep -o '[0-9][0-9]*')"
	nothing_left
	exec 7>&-
}
