/* nas.h - a data communications device: telnet in, calls out (sp-nas(8)).
 * The parent accepts, hands out lines and aliases, asks the filters, and writes
 * what happens; each session is a process of its own (nas_session.h). The two
 * speak records over a socket. When a session's process ends, however it does,
 * the parent frees what it had and says that it is down. */
#ifndef SP_ENGINE_NAS_H
#define SP_ENGINE_NAS_H

#include "base/record.h"
#include "base/reason.h"
#include "engine/bank.h"
#include "engine/pool.h"
#include "engine/ppp.h"
#include "engine/worker.h"
#include "sys/loop.h"

#include <netinet/in.h>

struct evp_pkey_st;

struct nas_conf {
	const char *name;               /* of this router */
	const char *const *group;       /* may use the device */
	const char *const *dial_group;  /* may dial */
	const char *const *dialrule;    /* dial strings and numbers, fnmatch(3) */
	struct evp_pkey_st *const *permit_key; /* whose permits count; */
	unsigned npermit_key;           /* none: permits are handed on unseen, and calls need none */
	const char *back;               /* unix:PATH of sp-back(8); NULL: its default */
	unsigned ngroup, ndial_group, ndialrule;
	struct ssl_ctx_st *tls;         /* NULL: telnet in the clear. Else within TLS: role user, whose
	                                 * name and groups are the certificate's; no password is asked */
	unsigned sessions;              /* telnet sessions at once */
	unsigned strangers;             /* of them, of one source, that have not logged in */
	int64_t login, idle, answer, dial; /* ms: to log in; at the prompt without a call; for
	                                    * a verdict; for a call to be up */
	int64_t fail_delay;             /* ms before a refusal is told; of waiting after wrong guesses */
	int64_t interim;                /* ms between interim accounting records */
	const uint32_t *gateway;        /* addresses, host order: who speaks with service processors, and */
	unsigned ngateways;             /* no workstation does; 0: the workstation of the session does */
	struct in_addr ppp_address;     /* our own on the links; 0: the peer gives one */
	struct ppp_conf ppp;            /* what the operator chooses of links; each call fills in its own */
};

struct nas_ops {
	/* A state record for standard output: of a call, or of a line. */
	void (*state)(void *arg, struct record *r);
	/* What belongs into the log: step=, event= and more. */
	void (*log)(void *arg, struct record *r);
	void (*say)(void *arg, const char *text); /* for standard error */
};

struct nas;

/* Takes over the listening socket. auth and acct (may be NULL) are the owner's.
 * NULL with errno. lines: how many calls over addresses at once. */
struct nas_given {
	struct loop *loop;
	int listen;
	struct worker *auth, *acct;
	unsigned lines;
	struct pool aliases; /* taken over */
	struct bank bank;    /* too; its lines have names, retry= is set */
};
struct nas *nas_new(const struct nas_conf *conf, const struct nas_given *given, const struct nas_ops *ops, void *arg);
/* Stops accepting, tells every session to end, and the accounting that we are
 * off; `done` is called when all have gone (killed when they take too long). */
void nas_stop(struct nas *n, void (*done)(void *arg), void *arg);
void nas_free(struct nas *n);

#endif
