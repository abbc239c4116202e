/* monitor_impl.h - what the files of the monitor share; nobody else includes it. */
#ifndef SP_ENGINE_MONITOR_IMPL_H
#define SP_ENGINE_MONITOR_IMPL_H

#include "engine/chan.h"
#include "engine/monitor.h"
#include "engine/monitor_ask.h"
#include "engine/source.h"

#define SEARCHES_HIGH 16        /* of a client, at once: it is asked nothing more of */
#define SEARCHES_MAX 256        /* more than one read can bring */
#define WATCHES_MAX 256
#define STATE_VALUE_MAX 1024
#define QUESTIONS_A_TURN 32     /* then others have their turn */
#define OUT_HIGH (1u << 20)     /* bytes not read yet: a client is asked nothing more of */
#define OUT_MAX (8u << 20)      /* ... and is given up */
#define FIRST_MS 10000          /* for the first question, TLS included */
#define IDLE_MS 600000          /* silence of one who watches nothing */
struct mon_search;  /* monitor_search.c */
struct mon_ticket;  /* monitor_ticket.c */
struct mon_tickets;
struct mon_held;    /* monitor_limit.c */

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
	bool manager, certified, open; /* open: TLS, where there is any, is done */
	bool known;             /* ... or a token was believed: no stranger */
	char source[SOURCE_TEXT]; /* "" on unix: */
	bool resting, full, dead; /* asked enough for now; reads too slowly; to be freed */
	unsigned questions;
	struct loop_timer silence;
	struct mon_search *searches;
	unsigned nsearches;
	struct mon_watch *watches;
	unsigned nwatches;
	struct mon_ticket *tickets; /* allocations that wait for the ticket to be accepted */
	unsigned ntickets;
	struct mon_held *held;  /* refusals that are told later; until then nothing is read */
	unsigned nheld;
	struct buf token;  /* the last one that was believed ... */
	struct record who; /* ... and what it, or the certificate, said */
	time_t until;      /* certified: a user by certificate, no token is looked at */
};

struct monitor {
	struct monitor_conf conf;
	struct monitor_client *clients, *turn;
	uint64_t nclients;
	struct { int fd; struct ssl_ctx_st *ctx; struct monitor *m; } listening[MONITOR_LISTEN_MAX];
	unsigned nlistening;
	bool accepting;
	struct loop_timer work, expiry;
	struct mon_tickets *tickets;  /* NULL: they are not looked at */
	struct source_guesses guesses;
	int64_t told;                 /* when somebody was last said to be refused */
};

/* monitor.c */
void mon_send(struct monitor_client *c, struct record *r);
void mon_work_soon(struct monitor *m);
void mon_expiry_arm(struct monitor *m);
void mon_bury(struct monitor *m); /* frees those that are dead; not from within their own callbacks */

bool mon_reads(const struct monitor_client *c); /* may more be, of one who has a channel? */
/* monitor_limit.c */
bool mon_too_many_strangers(struct monitor *m, const char *source, int fd);
bool mon_has_place(const struct monitor *m); /* may one come from the backlog? */
bool mon_make_place(struct monitor *m, const char *source, int fd);
bool mon_still(struct monitor_client *c); /* his certificate is not revoked */
void mon_not_let_in(struct monitor *m, const char *event, int fd, const char *why);
void mon_send_later(struct monitor_client *c, struct record *r, int64_t ms);
void mon_limit_free(struct monitor_client *c);

/* monitor_search.c: a step of one search; true when the client has searches that can go on. */
bool mon_search_step(struct monitor_client *c);
void mon_search_free(struct monitor_client *c);

/* monitor_watch.c: the call of this session has changed: tells everybody; or another
 * monitor may have changed it: tells who watches. */
void mon_changed(struct monitor *m, const char *session);
void mon_look(struct monitor *m, const char *session);
void mon_watch_free(struct monitor_client *c);

/* monitor_ticket.c */
int mon_ticket_open(struct monitor *m); /* 0/-1 errno */
void mon_ticket_close(struct monitor *m);
void mon_ticket_free(struct monitor_client *c);

#endif
