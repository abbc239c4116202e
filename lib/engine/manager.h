/* manager.h - one network manager as trapout.c sees it: a queue of items and
 * the SNMP session that empties it. */
#ifndef SP_ENGINE_MANAGER_H
#define SP_ENGINE_MANAGER_H

#include "engine/trapout.h"

struct item; /* trapout.c's */
struct manager;

struct manager_ops {
	/* Acknowledged (or sent, for traps), or not to be waited for: once an item. */
	void (*settled)(void *arg, struct item *i, bool acknowledged);
	/* It leaves the queue; lost: without having been sent. */
	void (*dropped)(void *arg, struct manager *m, struct item *i, bool lost);
	/* It fell silent, or refuses us; or answers again (why NULL). */
	void (*trouble)(void *arg, struct manager *m, const char *why, bool refused);
	struct record *(*record)(struct item *i);
};

struct manager *manager_new(struct loop *l, const struct trapout_conf *conf, const char *address,
                            const struct manager_ops *ops, void *arg, const char **why);
void manager_queue(struct manager *m, struct item *i);
size_t manager_queued(const struct manager *m);
unsigned long manager_lost(const struct manager *m);
const char *manager_name(const struct manager *m);
struct manager *manager_next(const struct manager *m);
void manager_append(struct manager **list, struct manager *m);
void manager_free(struct manager *m); /* drops what is queued */

#endif
