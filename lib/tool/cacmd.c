/* cacmd.c - what sp-ca does: an authority made, certificates issued, listed, revoked. */
#include "tool/cacmd.h"

#include "base/num.h"
#include "sys/cert.h"
#include "sys/files.h"
#include "sys/key.h"
#include "tool/cachain.h"
#include "tool/filter.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400
#define AUTHORITY_DAYS 3650
#define PARTY_DAYS 365
#define CRL_DAYS 30

struct verb {
	const char *name;
	enum sp_exit (*run)(struct cacmd *c, char **operands, struct recout *out);
};

static time_t until(uint64_t days, unsigned otherwise)
{
	return time(NULL) + (time_t)(days ? days : otherwise) * DAY;
}

/* When a certificate ends. */
static time_t end_of(const struct cacmd *c, unsigned otherwise)
{
	time_t t;
	if (!c->until)
		return until(c->days, otherwise);
	if (!time_parse(view_of(c->until), &t))
		tool_die(SP_USAGE, "--until %s: must be like 2030-12-31T23:59:59Z", c->until);
	return t;
}

static struct ca *opened(struct cacmd *c)
{
	char why[CA_WHY];
	tool_need(c->dir, "dir");
	struct ca *ca = ca_open(c->dir, why);
	if (!ca)
		tool_die(SP_SYSTEM, "%s", why);
	return ca;
}

static void put(struct recout *out, struct record *r)
{
	if (recout_add(out, r) != 0)
		filter_write_failed();
}

static void must(int rc)
{
	if (rc != 0)
		tool_die(SP_SYSTEM, "unable to make a record: %s", strerror(errno));
}

static void text_option(char *to, size_t size, const char *value, const char *option)
{
	if (value && (!*value || !view_str(view_of(value), to, size)))
		tool_die(SP_USAGE, "--%s: from 1 to %zu bytes", option, size - 1);
}

static void who_options(struct cacmd *c, struct who *w)
{
	*w = (struct who){ .role = c->role ? role_of(view_of(c->role)) : ROLE_NONE };
	if (c->role && w->role == ROLE_NONE)
		tool_die(SP_USAGE, "--role %s: the roles are user, login, monitor, router, gateway, manager, processor, ticketd", c->role);
	if (c->issues && !roles_parse(view_of(c->issues), &w->issues))
		tool_die(SP_USAGE, "--issues %s: must be a list of roles, or *", c->issues);
#define TEXT(f) text_option(w->f, sizeof w->f, c->f, #f)
	TEXT(name), TEXT(serial), TEXT(user), TEXT(domain), TEXT(groups);
#undef TEXT
}

static enum sp_exit run_init(struct cacmd *c, char **operands, struct recout *out)
{
	struct record r = { 0 };
	struct ca_new with = { .dir = c->dir, .until = end_of(c, AUTHORITY_DAYS), .cert = c->cert, .key = c->key };
	char why[CA_WHY];
	(void)operands;
	tool_need(c->dir, "dir");
	if (!c->cert != !c->key)
		tool_die(SP_USAGE, "--cert and --key belong together");
	if (!c->cert) {
		c->name = c->name ? c->name : "sp authority";
		c->issues = c->issues ? c->issues : "*";
	}
	who_options(c, &with.who);
	if (ca_create(&with, why) != 0)
		tool_die(SP_SYSTEM, "%s", why);
	struct ca *ca = opened(c);
	if (ca_crl(ca, until(c->crl_days, CRL_DAYS), why) != 0)
		tool_die(SP_SYSTEM, "%s", why);
	ca_close(ca);
	must(record_set(&r, "dir", c->dir));
	must(record_set(&r, "issuer", "1"));
	put(out, &r);
	record_clear(&r);
	return SP_OK;
}

static void beside(const char *file, const char *suffix, char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s.%s", file, suffix) >= PATH_MAX)
		tool_die(SP_USAGE, "--out: the name is too long");
}

static void keep(const char *path, struct buf *pem, mode_t mode)
{
	if (file_replace(path, buf_view(pem), mode) != 0)
		tool_die(SP_SYSTEM, "unable to write %s: %s", path, strerror(errno));
}

