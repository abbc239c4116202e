#!/usr/bin/env bats
# We call pppd, and one of them is gone in the middle: ours undoes everything, and the next call comes up.
load ../bats/common
load ../bats/pppd
load ../bats/pppd-lost
role server

@test "pppd is killed, the line stays: three intervals of questions have no answer" { lost pppd_killed 6 6 "--echo 2"; }
@test "pppd is killed, and its modem hangs up" { lost pppd_killed_and_port 6; }
@test "pppd is killed and started again, the line stays: negotiated anew" { rejoined; }
@test "pppd ends as it should" { lost pppd_ends 6; }
@test "the exchange loses the call" { lost exchange_fails 6; }
@test "ours is killed" { lost ours_killed 137; }
