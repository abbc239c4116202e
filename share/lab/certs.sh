#!/bin/bash
# certs.sh DIR NAME[:OU]=ADDRESS[,ADDRESS...] ... - an authority, and a certificate it vouches for
# for each NAME, valid for these addresses or host names (NAME:OU= for a client that has none):
#   DIR/ca.crt  DIR/NAME.crt  DIR/NAME.key       and, for tokens: DIR/token.key  DIR/token.pub
# Ed25519 throughout; what exists is kept, so that names can be added. For a laboratory: 30 days.
set -eu
dir=$1; shift
umask 077
mkdir -p "$dir"
cd "$dir"
quiet() { "$@" 2>openssl.err || { cat openssl.err >&2; exit 8; }; rm -f openssl.err; }

[ -e ca.key ] || quiet openssl req -x509 -newkey ed25519 -nodes -days 30 -subj '/CN=laboratory authority' \
	-addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt
if [ ! -e token.key ]; then
	quiet openssl genpkey -algorithm ed25519 -out token.key
	quiet openssl pkey -in token.key -pubout -out token.pub
fi
for arg; do
	name=${arg%%=*} addresses=${arg#*=} ou= san=
	case $name in *:*) ou=/OU=${name#*:} name=${name%%:*} ;; esac
	for a in ${addresses//,/ }; do
		case $a in *[!0-9.]*) san=$san,DNS:$a ;; *) san=$san,IP:$a ;; esac
	done
	[ -e "$name.crt" ] && continue
	quiet openssl req -new -newkey ed25519 -nodes -subj "/CN=$name$ou" -keyout "$name.key" -out "$name.csr"
	{ echo basicConstraints=CA:FALSE; [ -z "$san" ] || echo "subjectAltName=${san#,}"; } >"$name.ext"
	quiet openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \
		-extfile "$name.ext" -out "$name.crt"
	rm -f "$name.csr" "$name.ext"
done
