#!/bin/bash
# slapd.sh DIR USERS LDAP-PASSWORD-FILE [CERT KEY] - writes into DIR all that an OpenLDAP domain server
# needs and fills its database. Start it then with
#   slapd -h ldap://ADDRESS:PORT -f DIR/slapd.conf -d stats      (its log is its standard error)
# or, with CERT and KEY, -h ldaps://ADDRESS:PORT: TLS 1.3 only, which is how passwords should come to it.
# USERS: a file of records: user= password= groups=a,b [chap=yes] [code=CODE]. A password is stored hashed, and
# who asks proves it by a BIND; chap=yes keeps it readable for the RADIUS server, as CHAP needs.
# The RADIUS server reads as cn=radius,SUFFIX with the password of LDAP-PASSWORD-FILE.
set -eu
dir=$1 users=$2 password_file=$3 cert=${4:-} key=${5:-}
suffix=dc=vendor,dc=example
umask 077
mkdir -p "$dir/db"

hash() { printf %s "$1" >"$dir/.p"; slappasswd -n -T "$dir/.p"; }

cat >"$dir/slapd.conf" <<EOF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $dir/slapd.pid
argsfile $dir/slapd.args
database mdb
suffix "$suffix"
directory $dir/db
index objectClass,uid,cn,member eq
access to filter=(employeeType=chap) attrs=userPassword
	by dn.exact="cn=radius,$suffix" read
	by anonymous auth
access to attrs=userPassword by anonymous auth
access to * by dn.exact="cn=radius,$suffix" read
EOF
[ -z "$cert" ] || cat >>"$dir/slapd.conf" <<EOF
TLSCertificateFile $cert
TLSCertificateKeyFile $key
TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.3
EOF

people() {
	local fields f name password group code
	declare -A member=() of
	while IFS=$'\t' read -ra fields; do
		of=()
		for f in "${fields[@]}"; do of[${f%%=*}]=${f#*=}; done
		name=${of[user]} password=${of[password]} code=${of[code]:-}
		printf '\ndn: uid=%s,ou=people,%s\nobjectClass: inetOrgPerson\nuid: %s\ncn: %s\nsn: %s\n' \
			"$name" "$suffix" "$name" "$name" "$name"
		[ -z "$code" ] || printf 'employeeNumber: %s\n' "$code"
		if [ "${of[chap]:-}" = yes ]; then
			printf 'employeeType: chap\nuserPassword:: %s\n' "$(printf %s "$password" | base64 -w0)"
		else
			printf 'userPassword: %s\n' "$(hash "$password")"
		fi
		for group in ${of[groups]//,/ }; do
			member[$group]="${member[$group]:-}member: uid=$name,ou=people,$suffix"$'\n'
		done
	done <"$users"
	for group in "${!member[@]}"; do
		printf '\ndn: cn=%s,ou=groups,%s\nobjectClass: groupOfNames\ncn: %s\n%s' \
			"$group" "$suffix" "$group" "${member[$group]}"
	done
}

{
	cat <<EOF
dn: $suffix
objectClass: dcObject
objectClass: organization
dc: vendor
o: vendor

dn: cn=radius,$suffix
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: radius
userPassword: $(hash "$(head -n 1 "$password_file")")

dn: ou=people,$suffix
objectClass: organizationalUnit
ou: people

dn: ou=groups,$suffix
objectClass: organizationalUnit
ou: groups
EOF
	people
} >"$dir/load.ldif"
slapadd -q -f "$dir/slapd.conf" -l "$dir/load.ldif" >/dev/null 2>"$dir/slapadd.err" ||
	{ cat "$dir/slapadd.err" >&2; exit 8; }
rm -f "$dir/load.ldif" "$dir/.p"
