/* ca_sign.c - what an authority signs: certificates, its next key, the list of what it
 * has revoked. Refuses a role that its own certificate does not let it vouch for. */
#include "engine/ca_impl.h"

#include "base/num.h"
#include "sys/files.h"
#include "sys/key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int ca_load(struct ca *ca, unsigned n, struct x509_st **x, struct evp_pkey_st **key, char *why)
{
	char crt[PATH_MAX], pem[PATH_MAX];
	const char *fault;
	ca_path(ca->dir, n, "crt", crt);
	ca_path(ca->dir, n, "key", pem);
	*key = NULL;
	*x = cert_load(crt, 0, &fault);
	if (*x && (*key = token_key(pem, true, &fault)) != NULL)
		return 0;
	snprintf(why, CA_WHY, "%.150s: %s", *x ? pem : crt, fault);
	cert_free(*x);
	*x = NULL;
	return -1;
}

/* What others trust. Of an authority below another that is the other one's. */
static int write_trusted(const char *dir, unsigned newest, char *why)
{
	char path[PATH_MAX];
	struct buf all;
	const char *fault;
	int rc = 0;
	ca_path(dir, 1, "chain", path);
	if (access(path, F_OK) == 0)
		return 0;
	buf_init(&all, CERT_PEM_MAX);
	for (unsigned n = newest; rc == 0 && n > 0; n--) {
		ca_path(dir, n, "crt", path);
		struct x509_st *x = cert_load(path, 0, &fault);
		if (x && cert_until(x) > time(NULL))
			rc = cert_write(x, &all);
		cert_free(x);
	}
	ca_path(dir, 0, "ca.crt", path);
	if (rc != 0 || file_replace(path, buf_view(&all), 0644) != 0)
		rc = ca_failed(why, "write", path);
	buf_clear(&all);
	return rc;
}

/* The key first: a certificate without its key would be the newest. */
int ca_store(const char *dir, unsigned n, struct x509_st *x, struct evp_pkey_st *key, char *why)
{
	char path[PATH_MAX];
	struct buf pem;
	int rc = 0;
	buf_init(&pem, CERT_PEM_MAX);
	ca_path(dir, n, "key", path);
	if (cert_key_write(key, true, &pem) != 0 || file_replace(path, buf_view(&pem), 0600) != 0)
		rc = ca_failed(why, "write", path);
	explicit_bzero(pem.data, pem.len);
	pem.len = 0;
	if (rc == 0) {
		ca_path(dir, n, "crt", path);
		if (cert_write(x, &pem) != 0 || file_replace(path, buf_view(&pem), 0600) != 0)
			rc = ca_failed(why, "write", path);
	}
	buf_clear(&pem);
	return rc == 0 ? write_trusted(dir, n, why) : -1;
}

static int describe(struct ca *ca, struct x509_st *x, struct view line, struct record *row)
{
	char id[CERT_ID], until[TIME_TEXT];
	struct record who = { 0 };
	const char *fault;
	cert_id(x, id);
	time_text(cert_until(x), until);
	int rc = record_parse(&who, line, &fault) == 1 && record_set(row, "id", id) == 0 &&
	         record_setf(row, "issuer", "%u", ca->newest) == 0 && record_set(row, "until", until) == 0 ? record_merge(row, &who) : -1;
	record_clear(&who);
	return rc;
}

static const char *may_vouch(struct x509_st *issuer, const struct who *who)
{
	struct buf line;
	struct who own;
	const char *fault = NULL;
	buf_init(&line, CERT_STATEMENT_MAX);
	unsigned roles = who->issues | (who->role == ROLE_NONE ? 0 : ROLE_BIT(who->role));
	if (cert_statement(issuer, &line) != 1 || who_parse(&own, buf_view(&line), &fault) != 1)
		fault = "the authority's own certificate says not what it may vouch for";
	else if (roles & ~own.issues)
		fault = "the authority may not vouch for that role";
	buf_clear(&line);
	return fault;
}

