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
	struct asker_self self;
	struct ask *ask;
};

static struct ssl_ctx_st *context(void *arg, bool datagrams, const char **why)
{
	struct asker_self *self = arg;
	const struct asker *a = self->a;
	struct ssl_ctx_st **ctx = datagrams ? &self->dtls : &self->tls;
	struct tls_conf conf = { .cert = self->cert, .key = self->key, .ca = a->ca, .crl = a->crl,
	                         .roles = ROLE_BIT(a->role), .datagrams = datagrams };
	if (!*ctx)
		*ctx = a->client(&conf, why);
	return *ctx;
}

static void self_clear(struct asker_self *self)
{
	tls_free(self->tls);
	tls_free(self->dtls);
	self->tls = self->dtls = NULL;
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
	if (!addr_peer(&at))
		tool_die(SP_USAGE, "--%s %s: behind the ? of tls:%s is name=NAME, of its certificate, and nothing else", option, text, a->dgram ? " or dtls:" : "");
	a->dtls |= at.kind == ADDR_DTLS && !a->tls;
	a->tls |= at.kind != ADDR_UNIX;
}

/* Who names a certificate learns now what is wrong with it; else it may be each record's. */
static void check_files(struct asker *a)
{
	const char *cert = a->identity ? a->identity : a->cert, *key = a->identity ? a->identity : a->key;
	const char *why = tls_fault(&(struct tls_conf){ .cert = cert, .key = key, .ca = a->ca });
	a->self = (struct asker_self){ .a = a, .cert = cert, .key = key };
	if (why || (cert && !context(&a->self, a->dtls, &why)))
		tool_die(SP_SYSTEM, "--ca %s%s%s: %s", a->ca, a->identity ? " --identity " : "", a->identity ? a->identity : "", why);
}

void asker_check(struct asker *a, const char *option)
{
	if (a->self.a)
		return;
	if (a->address.n == 0)
		tool_need(NULL, option);
	for (unsigned i = 0; i < a->address.n; i++)
		check_address(a, option, a->address.v[i]);
	if (!a->tls)
		return;
	tool_need(a->ca, "ca");
	if (!a->cert != !a->key)
		tool_die(SP_USAGE, "--cert and --key belong together");
	check_files(a);
}

static void moved(const char *from, const char *to)
{
	tool_log(307, "more-tls", "monitor", from, "address", to, NULL);
}

static struct ask *ask_at(const struct asker *a, unsigned from, unsigned n, struct asker_self *self, struct loop *l)
{
	return ask_new(l, &(struct ask_conf){ &a->address.v[from], n, context, self, a->dgram, moved });
}

struct ask *asker_new(struct asker *a, const char *option, struct loop *l)
{
	asker_check(a, option);
	struct ask *k = ask_at(a, 0, a->address.n, &a->self, l);
	if (!k)
		tool_die(SP_SYSTEM, "out of memory");
	return k;
}

struct ask *asker_one(struct asker *a, unsigned i, struct loop *l)
{
	struct ask *k = ask_at(a, i, 1, &a->self, l);
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
	self_clear(&k->self);
	free(k);
}

static struct asker_known *known_new(const struct asker *a, struct loop *l, const char *path, const char **why)
{
	struct asker_known *k = calloc(1, sizeof *k);
	*why = "out of memory";
	if (!k)
		return NULL;
	memcpy(k->path, path, strlen(path));
	k->self = (struct asker_self){ .a = a, .cert = k->path, .key = k->path };
	if (stat(path, &k->st) != 0)
		*why = strerror(errno);
	else if (context(&k->self, a->dtls, why))
		k->ask = ask_at(a, 0, a->address.n, &k->self, l);
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
	self_clear(&a->self);
}
