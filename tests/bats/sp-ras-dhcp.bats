#!/usr/bin/env bats
# What a caller that has its address learns by DHCPINFORM, and what is not answered: real clients on
# the caller's end of a link.
load common
load ras

on_link() { # OPTION...: a link between ras7, ours, and c7, the caller's
	answer ./ras --interface ras7 "$@"
	dial --interface c7 --line "unix:line${SP_SPEED:+?speed=$SP_SPEED}"
	up
}

# dhcpcd's own files and helpers are the test's: a mount of its own, and processes that end with it.
client() {
	printf '#!/bin/sh\nenv | grep ^new_ | sort >%s/$reason\n' "$T" >hook; chmod +x hook
	printf 'option %s\n' subnet_mask interface_mtu classless_static_routes >dhcpcd.conf
	cat >client <<'EOS'
mount -t tmpfs dhcpcd /run; mount -t tmpfs dhcpcd /var/lib/dhcpcd
exec dhcpcd --oneshot --ipv4only --nobackground --persistent --nodelay --timeout 20 \
	--config "$PWD/dhcpcd.conf" --script "$PWD/hook" --inform=192.0.2.2/32 c7
EOS
	ip netns exec "$NS-c" unshare --mount --pid --fork --kill-child sh client >client.out 2>&1 3>&- || { cat client.out; return 1; }
}

# Of dhcping, which waits for an answer: asks OPTION..., and no_answer OPTION...
ping_dhcp() { ip netns exec "$NS-c" dhcping -c 192.0.2.2 -s 192.0.2.1 -h 02:00:00:00:00:01 "$@"; }
asks() { ping_dhcp -t 20 "$@"; }
no_answer() { never ping_dhcp -t 1 "$@"; }

count() { ip netns exec "$1" cat "/sys/class/net/$2/statistics/rx_packets"; }
unanswered() { awk -F'\t' '/event=DHCP not answered/ { print $NF }' log; }
logged() { until_true 5 grep -q "detail=$1\$" log; }

@test "dhcpcd learns mask, MTU and the route, and the link carries packets by it" {
	on_link --mru 1400
	ip -n "$NS-c" route flush dev c7
	client
	grep -qx 'new_dhcp_message_type=5' INFORM
	grep -qx 'new_dhcp_server_identifier=192.0.2.1' INFORM
	grep -qx 'new_subnet_mask=255.255.255.255' INFORM
	grep -qx 'new_interface_mtu=1400' INFORM
	grep -qx 'new_classless_static_routes=192.0.2.1/32 0.0.0.0' INFORM
	never grep -qE 'lease|renewal|rebinding' INFORM
	ip -n "$NS-c" route show | grep -q '^192.0.2.1 dev c7 proto dhcp .* mtu 1400'
	ip netns exec "$NS-c" ping -q -c 3 -i 0.05 -W 5 -s 1372 192.0.2.1
	[ "$(field step <log | sort -u | tr '\n' ' ')" = "329 331 332 333 335 " ]
	grep -q 'step=335	event=DHCPINFORM answered	user=alice$' log
}

@test "dhcping is answered, with another's address it is not" {
	on_link
	asks -i
	no_answer -i -c 192.0.2.9
	logged client
	kill "$CALLER"
	ended
	[ "$(grep event=ended log | field dhcp_answered)" = 1 ]
	[ "$(grep event=ended log | field dhcp_unanswered)" = 1 ]
}

@test "nothing is leased: DHCPDISCOVER and DHCPREQUEST get no answer" {
	on_link
	never ip netns exec "$NS-c" busybox udhcpc -i c7 -n -q -f -t 1 -T 1 -s /bin/true
	logged type
	no_answer -r
	[ "$(unanswered)" = detail=type ]
	kill "$CALLER"
	ended
	[ "$(grep event=ended log | field dhcp_answered)" = "" ]
	[ "$(grep event=ended log | field dhcp_unanswered)" = 2 ]
}

heard() { grep -q "$1" server; }
listens() { ip netns exec "$NS" ss -lun | grep -q ':67 '; }

@test "no question reaches the device, and a server of the machine's own hears what is not from the link" {
	on_link
	ip -n "$NS" link set lo up
	ip netns exec "$NS" socat -u UDP4-RECV:67 CREATE:server 3>&- & PIDS+=($!)
	until_true 5 listens
	before=$(count "$NS" ras7)
	asks -i
	no_answer -r
	[ "$(count "$NS" ras7)" = "$before" ]
	echo from here | ip netns exec "$NS" socat -u - UDP4:127.0.0.1:67
	until_true 5 heard 'from here'
	[ "$(tr -d '\0' <server)" = "from here" ]
	ip netns exec "$NS-c" ping -q -c 1 -W 5 192.0.2.1
	[ "$(count "$NS" ras7)" -gt "$before" ]
}

@test "--no-dhcp: that server hears the link, and nobody else answers" {
	on_link --no-dhcp
	ip netns exec "$NS" socat -u UDP4-RECV:67 CREATE:server 3>&- & PIDS+=($!)
	until_true 5 listens
	no_answer -i
	until_true 5 test -s server
	never grep -q DHCP log
}

@test "a flood of questions: as many answers as a flood may have" {
	on_link
	{ # BOOTREQUEST, Ethernet; xid; ciaddr; chaddr; cookie, DHCPINFORM, End
		printf '\1\1\6\0\0\0\0\1\0\0\0\0\300\0\2\2'; head -c 220 /dev/zero
		printf '\143\202\123\143\65\1\10\377'; head -c 56 /dev/zero
	} >question
	[ "$(wc -c <question)" = 300 ]
	for i in {1..300}; do cat question; done >questions
	before=$(count "$NS-c" c7) from=$SECONDS
	ip netns exec "$NS-c" socat -u -b 300 OPEN:questions UDP4:192.0.2.1:67,sourceport=68
	logged often
	ip netns exec "$NS-c" ping -q -c 1 -W 5 192.0.2.1 # behind the last answer
	answers=$(($(count "$NS-c" c7) - before - 1))
	echo "$answers answers in $((SECONDS - from)) s"
	[ "$answers" -ge 1 ]
	[ "$answers" -le $((4 + SECONDS - from + 1)) ]
}

@test "over a slow line, too" {
	export SP_SPEED=9600
	on_link
	asks -i
	client
	grep -qx 'new_interface_mtu=1500' INFORM
}
