#!/usr/bin/env bats
# sp-ca chain: whoever knows a key of permits, be it the oldest, follows to that of today; a
# row by which somebody would not follow is not written.
load common
load ras
load permit
load ras-permit

token_keys() { local k; for k in k1 k2 k3 k4; do sp-ca key --out $k >/dev/null; done; }
setup_more() { ras_setup_more && setup_permits && once token_keys; }
# chain OLD NEXT [OPTION...]: the row of these two.
chain() { sp-ca chain --chain chain --key "$1.key" --next "$2.pub" "${@:3}"; }
# chain_refused EXIT WHY OLD NEXT [OPTION...]: and the file is as it was.
chain_refused() {
	local was; was=$(cat chain)
	run -"$1" --separate-stderr chain "${@:3}"
	[[ $stderr == *"$2" ]]
	[ "$(cat chain)" = "$was" ]
}
# knows KEY: a service processor that was shipped with it, and has the chain.
knows() { sed -i "s/--permit-keys [^ ]*/--permit-keys $1.pub --permit-chain chain/" pras; }

@test "who was shipped with the oldest key takes a permit of today, after two rotations, and none of a retired key" {
	run -0 chain k1 k2
	[ "$(field chain <<<"$output") $(field rows <<<"$output")" = "chain 1" ]
	[ "$(field key <<<"$output")" = "$(openssl pkey -pubin -in k2.pub -outform DER | tail -c 32 | basenc --base64url | tr -d =)" ]
	run -0 chain k2 k3 --retire
	[ "$(field rows <<<"$output") $(field retire <<<"$output")" = "2 yes" ]
	[ "$(stat -c %a chain)" = 644 ]
	# as openssl(1) writes it: one format
	[ "$(sed -n 2p chain)" = "$(follows k2 k3 retire)" ]
	knows k1
	taken "$(SIGNER=k3.key permit)"
	refused "$(SIGNER=k2.key permit sequence=2)" "the permit is signed by an unknown key"
}

@test "a key that is old is retired when all have followed, before the next one signs" {
	chain k1 k2 >/dev/null
	chain k1 k2 --retire >/dev/null
	chain_refused 2 "its key is in the chain already" k1 k2 --retire
	chain k2 k3 >/dev/null
	chain_refused 2 "not the key of the row before signed this one" k1 k4
	knows k1
	refused "$(SIGNER=k1.key permit)" "the permit is signed by an unknown key"
	taken "$(SIGNER=k2.key permit)"
}

@test "what does not go on with the chain is refused, and the file is as it was" {
	chain k1 k2 >/dev/null
	chain_refused 2 "not the key of the row before signed this one" k1 k3
	chain_refused 2 "not the key of the row before signed this one" k3 k4
	chain_refused 2 "its key is in the chain already" k3 k2 --retire
	chain_refused 2 "are one pair: the next key is another one" k2 k2
	chain k2 k3 >/dev/null
	chain_refused 2 "its key is in the chain already" k3 k2
	chmod 644 k3.key
	chain_refused 8 "its owner only" k3 k4
	run -2 --separate-stderr sp-ca chain --chain chain --key k3.key
	[[ $stderr == *"--next is needed" ]]
}

@test "a broken chain gets no row, and its line is said" {
	{ follows k1 k2; follows k2 k3 | sed 's/signature=..../signature=AAAA/'; } >chain
	chain_refused 7 "chain: line 2: not the key of the row before signed this one" k3 k4
	printf 'key=AA' >chain
	chain_refused 7 "chain: line 1: last line has no line feed (cut?)" k1 k2
	# a row in JSON needs no line feed, and gets one
	follows k1 k2 >line; printf %s "$(sp-record json -- line)" >chain
	chain k2 k3 >/dev/null
	[ "$(sp-record check -- chain; wc -l <chain)" = 2 ]
	rm chain
	run -8 bash -c 'sp-ca chain --chain chain --key k1.key --next k2.pub >/dev/full'
}

@test "two at once: the file has the row of one of them, whole" {
	local pids=() n=0 p
	chain k1 k2 >/dev/null
	for p in k3 k4; do chain k2 $p >/dev/null 2>&1 3>&- & pids+=($!); done
	for p in "${pids[@]}"; do wait "$p" && n=$((n + 1)); done
	[ "$n $(wc -l <chain)" = "1 2" ]
}
