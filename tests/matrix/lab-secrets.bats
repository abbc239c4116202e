#!/usr/bin/env bats
# Passwords, secrets and permits are nowhere but where they must be: not in arguments, environment, files,
# transcripts, nor on wires. Each look has a control that it would find them. Memory: lab-secrets-core.bats.
load ../bats/lab
load ../bats/secrets
LAB_UP=(--permit-life 40)

setup_more() { the_words; }

renewed() { grep -q 'event=renewed' "$LAB/log/nas.log"; }

@test "arguments, environment, files, transcripts, wires" {
	for party in ws sec mon nm aaa ldap nas sp1 sp3; do wire $party; done
	watch_processes 3>&- & WATCHER=$!
	PIDS+=("$WATCHER")
	refused 4 305 "" ws sp connect --user alice --password-file "$(secret bob)" --serial 0123
	refused 4 333 "" connect dave --serial 0123
	connect carol --customer globex -- true
	connect erin --code-file "$LAB/code/erin" --group cleared --group-password-file "$LAB/group/cleared" --customer initech -- true
	servers=("$(pids sp-nas nas | head -n 1)" "$(pids sp-answer sp1 | head -n 1)")
	strace -f -qq -v -s 100000 -e trace=execve -o execs.nas -p "${servers[0]}" -p "${servers[1]}" 3>&- 2>strace.err &
	PIDS+=($!)
	TRACER=$!
	for p in "${servers[@]}"; do until_true 10 grep -q "TracerPid:.$TRACER" "/proc/$p/status"; done
	by_hand strace -f -qq -v -s 100000 -e trace=execve -o "$T/execs.ws"
	ws curl -sS --max-time 9 "http://$(field address <hand.rec)/" | grep -q 000187260123
	until_true 60 renewed
	hang_up
	kill $TRACER
	until_gone $TRACER
	[ "$(wc -l <polls)" -gt 20 ]
	# Nothing is too short for strace(1), which has every program with its arguments and environment.
	for name in sp-login sp-search sp-alloc sp-dial sp-addr sp-route; do grep -q "execve(\"[^\"]*/$name\", .*\"PATH=" execs.ws; done
	for name in sp-ras sp-route; do grep -q "execve(\"[^\"]*/$name\", .*\"PATH=" execs.nas; done
	[ -z "$(names execs.ws)" ]
	[ -z "$(names execs.nas)" ]

	# shellcheck disable=SC2016
	ip netns exec "$(prefix)-ws" bash -c 'exec -a "$(cat "$0")" sleep 600' "$(secret bob)" 3>&- & PIDS+=($!)
	# shellcheck disable=SC2016
	ip netns exec "$(prefix)-ws" bash -c 'X=$(cat "$0") exec sleep 600' "$(secret carol)" 3>&- & PIDS+=($!)
	printf 'cmdline:%s\n' "$(<"$(secret bob)")" >in_arguments
	printf 'environ:%s\n' "$(<"$(secret carol)")" >in_environment
	until_true 20 grep -qFf in_arguments seen
	until_true 20 grep -qFf in_environment seen
	touch watched
	wait "$WATCHER"
	never grep -vFf in_arguments -f in_environment seen

	for file in $(find "$LAB" -type f; ls transcript hand.log hand.err); do
		[ -z "$(names "$file")" ] || echo "${file#"$LAB"/}"
	done | sort >have
	diff have - <<-X
		code/erin
		group/cleared
		ldap.password
		ldap/db/data.mdb
		password/alice
		password/bob
		password/carol
		password/dave
		password/erin
		radius.secret
		radius/radiusd.conf
		snmp-users
		users
	X

	for party in ws sec mon nm aaa ldap nas sp1 sp3; do
		[ -s "wire.$party" ]
		names "wire.$party" | sed "s/^/$party /"
	done >have
	grep -qa 000187260123 wire.ws # a page comes as it is
	# The way to the service processor is in the clear, and a permit in PAP is used up when somebody reads it.
	diff have - <<-X
		nas permit
		sp1 permit
	X
	for party in nas sp1; do
		in_pap wire.$party
	done
}

@test "the modems' lines: the permit, in PAP, and nothing else" {
	sp-db --db "$LAB/store/sp.db" dump endpoints >endpoints
	rec system=acme-1 dial=5550123 | sp-db --db "$LAB/store/sp.db" replace endpoints
	strace -qq -xx -s 100000 -e trace=write -o writes -p "$(pids sp-pstn sw)" 3>&- 2>strace.err &
	PIDS+=($!)
	until_true 10 grep -q TracerPid:.$! "/proc/$(pids sp-pstn sw)/status"
	connect alice --serial 0123 -- curl -sS --max-time 20 'http://%{address}/'
	kill "${PIDS[-1]}"
	until_gone "${PIDS[-1]}"
	sp-db --db "$LAB/store/sp.db" replace endpoints endpoints
	written
	[ "$(cat line.* | grep -aoF 'CONNECT 33600' | wc -l)" = 2 ]
	for line in line.*; do names "$line"; done >have
	diff have <(echo permit)
	for line in line.*; do [ -z "$(names "$line")" ] || in_pap "$line"; done
}
