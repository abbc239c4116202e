#!/usr/bin/env bats
# The longest chain of permit keys: thirty-one rotations.
load ../bats/common
load ../bats/ras
load ../bats/permit
load ../bats/ras-permit

chain() { sp-ca chain --chain chain --key "$1.key" --next "$2.pub"; }

@test "the longest chain is followed from its beginning; no row more" {
	local i
	for i in {0..32}; do sp-ca key --out n$i >/dev/null; done
	for i in {1..31}; do chain n$((i - 1)) n$i >/dev/null; done
	run -2 --separate-stderr chain n31 n32
	[[ $stderr == *"more rows than a service processor can follow" ]]
	sed -i "s/--permit-keys [^ ]*/--permit-keys n0.pub --permit-chain chain/" pras
	taken "$(SIGNER=n31.key permit)"
}