static struct evp_pkey_st *requested(const char *file)
{
	const char *why;
	struct buf pem;
	buf_init(&pem, CERT_PEM_MAX);
	if (file_read(file, &pem) != 0)
		tool_die(SP_SYSTEM, "unable to read %s: %s", file, strerror(errno));
	struct evp_pkey_st *key = cert_request_key(buf_view(&pem), &why);
	if (!key)
		tool_die(SP_RECORD, "%s: %s", file, why);
	buf_clear(&pem);
	return key;
}

static struct evp_pkey_st *fresh(void)
{
	struct evp_pkey_st *key = cert_key_new();
	if (!key)
		tool_die(SP_SYSTEM, "unable to make a key");
	return key;
}

/* A key made here, in FILE.key. */
static void keep_key(struct cacmd *c, struct evp_pkey_st *key, struct record *row)
{
	char path[PATH_MAX];
	struct buf pem;
	buf_init(&pem, CERT_PEM_MAX);
	beside(c->out_file, "key", path);
	if (cert_key_write(key, true, &pem) != 0)
		tool_die(SP_SYSTEM, "unable to write the key");
	keep(path, &pem, 0600);
	explicit_bzero(pem.data, pem.len);
	buf_clear(&pem);
	must(record_set(row, "key", path));
}

/* Without --out: NAME of the party, in the authority's folder. */
static void default_out(struct cacmd *c, const struct who *w)
{
	static char path[PATH_MAX];
	const char *name = who_name(w);
	if (c->out_file)
		return;
	if (!*name)
		tool_die(SP_USAGE, "who? --name, --serial or --user is needed");
	if (strchr(name, '/') || *name == '.' || (*name >= '0' && *name <= '9' && strlen(name) < 3) || strcmp(name, "ca") == 0)
		tool_die(SP_USAGE, "--out is needed: %s cannot be a file's name there", name);
	snprintf(path, sizeof path, "%s/%s", c->dir, name);
	c->out_file = path;
}

/* By which others can know this key and no other. */
static void note_pin(struct evp_pkey_st *key, struct record *row)
{
	uint8_t pin[CERT_KEY_HASH];
	char hex[2 * CERT_KEY_HASH + 1];
	if (!cert_key_pin(key, pin))
		tool_die(SP_SYSTEM, "out of memory");
	for (size_t i = 0; i < sizeof pin; i++)
		snprintf(hex + 2 * i, 3, "%02x", pin[i]);
	must(record_set(row, "pin", hex));
}

static enum sp_exit run_issue(struct cacmd *c, char **operands, struct recout *out)
{
	struct ca_ask ask = { .san = c->san.v, .nsan = c->san.n };
	struct record row = { 0 };
	struct buf crt;
	char why[CA_WHY], path[PATH_MAX];
	(void)operands;
	who_options(c, &ask.who);
	struct ca *ca = opened(c);
	default_out(c, &ask.who);
	buf_init(&crt, CERT_PEM_MAX);
	if (ask.who.role == ROLE_NONE && !ask.who.issues)
		tool_die(SP_USAGE, "--role or --issues is needed: whom the certificate is for");
	ask.until = end_of(c, ask.who.issues ? AUTHORITY_DAYS : PARTY_DAYS);
	ask.key = c->request ? requested(c->request) : fresh();
	if (ca_issue(ca, &ask, &crt, &row, why) != 0)
		tool_die(SP_USAGE, "%s", why);
	beside(c->out_file, "crt", path);
	keep(path, &crt, 0644);
	must(record_set(&row, "cert", path));
	if (!c->request)
		keep_key(c, ask.key, &row);
	note_pin(ask.key, &row);
	put(out, &row);
	tool_log(0, "issued", "id", record_str(&row, "id"), "role", c->role, "name", who_name(&ask.who), NULL);
	ca_close(ca);
	key_free(ask.key);
	buf_clear(&crt);
	record_clear(&row);
	return SP_OK;
}

