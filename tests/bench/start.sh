#!/bin/bash
# start.sh - start-up of every program (--version), by the libraries that it has to load; the limit is that of `true`.
# Lower quartiles of 41 runs in turn, in us.
for p in "$BUILD"/bin/*; do
	[ -x "$p" ] || continue
	with=
	libs=$(ldd "$p")
	[[ $libs == *libcrypto* || $libs == *libssl* ]] && with=" with OpenSSL"
	[[ $libs == *libnetsnmp* || $libs == *libradcli* ]] && with=" with SNMP or RADIUS"
	start 41 "$p" | mawk -F'\t' -v w="$with" '{ sub(".*/", "", $1); printf "start%s: %s, us\t%d\t-\t%d\t%.2f\n", w, $1, $2, $3, $3 / $2 }'
done
