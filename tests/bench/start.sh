#!/bin/bash
# start.sh - start-up of every program (--version) over `true`, lower quartiles of 41 runs in turn, in us.
# The limit is 2; with OpenSSL 2.5; with the SNMP or RADIUS library 3.
for p in "$BUILD"/bin/*; do
	[ -x "$p" ] || continue
	limit=2
	libs=$(ldd "$p")
	[[ $libs == *libcrypto* || $libs == *libssl* ]] && limit=2.5
	[[ $libs == *libnetsnmp* || $libs == *libradcli* ]] && limit=3
	start 41 "$p" | mawk -F'\t' -v l=$limit '{ sub(".*/", "", $1); printf "start of %s, over true, us\t%d\t%d\t<=%s\t%.2f\n", $1, $2, $3, l, $2 / $3 }'
done
