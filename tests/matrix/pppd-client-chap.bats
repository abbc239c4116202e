#!/usr/bin/env bats
# pppd calls sp-ras, CHAP: each set of control characters, each size; a wrong secret.
load ../bats/common
load matrix
role client

@test "CHAP, no control characters escaped" { all chap 0; }
@test "CHAP, XON and XOFF escaped" { all chap a0000; }
@test "CHAP, all escaped" { all chap ffffffff; }
@test "CHAP, a wrong secret" { wrong chap; }
