/* login_issue.c - certificates of users. Refuses a request that its key has not signed,
 * and names and groups that are too long to stand in a certificate. */
#include "engine/login_issue.h"

#include "base/num.h"
#include "sys/cert.h"
#include "sys/files.h"
#include "sys/key.h"
#include "wire/who.h"

#include <stdlib.h>

struct login_issuer {
	struct x509_st *cert;
	struct evp_pkey_st *key;
	struct buf chain; /* cert and what is above it, PEM */
};

static const char *may_vouch(struct x509_st *cert)
{
	struct buf line;
	struct who w;
	const char *why = "it does not say that it may vouch for users";
	buf_init(&line, CERT_STATEMENT_MAX);
	if (cert_statement(cert, &line) == 1 && who_parse(&w, buf_view(&line), &why) == 1)
		why = w.issues & ROLE_BIT(ROLE_USER) ? NULL : "it may not vouch for users";
	buf_clear(&line);
	return why;
}

struct login_issuer *login_issuer_load(const char *cert, const char *key, const char **why)
{
	struct login_issuer *s = calloc(1, sizeof *s);
	*why = "out of memory";
	if (!s)
		return NULL;
	buf_init(&s->chain, CERT_PEM_MAX);
	s->cert = cert_load(cert, 0, why);
	if (s->cert && !(*why = may_vouch(s->cert)))
		s->key = token_key(key, true, why);
	if (s->key && !cert_is_of(s->cert, s->key))
		*why = "the key does not belong to the certificate";
	else if (s->key && file_read(cert, &s->chain) != 0)
		*why = "the file cannot be read";
	else if (s->key)
		return s;
	login_issuer_free(s);
	return NULL;
}

void login_issuer_free(struct login_issuer *s)
{
	if (!s)
		return;
	cert_free(s->cert);
	key_free(s->key);
	buf_clear(&s->chain);
	free(s);
}

/* The line of his certificate, with a NUL. */
static const char *line_of(struct record *who, struct buf *line)
{
	struct who w = { .role = ROLE_USER };
	if (!view_str(record_get(who, "user"), w.user, sizeof w.user) ||
	    !view_str(record_get(who, "domain"), w.domain, sizeof w.domain) ||
	    !view_str(record_get(who, "groups"), w.groups, sizeof w.groups))
		return "the names of user, domain or groups are too long for a certificate";
	return who_write(&w, line) == 0 && buf_addc(line, '\0') == 0 ? NULL : "the name cannot stand in a certificate";
}

static const char *answer(const struct login_issuer *s, struct x509_st *x, struct record *reply)
{
	struct buf pem;
	char id[CERT_ID], until[TIME_TEXT];
	cert_id(x, id);
	time_text(cert_until(x), until);
	buf_init(&pem, CERT_PEM_MAX);
	bool ok = cert_write(x, &pem) == 0 && buf_addv(&pem, buf_view(&s->chain)) == 0 &&
	          record_setv(reply, view_of("certificate"), buf_view(&pem)) == 0 &&
	          record_set(reply, "certificate_id", id) == 0 && record_set(reply, "certificate_until", until) == 0;
	buf_clear(&pem);
	return ok ? NULL : "the certificate does not fit in the answer";
}

int login_issue(const struct login_issuer *s, struct record *who, struct view csr, int64_t life_s,
                struct record *reply, const char **why)
{
	struct buf line;
	struct x509_st *x = NULL;
	struct evp_pkey_st *key = cert_request_key(csr, why);
	buf_init(&line, WHO_TEXT_MAX + 1);
	if (key && !(*why = line_of(who, &line))) {
		struct cert_ask ask = { .cn = record_str(who, "user"), .statement = line.data, .client = true,
			                .until = time(NULL) + (time_t)life_s };
		x = cert_issue(&ask, key, s->cert, s->key, why);
		if (x)
			*why = answer(s, x, reply);
	}
	cert_free(x);
	key_free(key);
	buf_clear(&line);
	return *why ? -1 : 0;
}
