#!/usr/bin/env bats
# We call pppd, PAP: each set of control characters, each size; a wrong secret.
load ../bats/common
load matrix
role server

@test "PAP, no control characters escaped" { all pap 0; }
@test "PAP, XON and XOFF escaped" { all pap a0000; }
@test "PAP, all escaped" { all pap ffffffff; }
@test "PAP, a wrong secret" { wrong pap; }
