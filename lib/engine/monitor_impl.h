/* monitor_impl.h - what the files of the monitor share; nobody else includes it. */
#ifndef SP_ENGINE_MONITOR_IMPL_H
#define SP_ENGINE_MONITOR_IMPL_H

#include "base/exit.h"
#include "engine/chan.h"
#include "engine/monitor.h"
#include "engine/reach.h"

#define SEARCHES_HIGH 16        /* of a client, at once: it is asked nothing more of */
#define SEARCHES_MAX 256        /* more than one read can bring */
#define WATCHES_MAX 256
#define STATE_VALUE_MAX 1024
#define QUESTIONS_A_TURN 32     /* then others have their turn */
#define OUT_HIGH (1u << 20)     /* bytes not read yet: a client is asked nothing more of */
#define OUT_MAX (8u << 20)      /* ... and is given up */
#define FIRST_MS 10000          /* for the first question, TLS included */
#define IDLE_MS 600000          /* silence of one who watches nothing */

struct mon_search; /* monitor_search.c */

struct mon_watch {
	struct mon_watch *next;
	char *session, *id;
	uint64_t count;
	struct buf told; /* the last row */
};

struct monitor_client {
	struct monitor *m;
	struct monitor_client *next;
	struct chan *chan; /* NULL in tests */
	void (*send)(void *arg, struct record *r);
	void *arg;
	bool manager;
	bool resting, full, dead; /* asked enough for now; reads too slowly; to be freed */
	unsigned questions;
	struct loop_timer silence;
	struct mon_search *searches;
	unsigned nsearches;
	struct mon_watch *watches;
	unsigned nwatches;
	struct buf token;  /* the last one that was believed ... */
	struct record who; /* ... and what it said */
	time_t until;
};

struct monitor {
	struct monitor_conf conf;
	struct monitor_client *clients, *turn;
	uint64_t nclients;
	struct { int fd; struct ssl_ctx_st *ctx; struct monitor *m; } listening[MONITOR_LISTEN_MAX];
	unsigned nlistening;
	bool accepting;
	struct loop_timer work, expiry;
};

/* A question while it is answered. */
struct mon_ask {
	struct monitor_client *c;
	struct record *q;
	struct record *who; /* whom the token speaks of; NULL: a manager without one */
	bool late;          /* ... but it has expired: it proves who began a session, nothing new */
	time_t now;
};

/* monitor.c */
void mon_send(struct monitor_client *c, struct record *r);
void mon_work_soon(struct monitor *m);
void mon_expiry_arm(struct monitor *m);
void mon_bury(struct monitor *m); /* frees those that are dead; not from within their own callbacks */

/* monitor_ops.c: answers with the question's id=. */
void mon_refuse(struct mon_ask *a, enum sp_exit status, int step, struct record *answer, const char *detail);
/* The last record of an answer that is one: with done=1. */
void mon_done(struct mon_ask *a, struct record *answer);
void mon_store_failed(struct mon_ask *a, int step);
void mon_log(struct mon_ask *a, int step, const char *event, struct record *fields);
/* Is it the asker's? An expired token counts for the leases that it began. */
bool mon_owns(struct mon_ask *a, struct record *lease);

/* monitor_search.c */
void mon_search(struct mon_ask *a);
/* A step of one search; true when the client has searches that can go on. */
bool mon_search_step(struct monitor_client *c);
void mon_search_free(struct monitor_client *c);

/* monitor_watch.c */
void mon_watch(struct mon_ask *a);
void mon_state(struct mon_ask *a);
/* The call of this session has changed: tells everybody; or another monitor may
 * have changed it: tells who watches. */
void mon_changed(struct monitor *m, const char *session);
void mon_look(struct monitor *m, const char *session);
void mon_watch_free(struct monitor_client *c);

/* monitor_lines.c */
void mon_line(struct mon_ask *a);

#endif