static enum sp_exit run_rotate(struct cacmd *c, char **operands, struct recout *out)
{
	struct record row = { 0 };
	char why[CA_WHY];
	(void)operands;
	struct ca *ca = opened(c);
	if (ca_rotate(ca, end_of(c, AUTHORITY_DAYS), &row, why) != 0 ||
	    ca_crl(ca, until(c->crl_days, CRL_DAYS), why) != 0)
		tool_die(SP_SYSTEM, "%s", why);
	must(record_set(&row, "dir", c->dir));
	put(out, &row);
	ca_close(ca);
	record_clear(&row);
	return SP_OK;
}

static enum sp_exit run_revoke(struct cacmd *c, char **operands, struct recout *out)
{
	enum sp_exit status = SP_OK;
	char why[CA_WHY];
	if (!*operands)
		tool_die(SP_USAGE, "revoke what? An id, or a name, serial or user");
	struct ca *ca = opened(c);
	for (; *operands; operands++) {
		struct record r = { 0 };
		int n = ca_revoke(ca, *operands, until(c->crl_days, CRL_DAYS), why);
		if (n < 0)
			tool_die(SP_SYSTEM, "%s", why);
		if (n == 0) {
			tool_say("%s: no certificate of this id or name is valid", *operands);
			status = SP_NONE;
			continue;
		}
		tool_log(0, "revoked", "what", *operands, NULL);
		must(record_set(&r, "revoked", *operands));
		must(record_setf(&r, "count", "%d", n));
		put(out, &r);
		record_clear(&r);
	}
	ca_close(ca);
	return status;
}

static enum sp_exit run_list(struct cacmd *c, char **operands, struct recout *out)
{
	struct record *r;
	size_t i = 0;
	(void)operands;
	struct ca *ca = opened(c);
	for (; (r = ca_row(ca, i)) != NULL; i++)
		put(out, r);
	ca_close(ca);
	return i ? SP_OK : SP_NONE;
}

static enum sp_exit run_crl(struct cacmd *c, char **operands, struct recout *out)
{
	struct record r = { 0 };
	char why[CA_WHY], when[TIME_TEXT];
	time_t end = until(c->crl_days, CRL_DAYS);
	(void)operands;
	struct ca *ca = opened(c);
	if (ca_crl(ca, end, why) != 0)
		tool_die(SP_SYSTEM, "%s", why);
	ca_close(ca);
	time_text(end, when);
	must(record_setf(&r, "crl", "%s/ca.crl", c->dir));
	must(record_set(&r, "until", when));
	put(out, &r);
	record_clear(&r);
	return SP_OK;
}

/* A pair that is no certificate's: what signs tokens. */
static enum sp_exit run_key(struct cacmd *c, char **operands, struct recout *out)
{
	struct record r = { 0 };
	struct buf pem;
	char path[PATH_MAX];
	(void)operands;
	tool_need(c->out_file, "out");
	struct evp_pkey_st *key = fresh();
	buf_init(&pem, CERT_PEM_MAX);
	if (cert_key_write(key, false, &pem) != 0)
		tool_die(SP_SYSTEM, "unable to write the key");
	beside(c->out_file, "pub", path);
	keep_key(c, key, &r);
	keep(path, &pem, 0644);
	must(record_set(&r, "public", path));
	put(out, &r);
	key_free(key);
	buf_clear(&pem);
	record_clear(&r);
	return SP_OK;
}

static enum sp_exit run_chain(struct cacmd *c, char **operands, struct recout *out)
{
	(void)operands;
	return cachain_run(&(struct cachain){ .chain = c->chain, .key = c->key, .next = c->next, .retire = c->retire }, out);
}

static const struct verb verbs[] = {
	{ "init", run_init }, { "issue", run_issue }, { "revoke", run_revoke }, { "list", run_list },
	{ "rotate", run_rotate }, { "crl", run_crl }, { "key", run_key }, { "chain", run_chain },
};

enum sp_exit cacmd_run(struct cacmd *c, const char *command, char **operands, struct recout *out)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(command, verbs[i].name) == 0) {
			if (*operands && verbs[i].run != run_revoke)
				tool_die(SP_USAGE, "%s: %s takes no operands, and options stand all before it or all behind it",
				         *operands, command);
			return verbs[i].run(c, operands, out);
		}
	tool_die(SP_USAGE, "%s%s: the commands are init, issue, revoke, list, rotate, crl, key and chain",
	         *command ? command : "what to do", *command ? " is no command" : " is missing");
}
