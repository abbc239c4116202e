/* party.c - TLS ends that know who is at the other one. Refuses a role that is not
 * among those that are let in here, and another name than was asked for. */
#include "engine/party.h"

#include <stdio.h>

static const char *judge(unsigned roles, const char *name, const struct view *statement, unsigned n)
{
	struct who w;
	const char *why;
	if (who_vouched(&w, statement, n, &why) != 1)
		return why;
	if (!(roles & ROLE_BIT(w.role)))
		return "the role in the certificate is not one that is let in here";
	return name && strcmp(name, who_name(&w)) != 0 ? "the name in the certificate is another one" : NULL;
}

/* Our own certificate, before anybody sees it. */
static const char *own_fault(const struct tls_conf *conf, const struct party *p)
{
	static char text[256];
	struct buf roles;
	buf_init(&roles, 128);
	*text = '\0';
	if (!(conf->own_roles & ROLE_BIT(p->who.role)) && roles_write(conf->own_roles, &roles) != 0)
		snprintf(text, sizeof text, "the role in the certificate is %s, which is another one", role_name(p->who.role));
	else if (!(conf->own_roles & ROLE_BIT(p->who.role)))
		snprintf(text, sizeof text, "the role in the certificate is %s, and must be %.*s", role_name(p->who.role), (int)roles.len, roles.data);
	else if (conf->own_name && strcmp(conf->own_name, who_name(&p->who)) != 0)
		snprintf(text, sizeof text, "the name in the certificate is %s, and must be %.64s", who_name(&p->who), conf->own_name);
	buf_clear(&roles);
	return *text ? text : NULL;
}

static bool own_fits(const struct tls_conf *conf, const char **why)
{
	struct party p;
	if (!conf->own_roles || !conf->cert)
		return true;
	struct x509_st *x = cert_load(conf->cert, 0, why);
	if (!x)
		return false;
	*why = party_of_cert(x, &p) ? own_fault(conf, &p) : "the certificate says no role";
	cert_free(x);
	return !*why;
}

struct ssl_ctx_st *party_server(const struct tls_conf *conf, const char **why)
{
	struct tls_conf with = *conf;
	with.judge = judge;
	return own_fits(conf, why) ? tls_server(&with, why) : NULL;
}

struct ssl_ctx_st *party_client(const struct tls_conf *conf, const char **why)
{
	struct tls_conf with = *conf;
	with.judge = judge;
	return own_fits(conf, why) ? tls_client(&with, why) : NULL;
}

bool party_of(const struct stream *s, struct party *p)
{
	return party_of_cert(stream_peer(s), p);
}

bool party_of_cert(struct x509_st *x, struct party *p)
{
	struct buf line;
	const char *why;
	buf_init(&line, CERT_STATEMENT_MAX);
	bool there = x && cert_statement(x, &line) == 1 && who_parse(&p->who, buf_view(&line), &why) == 1;
	buf_clear(&line);
	if (there) {
		cert_id(x, p->id);
		p->until = cert_until(x);
	}
	return there;
}

int party_note(struct x509_st *x, struct record *r)
{
	struct party p;
	if (!party_of_cert(x, &p))
		return 0;
	return record_set(r, "role", role_name(p.who.role)) == 0 && record_set(r, "name", who_name(&p.who)) == 0 &&
	       record_set(r, "certificate_id", p.id) == 0 ? 0 : -1;
}
