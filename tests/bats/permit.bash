# permit.bash - permits for tests: a key that signs them, and permits of all kinds. Loaded beside common.

permit_keys() { once signing_keys; }
signing_keys() {
	(umask 077; for n in permit stranger; do openssl genpkey -algorithm ed25519 -out $n.key; done) 2>/dev/null
	for n in permit stranger; do openssl pkey -in $n.key -pubout -out $n.pub; done
}

# permit [KEY=VALUE...]: signed by $SIGNER (permit.key), for a session of alice's from 127.0.0.1.
permit() {
	"$BUILD/tests/tool/mkpermit" "${SIGNER:-permit.key}" session=0123456789abcdef user=alice router=router1 serial=4711 \
		workstation=127.0.0.1 "dial=${DIAL:-unix:line}" "$@"
}

# permit_shows PERMIT [KEY=VALUE...]: what is in it, when permit.key signed it and it has these names and dial strings.
permit_shows() { "$BUILD/tests/tool/mkpermit" show permit.pub "$@"; }

# follows OLD NEW: the row of a chain by which who knows the key OLD comes to know NEW.
follows() {
	local key
	key=$(openssl pkey -in "$2.key" -pubout -outform DER | tail -c 32 | basenc -w 0 --base64url | tr -d =)
	printf 'sp-permit-key %s%s' "$key" "${3:+ retire}" >signed
	openssl pkeyutl -sign -rawin -inkey "$1.key" -in signed -out signature
	rec "key=$key" ${3:+retire=yes} "signature=$(basenc -w 0 --base64url <signature | tr -d =)"
}

# flipped PERMIT: with another last character but five.
flipped() { local c=${1: -5:1}; echo "${1%?????}$([ "$c" = A ] && echo B || echo A)${1: -4}"; }
