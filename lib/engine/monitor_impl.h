/* monitor_impl.h - what the files of the monitor share; nobody else includes it. */
#ifndef SP_ENGINE_MONITOR_IMPL_H
#define SP_ENGINE_MONITOR_IMPL_H

#include "engine/chan.h"
#include "engine/monitor.h"
#include "engine/monitor_ask.h"
#include "engine/refusal.h"
#include "engine/reply.h"
#include "engine/shake.h"
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
struct mon_wait;    /* monitor_wait.c */
struct mon_peer;    /* monitor_dgram.c */
struct mon_dgram;

struct mon_watch {
	struct mon_watch *next;
	char *session, *id;
	uint64_t count;
	struct buf told; /* the last row */
};

struct monitor_client {
	struct monitor *m;
	struct monitor_client *next;
	struct chan *chan; /* NULL in tests, and ... */
	struct mon_peer *peer; /* ... by datagram; else NULL */
	void (*send)(void *arg, struct record *r);
	void *arg;
	bool manager, gateway, certified, open; /* open: TLS, where there is any, is done */
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
	unsigned nwaits;
	struct mon_wait *waits; /* one that the store was locked for, and those that came behind it; nor is anything read then */
	struct loop_timer again; /* when it is asked again */
	int64_t came;           /* when the one came that is asked again; 0: it has just come */
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
	struct guesses guesses, shakes; /* questions, handshakes */
	struct mon_dgram *dgrams;
	struct replies replies;       /* to datagrams */
	struct refusals refused, crowded; /* that are in the log */
};

#include "engine/monitor_parts.h"

#endif
