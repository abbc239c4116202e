#!/bin/bash
# radius-certs.sh DIR SERVER CLIENT... - certificates for RADIUS or LDAP over TLS, as any authority makes
# them: DIR/ca.crt, DIR/server.crt and .key for the address SERVER, DIR/CLIENT.crt and .key.
# For a laboratory: 30 days.
set -eu
dir=$1 server=$2
shift 2
umask 077
mkdir -p "$dir"
cd "$dir"
quiet() { "$@" 2>openssl.err || { cat openssl.err >&2; exit 8; }; rm -f openssl.err; }

issue() { # NAME EXTENSION
	quiet openssl req -new -newkey ed25519 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
	printf 'basicConstraints=CA:FALSE\n%s\n' "$2" >"$1.ext"
	quiet openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt"
	rm -f "$1.csr" "$1.ext"
}

quiet openssl req -x509 -newkey ed25519 -nodes -days 30 -subj '/CN=authority of RADIUS servers' \
	-addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt
issue server "subjectAltName=IP:$server"
for client; do issue "$client" ''; done
