/* asker.c - addresses and certificates given as options, checked; and one asker for each
 * identity that records name: a channel shows one certificate. */
#include "tool/asker.h"

#include "sys/sock.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KNOWN_MAX 64 /* identities, each with a connection */

struct asker_known {
	struct asker_known *next;
	char path[PATH_MAX];
	struct stat st;
	struct ssl_ctx_st *ctx, *datagrams;
	struct ask *ask;
};

/* Both contexts, as far as they are needed. */
static bool contexts(const struct asker *a, const char *cert, const char *key, struct ssl_ctx_st **ctx,
                     struct ssl_ctx_st **datagrams, const char **why)
{
	struct tls_conf conf = { .cert = cert, .key = key, .ca = a->ca, .crl = a->crl, .roles = ROLE_BIT(a->role) };
	*ctx = a->client(&conf, why);
	conf.datagrams = true;
	*datagrams = *ctx && a->dtls ? a->client(&conf, why) : NULL;
	return *ctx && (!a->dtls || *datagrams);
}

static void check_address(struct asker *a, const char *option, const char *text)
{
	struct addr at;
	const char *why;
	if (!addr_parse(text, &at, &why))
		tool_die(SP_USAGE, "--%s %s: %s", option, text, why);
	if (at.kind == ADDR_DTLS && !a->dgram)
		tool_die(SP_USAGE, "--%s %s: what is asked here goes over tls: only", option, text);
	if (at.kind != ADDR_TLS && at.kind != ADDR_DTLS && at.kind != ADDR_UNIX)
		tool_die(SP_USAGE, "--%s %s: only tls:%s and unix: addresses are asked", option, text, a->dgram ? ", dtls:" : "");
	a->dtls |= at.kind == ADDR_DTLS;
	a->tls |= at.kind != ADDR_UNIX;
}

void asker_check(struct asker *a, const char *option)
{
	const char *why;
	if (a->address.n == 0)
		tool_need(NULL, option);
	for (unsigned i = 0; i < a->address.n; i++)
		check_address(a, option, a->address.v[i]);
	if (!a->tls || a->ctx)
		return;
	tool_need(a->ca, "ca");
	if (!a->cert != !a->key)
		tool_die(SP_USAGE, "--cert and --key belong together");
	const char *cert = a->identity ? a->identity : a->cert, *key = a->identity ? a->identity : a->key;
	if (!contexts(a, cert, key, &a->ctx, &a->datagrams, &why))
		tool_die(SP_SYSTEM, "--ca %s%s%s: %s", a->ca, a->identity ? " --identity " : "", a->identity ? a->identity : "", why);
}

static void moved(const char *from, const char *to)
{
	tool_log(307, "more-tls", "monitor", from, "address", to, NULL);
}

static struct ask *ask_at(const struct asker *a, unsigned from, unsigned n, struct ssl_ctx_st *ctx, struct ssl_ctx_st *datagrams, struct loop *l)
{
	return ask_new(l, &(struct ask_conf){ &a->address.v[from], n, ctx, a->dgram, datagrams, moved });
}

struct ask *asker_new(struct asker *a, const char *option, struct loop *l)
{
	asker_check(a, option);
	struct ask *k = ask_at(a, 0, a->address.n, a->ctx, a->datagrams, l);
	if (!k)
		tool_die(SP_SYSTEM, "out of memory");
	return k;
}

struct ask *asker_one(struct asker *a, unsigned i, struct loop *l)
{
	struct ask *k = ask_at(a, i, 1, a->ctx, a->datagrams, l);
	if (!k)
		tool_die(SP_SYSTEM, "out of memory");
	return k;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void known_free(struct asker_known *k)
{
	ask_free(k->ask);
	tls_free(k->ctx);
	tls_free(k->datagrams);
	free(k);
}

static struct asker_known *known_new(const struct asker *a, struct loop *l, const char *path, const char **why)
{
	struct asker_known *k = calloc(1, sizeof *k);
	*why = "out of memory";
	if (!k)
		return NULL;
	memcpy(k->path, path, strlen(path));
	if (stat(path, &k->st) != 0)
		*why = strerror(errno);
	else if (contexts(a, path, path, &k->ctx, &k->datagrams, why))
		k->ask = ask_at(a, 0, a->address.n, k->ctx, k->datagrams, l);
	if (k->ask)
		return k;
	known_free(k);
	return NULL;
}

struct ask *asker_of(struct asker *a, struct ask *own, struct record *r, const char **why)
{
	const char *path = record_str(r, "identity");
	struct stat st;
	unsigned n = 0;
	if (!a->tls || a->identity || !path || !*path)
		return own;
	*why = "its name is too long";
	if (strlen(path) >= PATH_MAX)
		return NULL;
	memset(&st, 0, sizeof st);
	stat(path, &st);
	for (struct asker_known *k = a->known; k; k = k->next, n++)
		if (strcmp(k->path, path) == 0 && same_file(&k->st, &st))
			return k->ask;
	*why = "too many identities at once";
	struct asker_known *k = n < KNOWN_MAX ? known_new(a, ask_loop(own), path, why) : NULL;
	if (!k)
		return NULL;
	k->next = a->known;
	a->known = k;
	return k->ask;
}

void asker_clear(struct asker *a)
{
	while (a->known) {
		struct asker_known *k = a->known;
		a->known = k->next;
		known_free(k);
	}
	tls_free(a->ctx);
	tls_free(a->datagrams);
	a->ctx = a->datagrams = NULL;
}
