/* asker.c - addresses and certificates given as options, checked. */
#include "tool/asker.h"

#include "engine/party.h"
#include "sys/sock.h"

void asker_check(struct asker *a, const char *option)
{
	bool tls = false;
	const char *why;
	if (a->address.n == 0)
		tool_need(NULL, option);
	for (unsigned i = 0; i < a->address.n; i++) {
		struct addr at;
		if (!addr_parse(a->address.v[i], &at, &why))
			tool_die(SP_USAGE, "--%s %s: %s", option, a->address.v[i], why);
		if (at.kind != ADDR_TLS && at.kind != ADDR_UNIX)
			tool_die(SP_USAGE, "--%s %s: only tls: and unix: addresses are asked", option, a->address.v[i]);
		tls |= at.kind == ADDR_TLS;
	}
	if (!tls || a->ctx)
		return;
	tool_need(a->ca, "ca");
	if (!a->cert != !a->key)
		tool_die(SP_USAGE, "--cert and --key belong together");
	struct tls_conf conf = { .cert = a->cert, .key = a->key, .ca = a->ca, .crl = a->crl, .roles = ROLE_BIT(a->role) };
	a->ctx = party_client(&conf, &why);
	if (!a->ctx)
		tool_die(SP_SYSTEM, "--ca %s: %s", a->ca, why);
}

struct ask *asker_new(struct asker *a, const char *option, struct loop *l)
{
	asker_check(a, option);
	struct ask *k = ask_new(l, &(struct ask_conf){ a->address.v, a->address.n, a->ctx });
	if (!k)
		tool_die(SP_SYSTEM, "out of memory");
	return k;
}

struct ask *asker_one(struct asker *a, unsigned i, struct loop *l)
{
	struct ask *k = ask_new(l, &(struct ask_conf){ &a->address.v[i], 1, a->ctx });
	if (!k)
		tool_die(SP_SYSTEM, "out of memory");
	return k;
}
