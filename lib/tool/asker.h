/* asker.h - the options by which a tool says whom it asks, made into an asker.
 * Shared by all that talk to sp-monitor or sp-login -l. */
#ifndef SP_TOOL_ASKER_H
#define SP_TOOL_ASKER_H

#include "engine/ask.h"
#include "engine/party.h"
#include "tool/tool.h"
#include "wire/who.h"

struct asker_known;
struct asker;

/* One certificate, or none, and the contexts in which it is shown: each is made when it is first
 * needed, which takes as long as a program to start. */
struct asker_self {
	const struct asker *a;
	const char *cert, *key;
	struct ssl_ctx_st *tls, *dtls;
};

struct asker {
	struct opt_list address; /* tls:HOST:PORT, unix:PATH, or dtls:HOST:PORT */
	const char *ca, *crl, *cert, *key;
	enum role role;          /* that whoever is asked must have */
	/* party_client, or party_filter (engine/party.h): who does TLS */
	struct ssl_ctx_st *(*client)(const struct tls_conf *conf, const char **why);
	const char *identity;    /* a file of sp-login's: both cert and key; else the record's */
	const struct ask_dgram *dgram; /* &ask_dgram: what is asked is short, dtls: may be given */
	struct asker_self self;  /* filled by asker_check */
	bool tls, dtls;          /* one of the addresses is tls: or dtls:; the first of these is dtls: */
	struct asker_known *known; /* who was asked for by a record's identity= */
};

/* Rows of an option table; NAME is "monitor" or the like. */
#define ASKER_OPTIONS(a, NAME) ASKER_OPTIONS_AT(a, NAME, "tls:HOST:PORT or unix:PATH; repeat for more")
#define ASKER_OPTIONS_SHORT(a, NAME) ASKER_OPTIONS_AT(a, NAME, "tls:HOST:PORT, dtls:HOST:PORT or unix:PATH; repeat for more")
#define ASKER_OPTIONS_AT(a, NAME, WHERE)                \
	{ NAME, 0, OPT_LIST, &(a).address, "ADDRESS", WHERE }, \
	{ "ca", 0, OPT_STR, &(a).ca, "FILE", "certificate of the authority that vouches for it" }, \
	{ "crl", 0, OPT_STR, &(a).crl, "FILE", "what that authority has revoked" }
#define ASKER_OPTIONS_CERT(a)                                                                      \
	{ "cert", 0, OPT_STR, &(a).cert, "FILE", "own certificate, shown to it" },                      \
	{ "key", 0, OPT_STR, &(a).key, "FILE", "own key" }

#define ASKER_OPTIONS_IDENTITY(a) \
	{ "identity", 0, OPT_STR, &(a).identity, "FILE", "key and certificate of the user (identity= of the record)" }

/* Checks the addresses and files: what is wrong with them ends the program
 * with 2 (8 for a file). `option` is NAME. Never NULL. */
struct ask *asker_new(struct asker *a, const char *option, struct loop *l);
/* One for the i-th address alone. */
struct ask *asker_one(struct asker *a, unsigned i, struct loop *l);
/* The one that asks as the user of r: by its identity=, where that says who asks (tls:, dtls:, and
 * no --identity), else `own`, which asker_new made. It is kept for the next records, until
 * its file changes. NULL with the reason: the file cannot be used. */
struct ask *asker_of(struct asker *a, struct ask *own, struct record *r, const char **why);
/* Frees what asker_of made, and self. */
void asker_clear(struct asker *a);
/* The checks of asker_new alone; a must stay where it is. */
void asker_check(struct asker *a, const char *option);

#endif
