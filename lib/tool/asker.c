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
	struct ssl_ctx_st *ctx;
	struct ask *ask;
};

static struct ssl_ctx_st *context(const struct asker *a, const char *cert, const char *key, const char **why)
{
	struct tls_conf conf = { .cert = cert, .key = key, .ca = a->ca, .crl = a->crl, .roles = ROLE_BIT(a->role) };
	return a->client(&conf, why);
}

void asker_check(struct asker *a, const char *option)
{
	const char *why;
	if (a->address.n == 0)
		tool_need(NULL, option);
	for (unsigned i = 0; i < a->address.n; i++) {
		struct addr at;
		if (!addr_parse(a->address.v[i], &at, &why))
			tool_die(SP_USAGE, "--%s %s: %s", option, a->address.v[i], why);
		if (at.kind != ADDR_TLS && at.kind != ADDR_UNIX)
			tool_die(SP_USAGE, "--%s %s: only tls: and unix: addresses are asked", option, a->address.v[i]);
		a->tls |= at.kind == ADDR_TLS;
	}
	if (!a->tls || a->ctx)
		return;
	tool_need(a->ca, "ca");
	if (!a->cert != !a->key)
		tool_die(SP_USAGE, "--cert and --key belong together");
	a->ctx = context(a, a->identity ? a->identity : a->cert, a->identity ? a->identity : a->key, &why);
	if (!a->ctx)
		tool_die(SP_SYSTEM, "--ca %s%s%s: %s", a->ca, a->identity ? " --identity " : "", a->identity ? a->identity : "", why);
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

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void known_free(struct asker_known *k)
{
	ask_free(k->ask);
	tls_free(k->ctx);
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
	else if ((k->ctx = context(a, path, path, why)) != NULL)
		k->ask = ask_new(l, &(struct ask_conf){ a->address.v, a->address.n, k->ctx });
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
	a->ctx = NULL;
}
