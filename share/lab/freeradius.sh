#!/bin/bash
# freeradius.sh DIR ADDRESS AUTH-PORT ACCT-PORT SECRET-FILE LDAP-URL LDAP-PASSWORD-FILE CLIENT...
# writes into DIR the configuration of a FreeRADIUS 3 that asks the domain server of slapd.sh.
# Start it then with
#   freeradius -f -l DIR/radius.log -d DIR -n radiusd     (ready when its log says "Ready to process")
# CLIENT: an address or network that may ask with the secret of SECRET-FILE; tls:CLIENT, one that may
# over TLS alone. A user's groups are sent as one Filter-Id each. Service-Type Authorize-Only without
# a password asks for the groups alone: the client knows by a certificate who it is. Who has a code is
# challenged for it after the right password.
# Accounting is written to DIR/detail. Where DIR/tls is (radius-certs.sh DIR/tls ADDRESS ...), it is
# asked over TLS as well, on TCP port AUTH-PORT, or, where that is 1812, RADIUS's own, on 2083, which is
# that of RADIUS over TLS. Its clients' certificates are of the authority of DIR/tls/clients.crt, or,
# where that is not there, of DIR/tls/ca.crt. Where DIR/code.command is, its first line is run to
# check passwords that are codes (sp-auth --code). Where DIR/ldap-ca.crt is, the domain server of an
# LDAP-URL ldaps: must have a certificate of that authority, for the address in the URL.
set -eu
dir=$1 address=$2 auth_port=$3 acct_port=$4 secret=$(head -n 1 "$5") ldap_url=$6
ldap_password=$(head -n 1 "$7")
shift 7
tls_port=$auth_port tls_ca=$dir/tls/ca.crt
[ "$auth_port" != 1812 ] || tls_port=2083
[ ! -e "$dir/tls/clients.crt" ] || tls_ca=$dir/tls/clients.crt
suffix=dc=vendor,dc=example
umask 077
mkdir -p "$dir"

clients() {
	local n=0 c
	for c in "$@"; do
		[[ $c != tls:* ]] || continue
		n=$((n + 1))
		printf 'client udp%s {\n\tipaddr = %s\n\tsecret = "%s"\n\trequire_message_authenticator = yes\n}\n' \
			"$n" "$c" "$secret"
	done
}

tls_clients() { # the secret is RFC 6614's: certificates say who is who
	local n=0 c
	[ -d "$dir/tls" ] || return 0
	printf 'clients radsec {\n'
	for c in "$@"; do
		n=$((n + 1))
		printf '\tclient tls%s {\n\t\tipaddr = %s\n\t\tproto = tls\n\t\tsecret = radsec\n\t}\n' "$n" "${c#tls:}"
	done
	printf '}\n'
}

tls_listen() {
	[ -d "$dir/tls" ] || return 0
	cat <<-EOF
	listen {
		type = auth+acct
		ipaddr = $address
		port = $tls_port
		proto = tcp
		clients = radsec
		limit {
			idle_timeout = 30
		}
		tls {
			private_key_file = $dir/tls/server.key
			certificate_file = $dir/tls/server.crt
			ca_file = $tls_ca
			require_client_cert = yes
			tls_min_version = "1.3"
			tls_max_version = "1.3"
			cipher_list = "DEFAULT"
			ecdh_curve = ""
		}
	}
	EOF
}

ldap_tls() {
	[ -e "$dir/ldap-ca.crt" ] || return 0
	cat <<-EOF
	tls {
		ca_file = $dir/ldap-ca.crt
		require_cert = "demand"
		cipher_list = "NORMAL:-VERS-ALL:+VERS-TLS1.3"
	}
	EOF
}

