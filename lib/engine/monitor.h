/* monitor.h - the connection monitor: search, alloc, renew, release, watch,
 * state over channels (engine/chan.h), from one store, in one loop that
 * nothing blocks. sp-monitor(8), PROTOCOL, says what is asked and answered. */
#ifndef SP_ENGINE_MONITOR_H
#define SP_ENGINE_MONITOR_H

#include "engine/choose.h"
#include "engine/issuer.h"
#include "engine/store.h"
#include "sys/loop.h"

struct evp_pkey_st;
struct ssl_ctx_st;
struct monitor;

struct monitor_conf {
	struct loop *loop;
	struct store *store;                 /* STORE_MONITOR */
	struct evp_pkey_st *const *key;      /* whose tokens are believed */
	unsigned nkey;
	enum choose_policy policy;
	uint64_t lease_seconds;
	uint64_t session_seconds;            /* an older lease is renewed no more */
	struct issuer issuer;
	uint64_t clients_max;
	uint64_t strangers;                  /* of them, of one address, of whom no token was believed yet */
	int64_t fail_delay_ms;               /* before a refusal is told, after some that were wrong; doubled with each */
	int64_t nothing_ms;                  /* that a search found nothing is told at multiples of this; 0: at once */
	const char *verify_ticket;           /* the command that accepts tickets; NULL: none is asked for */
	int64_t ticket_check_ms;             /* how often it is asked about those of sessions */
	/* On record: step, what happened, further fields (no secrets). May be NULL. */
	void (*log)(void *arg, int step, const char *event, struct record *fields);
	/* A call has changed: its row. May be NULL. */
	void (*change)(void *arg, struct record *call);
	void *arg;
};

/* Takes over the leases that are in the store. NULL with the cause in why. */
struct monitor *monitor_new(const struct monitor_conf *conf, char *why, size_t size);
void monitor_free(struct monitor *m);

#define MONITOR_LISTEN_MAX 16
/* Serves a listening socket, which is then the monitor's. ctx NULL: a unix
 * socket. 0/-1. */
int monitor_listen(struct monitor *m, int fd, struct ssl_ctx_st *ctx);

/* The same by datagram, over DTLS: a bound UDP socket. 0/-1; fd is the monitor's either way. */
int monitor_listen_datagrams(struct monitor *m, int fd, struct ssl_ctx_st *ctx);

/* One client without a socket, for tests: what is sent to it goes to `send`. */
struct monitor_client;
struct monitor_client *monitor_client_new(struct monitor *m, bool manager,
                                          void (*send)(void *arg, struct record *r), void *arg);
void monitor_client_free(struct monitor_client *c);
/* A question arrives. */
void monitor_ask(struct monitor_client *c, struct record *q);
/* One bounded step of work that is pending: false when there is none. */
bool monitor_work(struct monitor *m);

#endif
