/* routesvc.h - the route service: on each link a listening socket, bound to the
 * link's device; a connection asks once for a route to its own source and
 * holds it for as long as it is open. The route stands in a table of its own
 * that a rule asks for packets from the link's address only. A guard undoes
 * rules and routes should this process be killed. */
#ifndef SP_ENGINE_ROUTESVC_H
#define SP_ENGINE_ROUTESVC_H

#include "base/exit.h"
#include "base/record.h"
#include "engine/prefix.h"
#include "sys/loop.h"

#include <net/if.h>

/* A link's. One more is closed at once, or takes the place of one that has asked nothing
 * yet, of an address that has more such (engine/places.h). */
#define ROUTESVC_CONNECTIONS 16
#define ROUTESVC_QUESTION 10000 /* ms until a connection must have asked */

enum routesvc_kind {
	ROUTESVC_ADDED,   /* the route is there, acknowledged */
	ROUTESVC_REFUSED, /* status, why; told to the asker */
	ROUTESVC_REMOVED, /* its connection has ended: why NULL as it should */
	ROUTESVC_DROPPED  /* a connection that asked nothing sensible: why */
};

struct routesvc_event { /* valid during the callback */
	enum routesvc_kind kind;
	const char *interface;
	struct in_addr address;
	const char *peer;        /* "ADDRESS:PORT" */
	struct record *question; /* NULL: there was none */
	struct in_addr host;
	enum sp_exit status;
	const char *why;
};

struct routesvc_conf {
	struct loop *loop;
	const struct prefix *prefix; /* which hosts may be led to; outlives the service */
	unsigned nprefix;
	uint32_t table;
	uint16_t port;
	void (*event)(void *arg, const struct routesvc_event *ev);
	void *arg;
};

struct routesvc;
struct routesvc *routesvc_new(const struct routesvc_conf *conf); /* NULL errno */
/* Serves a link: deletes rules of links that exist no more, sees to rp_filter,
 * listens. only: the one host that may be led to, of the prefixes' (0: each of them).
 * 0, or -1 with errno and a constant reason. */
int routesvc_link(struct routesvc *s, const char *interface, struct in_addr own, struct in_addr only, const char **why);
/* Ends that link, or all (NULL): connections are closed, routes and rule are
 * gone when this returns. No event. */
void routesvc_unlink(struct routesvc *s, const char *interface);
void routesvc_free(struct routesvc *s); /* NULL is fine */

#endif