# Only what looks like a code goes to the program: it stands in its environment.
code() { # PART
	[ -e "$dir/code.command" ] || return 0
	case $1 in
	module) cat <<-EOF
	exec sp_code {
		wait = yes
		input_pairs = request
		timeout = 10
		program = "$(head -n 1 "$dir/code.command")"
	}
	EOF
	;;
	authorize) cat <<-'EOF'
	if (&User-Password && &User-Password =~ /^[A-Z2-7]{20}$/) {
		update control {
			Auth-Type := SP-Code
		}
	}
	EOF
	;;
	authenticate) cat <<-'EOF'
	Auth-Type SP-Code {
		sp_code
	}
	EOF
	esac
}

cat >"$dir/radiusd.conf" <<EOF
prefix = /usr
libdir = /usr/lib/freeradius
logdir = $dir
run_dir = $dir
pidfile = $dir/radius.pid
max_request_time = 10
cleanup_delay = 1
max_requests = 131072
log {
	auth = yes
}
security {
	reject_delay = 0
}
thread pool {
	start_servers = 2
	max_servers = 8
	min_spare_servers = 1
	max_spare_servers = 4
	max_queue_size = 65536
}
$(clients "$@")
$(tls_clients "$@")
modules {
	pap {
	}
	chap {
	}
	always handled {
		rcode = handled
	}
$(code module)
	always ok {
		rcode = ok
	}
	always reject {
		rcode = reject
	}
	detail {
		filename = $dir/detail
		permissions = 0600
	}
	ldap {
		server = "$ldap_url"
		identity = "cn=radius,$suffix"
		password = "$ldap_password"
		base_dn = "$suffix"
$(ldap_tls)
		update {
			control:Cleartext-Password := 'userPassword'
			control:Tmp-String-0 := 'employeeNumber'
		}
		user {
			base_dn = "ou=people,$suffix"
			filter = "(uid=%{User-Name})"
		}
		group {
			base_dn = "ou=groups,$suffix"
			filter = "(objectClass=groupOfNames)"
			name_attribute = cn
			membership_filter = "(member=%{control:Ldap-UserDn})"
			cacheable_name = yes
			cache_attribute = "LDAP-Cached-Membership"
		}
		options {
			res_timeout = 4
			srv_timelimit = 3
			net_timeout = 2
		}
		pool {
			start = 1
			min = 1
			max = 8
			spare = 2
			uses = 0
			lifetime = 0
			idle_timeout = 0
		}
	}
}
server vendor {
	listen {
		type = auth
		ipaddr = $address
		port = $auth_port
	}
	listen {
		type = acct
		ipaddr = $address
		port = $acct_port
	}
$(tls_listen)
	authorize {
		ldap
		if (ok || updated) {
			update reply {
				&Filter-Id += &control:LDAP-Cached-Membership[*]
			}
			if (&Service-Type == Authorize-Only && !&User-Password && !&CHAP-Password) {
				update control {
					Auth-Type := Accept
				}
			}
		}
		chap
		if (&User-Password && &State) {
			update control {
				Auth-Type := Code
			}
		}
		elsif (&User-Password) {
			update control {
				Auth-Type := LDAP
			}
		}
$(code authorize)
	}
	authenticate {
$(code authenticate)
		Auth-Type LDAP {
			ldap
			if (ok && &control:Tmp-String-0) {
				update session-state {
					&User-Name := &User-Name
				}
				update reply {
					Reply-Message := "Code of %{User-Name}: "
					Prompt := Echo
				}
				update control {
					Response-Packet-Type := Access-Challenge
				}
				handled
			}
		}
		Auth-Type Code {
			if (&session-state:User-Name && &session-state:User-Name == &User-Name && \
			    &User-Password == &control:Tmp-String-0) {
				ok
			}
			else {
				reject
			}
		}
		Auth-Type CHAP {
			chap
		}
	}
	post-auth {
		update reply {
			Message-Authenticator := 0x00
		}
		Post-Auth-Type Challenge {
			update reply {
				Message-Authenticator := 0x00
			}
		}
		Post-Auth-Type REJECT {
			update reply {
				Message-Authenticator := 0x00
			}
		}
	}
	accounting {
		detail
	}
}
EOF
