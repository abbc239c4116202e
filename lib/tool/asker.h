/* asker.h - the options by which a tool says whom it asks, made into an asker.
 * Shared by all that talk to sp-monitor or sp-login -l. */
#ifndef SP_TOOL_ASKER_H
#define SP_TOOL_ASKER_H

#include "engine/ask.h"
#include "tool/tool.h"
#include "wire/who.h"

struct asker {
	struct opt_list address; /* tls:HOST:PORT or unix:PATH */
	const char *ca, *crl, *cert, *key;
	enum role role;          /* that whoever is asked must have */
	struct ssl_ctx_st *ctx;  /* made by asker_new */
};

/* Rows of an option table; NAME is "monitor" or the like. */
#define ASKER_OPTIONS(a, NAME)                                                                   \
	{ NAME, 0, OPT_LIST, &(a).address, "ADDRESS", "tls:HOST:PORT or unix:PATH; repeat for more" }, \
	{ "ca", 0, OPT_STR, &(a).ca, "FILE", "certificate of the authority that vouches for it" }, \
	{ "crl", 0, OPT_STR, &(a).crl, "FILE", "what that authority has revoked" }
#define ASKER_OPTIONS_CERT(a)                                                                      \
	{ "cert", 0, OPT_STR, &(a).cert, "FILE", "own certificate, shown to it" },                      \
	{ "key", 0, OPT_STR, &(a).key, "FILE", "own key" }

/* Checks the addresses and files: what is wrong with them ends the program
 * with 2 (8 for a file). `option` is NAME. Never NULL. */
struct ask *asker_new(struct asker *a, const char *option, struct loop *l);
/* One for the i-th address alone. */
struct ask *asker_one(struct asker *a, unsigned i, struct loop *l);
/* The checks of asker_new alone; sets a->ctx. */
void asker_check(struct asker *a, const char *option);

#endif
