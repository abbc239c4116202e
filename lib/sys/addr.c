/* addr.c - one text for every address: KIND:REST[?NAME=VALUE]. */
#include "sys/sock.h"
#include "sys/tls.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>

static const struct { const char *prefix; enum addr_kind kind; } kinds[] = {
	{ "tcp:", ADDR_TCP },   { "tls:", ADDR_TLS }, { "udp:", ADDR_UDP },
	{ "unix:", ADDR_UNIX }, { "fd:", ADDR_FD },   { "tty:", ADDR_TTY },
	{ "dtls:", ADDR_DTLS }, { "modem:", ADDR_MODEM }, { "telnet:", ADDR_TELNET }, { "back:", ADDR_BACK },
};

static bool host_port(struct view v, struct addr *a, const char **why)
{
	struct view host = v, port = { NULL, 0 };
	for (size_t i = v.n; i > 0 && !port.p; i--)
		if (v.p[i - 1] == ':') {
			host.n = i - 1;
			port = (struct view){ v.p + i, v.n - i };
		}
	*why = "no HOST:PORT";
	if (!port.p || port.n == 0 || host.n == 0 || !view_str(port, a->port, sizeof a->port))
		return false;
	if (host.p[0] == '[') {
		*why = "[ without ]";
		if (host.p[host.n - 1] != ']')
			return false;
		host = (struct view){ host.p + 1, host.n - 2 };
	} else if (memchr(host.p, ':', host.n)) {
		*why = "an IPv6 address is written [ADDRESS]:PORT";
		return false;
	} else if (view_is(host, "*")) {
		host.n = 0;
	}
	*why = "host name too long";
	return view_str(host, a->host, sizeof a->host);
}

static bool rest_parse(struct view v, struct addr *a, const char **why)
{
	uint64_t n;
	if (a->kind == ADDR_FD) {
		*why = "no descriptor number";
		if (!num_u64(v, 0, 1 << 20, &n))
			return false;
		a->fd = (int)n;
		return true;
	}
	if (a->kind == ADDR_UNIX || a->kind == ADDR_TTY || a->kind == ADDR_MODEM || a->kind == ADDR_BACK) {
		*why = v.n ? "path too long" : "no path";
		return v.n && view_str(v, a->path, sizeof a->path);
	}
	return host_port(v, a, why);
}

bool addr_parse(const char *text, struct addr *a, const char **why)
{
	*a = (struct addr){ .fd = -1 };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (!view_starts(view_of(text), kinds[i].prefix))
			continue;
		struct view v = view_of(text + strlen(kinds[i].prefix));
		const char *q = v.n ? memchr(v.p, '?', v.n) : NULL;
		a->kind = kinds[i].kind;
		if (q) {
			*why = "query too long";
			if (!view_str(view_of(q + 1), a->query, sizeof a->query))
				return false;
			v.n = (size_t)(q - v.p);
		}
		return rest_parse(v, a, why);
	}
	*why = "no such kind of address (tcp:, tls:, udp:, dtls:, unix:, fd:, tty:, modem:, telnet:, back:)";
	return false;
}

const char *addr_peer(const struct addr *a)
{
	bool named = strncmp(a->query, "name=", 5) == 0 && a->query[5] && strlen(a->query + 5) < TLS_NAME;
	if (!*a->query)
		return a->query;
	return named && (a->kind == ADDR_TLS || a->kind == ADDR_DTLS) ? a->query + 5 : NULL;
}