/* What belongs behind each certificate: the way to what others trust. */
static int add_chain(struct ca *ca, struct buf *out)
{
	char path[PATH_MAX];
	ca_path(ca->dir, ca->newest, "chain", path);
	return access(path, F_OK) == 0 ? file_read(path, out) : 0;
}

int ca_issue(struct ca *ca, const struct ca_ask *ask, struct buf *out, struct record *row, char *why)
{
	struct x509_st *issuer, *x = NULL;
	struct evp_pkey_st *key;
	struct buf line;
	const char *fault = "a name is missing, or not one of this role";
	int rc = -1;
	if (ca_load(ca, ca->newest, &issuer, &key, why) != 0)
		return -1;
	buf_init(&line, CERT_STATEMENT_MAX + 1);
	struct cert_ask c = { .cn = who_name(&ask->who), .san = ask->san, .nsan = ask->nsan, .until = ask->until,
		                  .authority = ask->who.issues != 0, .party = ask->who.role != ROLE_NONE,
		                  .client = ask->who.role == ROLE_USER };
	if (who_write(&ask->who, &line) == 0 && buf_addc(&line, '\0') == 0 && !(fault = may_vouch(issuer, &ask->who))) {
		c.statement = line.data;
		x = cert_issue(&c, ask->key, issuer, key, &fault);
	}
	if (!x)
		snprintf(why, CA_WHY, "unable to issue: %s", fault);
	else if (cert_write(x, out) != 0 || add_chain(ca, out) != 0 ||
	         describe(ca, x, (struct view){ line.data, line.len - 1 }, row) != 0)
		ca_failed(why, "issue from", ca->dir);
	else
		rc = ca_add(ca, row, why);
	buf_clear(&line);
	cert_free(x);
	cert_free(issuer);
	key_free(key);
	return rc;
}

/* The new certificate, signed by itself, and the same signed by the old key. */
static int rotated(struct ca *ca, struct x509_st *old, struct evp_pkey_st *old_key, time_t until, char *why)
{
	struct buf line, pem;
	struct who who;
	char path[PATH_MAX];
	const char *fault = "it is below another authority, which gives it its next key";
	struct evp_pkey_st *key = cert_key_new();
	struct x509_st *x = NULL, *cross = NULL;
	int rc = -1;
	buf_init(&line, CERT_STATEMENT_MAX + 1);
	buf_init(&pem, CERT_PEM_MAX);
	ca_path(ca->dir, 1, "chain", path);
	if (key && access(path, F_OK) != 0 && cert_statement(old, &line) == 1 &&
	    who_parse(&who, buf_view(&line), &fault) == 1 && buf_addc(&line, '\0') == 0) {
		struct cert_ask ask = { .cn = who.name, .statement = line.data, .authority = true, .until = until };
		x = cert_issue(&ask, key, NULL, key, &fault);
		cross = x ? cert_cross(x, old, old_key, &fault) : NULL;
	}
	ca_path(ca->dir, ca->newest + 1, "chain", path);
	if (!cross)
		snprintf(why, CA_WHY, "unable to rotate: %s", fault);
	else if (cert_write(cross, &pem) != 0 || file_replace(path, buf_view(&pem), 0600) != 0)
		ca_failed(why, "write", path);
	else if ((rc = ca_store(ca->dir, ca->newest + 1, x, key, why)) == 0)
		ca->newest++;
	buf_clear(&line);
	buf_clear(&pem);
	cert_free(x);
	cert_free(cross);
	key_free(key);
	return rc;
}

int ca_rotate(struct ca *ca, time_t until, struct record *row, char *why)
{
	struct x509_st *old;
	struct evp_pkey_st *key;
	if (ca->newest == KEYS_MAX) {
		snprintf(why, CA_WHY, "%d keys are the most", KEYS_MAX);
		return -1;
	}
	if (ca_load(ca, ca->newest, &old, &key, why) != 0)
		return -1;
	int rc = rotated(ca, old, key, until, why);
	cert_free(old);
	key_free(key);
	if (rc == 0 && record_setf(row, "issuer", "%u", ca->newest) != 0)
		rc = ca_failed(why, "rotate", ca->dir);
	return rc;
}

