/* party.c - TLS ends that know who is at the other one. Refuses a role that is not
 * among those that are let in here, and another name than was asked for. */
#include "engine/party.h"

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

struct ssl_ctx_st *party_server(const struct tls_conf *conf, const char **why)
{
	struct tls_conf with = *conf;
	with.judge = judge;
	return tls_server(&with, why);
}

struct ssl_ctx_st *party_client(const struct tls_conf *conf, const char **why)
{
	struct tls_conf with = *conf;
	with.judge = judge;
	return tls_client(&with, why);
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
