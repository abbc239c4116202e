#!/usr/bin/env bats
# We call pppd, MS-CHAPv2: each set of control characters, each size; a wrong secret.
load ../bats/common
load matrix
role server

@test "MS-CHAPv2, no control characters escaped" { all mschap-v2 0; }
@test "MS-CHAPv2, XON and XOFF escaped" { all mschap-v2 a0000; }
@test "MS-CHAPv2, all escaped" { all mschap-v2 ffffffff; }
@test "MS-CHAPv2, a wrong secret" { wrong mschap-v2; }