static bool by_id(const char *what)
{
	return strlen(what) == CERT_ID - 1 && what[strspn(what, "0123456789abcdef")] == '\0';
}

static bool meant(struct record *row, const char *what, bool id)
{
	return !record_get(row, "revoked").n &&
	       (id ? view_is(record_get(row, "id"), what)
	           : view_is(record_get(row, "name"), what) || view_is(record_get(row, "serial"), what) ||
	             view_is(record_get(row, "user"), what));
}

/* Not in our list: issued by another program that has the key. */
static int stranger(struct ca *ca, const char *id, const char *now, char *why)
{
	struct record row = { 0 };
	char until[TIME_TEXT];
	time_text(time(NULL) + CRL_GUESS_S, until);
	int rc = record_set(&row, "id", id) == 0 && record_setf(&row, "issuer", "%u", ca->newest) == 0 &&
	         record_set(&row, "until", until) == 0 && record_set(&row, "revoked", now) == 0
	         ? ca_add(ca, &row, why) : ca_failed(why, "revoke in", ca->dir);
	record_clear(&row);
	return rc;
}

int ca_revoke(struct ca *ca, const char *what, time_t crl_until, char *why)
{
	char now[TIME_TEXT];
	bool id = by_id(what), known = false;
	int n = 0;
	time_text(time(NULL), now);
	for (size_t i = 0; i < ca->n; i++) {
		known |= view_is(record_get(&ca->row[i], "id"), what);
		if (!meant(&ca->row[i], what, id))
			continue;
		if (record_set(&ca->row[i], "revoked", now) != 0)
			return ca_failed(why, "revoke in", ca->dir);
		n++;
	}
	if (n && ca_rewrite(ca, why) != 0)
		return -1;
	if (id && !known) {
		if (stranger(ca, what, now, why) != 0)
			return -1;
		n = 1;
	}
	return n && ca_crl(ca, crl_until, why) != 0 ? -1 : n;
}

/* What key number n has revoked, as long as it could still be shown to somebody. */
static unsigned revoked_by(struct ca *ca, unsigned n, struct cert_revoked *list)
{
	unsigned count = 0;
	time_t until, now = time(NULL);
	uint64_t issuer;
	for (size_t i = 0; i < ca->n; i++) {
		struct record *r = &ca->row[i];
		if (!record_get(r, "revoked").n || !num_u64(record_get(r, "issuer"), n, n, &issuer) ||
		    !time_parse(record_get(r, "until"), &until) || until + CRL_LATE_S <= now ||
		    !time_parse(record_get(r, "revoked"), &list[count].at) ||
		    !view_str(record_get(r, "id"), list[count].id, CERT_ID))
			continue;
		count++;
	}
	return count;
}

static int add_crl(struct ca *ca, unsigned n, time_t until, struct buf *out, char *why)
{
	struct x509_st *x;
	struct evp_pkey_st *key;
	struct cert_revoked *list = calloc(ca->n + 1, sizeof *list);
	const char *fault = "out of memory";
	if (ca_load(ca, n, &x, &key, why) != 0) {
		free(list);
		return -1;
	}
	int rc = 0;
	if (cert_until(x) > time(NULL)) {
		struct cert_crl crl = { list, list ? revoked_by(ca, n, list) : 0, until };
		rc = list ? cert_crl_write(&crl, x, key, out, &fault) : -1;
	}
	if (rc != 0)
		snprintf(why, CA_WHY, "%s", fault);
	free(list);
	cert_free(x);
	key_free(key);
	return rc;
}

int ca_crl(struct ca *ca, time_t until, char *why)
{
	char path[PATH_MAX];
	struct buf all;
	int rc = 0;
	buf_init(&all, ISSUED_MAX);
	for (unsigned n = 1; rc == 0 && n <= ca->newest; n++)
		rc = add_crl(ca, n, until, &all, why);
	ca_path(ca->dir, 0, "ca.crl", path);
	if (rc == 0 && file_replace(path, buf_view(&all), 0644) != 0)
		rc = ca_failed(why, "write", path);
	buf_clear(&all);
	return rc;
}
