/* trapin.h - receives notifications (SNMPv1 and v2c traps with an allowed
 * community, v2c and v3 informs, v3 traps) and hands each over as a record.
 * Security level, user, community and PDU type are checked here: the library
 * checks none of them. Needs snmp_begin and snmp_user_add. */
#ifndef SP_ENGINE_TRAPIN_H
#define SP_ENGINE_TRAPIN_H

#include "base/secret.h"
#include "sys/loop.h"
#include "wire/trap.h"

#define TRAPIN_COMMUNITIES_MAX 8

struct trapin_conf {
	const struct secret *community; /* allowed ones; none: only SNMPv3 */
	unsigned communities;
	const char *const *user; /* names of those who may send by SNMPv3 */
	unsigned users;
};

struct trapin_ops {
	/* A notification as a record: trap= and its bindings, source=. -1: it is
	 * refused, it has no room for what is to be added. */
	int (*record)(void *arg, struct record *r);
	/* Some were handed over and no more wait: make them safe. 0: then the
	 * informs among them are acknowledged; -1: they are not. */
	int (*settle)(void *arg);
	/* One that was dropped; source may be "". */
	void (*refused)(void *arg, const char *source, const char *why);
};

struct trapin;

/* Listens on "udp:HOST:PORT" (HOST may be * or [v6], PORT 0). `bound` gets
 * "HOST:PORT" as really bound. conf and ops are borrowed. NULL with a reason
 * (valid until the next call). */
struct trapin *trapin_new(struct loop *l, const char *address, const struct trapin_conf *conf,
                          const struct trapin_ops *ops, void *arg, char *bound, size_t size, const char **why);
void trapin_free(struct trapin *t);

#endif
