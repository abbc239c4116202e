/* trapout.h - state records to any number of network managers, as informs or
 * traps. Each manager has a queue of its own and one inform on its way at a
 * time, so that states arrive in order; a manager that does not answer is tried
 * again and again while its queue has room, and holds up nobody else. Needs
 * snmp_begin. */
#ifndef SP_ENGINE_TRAPOUT_H
#define SP_ENGINE_TRAPOUT_H

#include "engine/snmp.h"
#include "sys/loop.h"

struct trapout_conf {
	const struct snmp_user *user;   /* SNMPv3, or */
	const struct secret *community; /* v2c; exactly one is not NULL */
	bool trap;                      /* traps instead of informs */
	int64_t wait;                   /* ms for an acknowledgement */
	unsigned tries;                 /* how often it is sent before the manager counts as silent */
	unsigned keep;                  /* records kept for a silent manager */
};

struct trapout_ops {
	/* A record that was sent, in the order of trapout_send, once every manager
	 * acknowledged it or is silent. */
	void (*done)(void *arg, struct record *r, unsigned acknowledged);
	/* A manager's queue was full: its oldest record is lost. */
	void (*lost)(void *arg, const char *manager, struct record *r, unsigned long lost);
	/* It fell silent, or refuses us; or answers again (why NULL). */
	void (*trouble)(void *arg, const char *manager, const char *why, bool refused);
	/* Nothing is pending any more. */
	void (*drained)(void *arg);
};

struct trapout;

/* conf and ops are borrowed. NULL: ENOMEM. */
struct trapout *trapout_new(struct loop *l, const struct trapout_conf *conf, const struct trapout_ops *ops, void *arg);
/* "udp:HOST:PORT", kept as text. 0, or -1 with a reason. */
int trapout_manager(struct trapout *t, const char *address, const char **why);
/* Takes a copy. 0, -1 with a reason (the record cannot be said in SP-MIB). */
int trapout_send(struct trapout *t, struct record *r, const char **why);
/* Notifications that some manager has still to acknowledge. */
size_t trapout_pending(const struct trapout *t);
void trapout_free(struct trapout *t);

#endif
