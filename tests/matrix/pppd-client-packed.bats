#!/usr/bin/env bats
# pppd calls sp-ras: compressed headers and compressed packets, each on and off at either end.
load ../bats/common
load matrix
role client

@test "compressed headers: on" { vj_as "" 'rcvd .IPCP ConfReq .*<compress VJ'; quartered; }
@test "compressed headers: four slots, all said" { vj_as "vj-max-slots 4 novjccomp" 'sent .IPCP ConfReq .*<compress VJ 03 00>'; quartered; }
@test "compressed headers: pppd wants none" { vj_as novj 'sent .IPCP ConfRej .*<compress VJ'; in_full; }
@test "compressed headers: we want none" { vj_not 'rcvd .IPCP ConfRej .*<compress VJ'; in_full; }
@test "deflate: on" { deflate "" "--deflate yes" 'rcvd .CCP ConfAck .*<deflate 15>'; }
@test "deflate: small windows" { deflate "deflate 9,12" "--deflate yes" 'rcvd .CCP ConfAck .*<deflate 9>'; }
@test "deflate: pppd wants none" { deflate "nodeflate nobsdcomp" "--deflate yes" 'sent .(CCP ConfRej|LCP ProtRej)'; }
@test "deflate: we want none" { deflate "" "--deflate no" 'rcvd .LCP ProtRej'; }
