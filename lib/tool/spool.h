/* spool.h - a server's records on standard output: a reader that is slow never
 * makes the server wait. What it has not read yet is kept up to a bound; records
 * over that are lost, and a record with lost=COUNT says so as soon as there is
 * room. A reader that went is said once; the server goes on. */
#ifndef SP_TOOL_SPOOL_H
#define SP_TOOL_SPOOL_H

#include "base/recio.h"
#include "sys/loop.h"

struct spool {
	struct loop *loop;
	struct recout out; /* its buffer is the spool */
	size_t max;
	uint64_t lost;
	bool gone;
	int error; /* errno of the write that failed */
	void (*empty)(void *arg); /* spool_end's */
	void *empty_arg;
};

#define SPOOL_MAX (1u << 20) /* bytes */

void spool_init(struct spool *s, struct loop *l, int fd, bool json);
void spool_add(struct spool *s, struct record *r);
/* Calls back once everything is out, or nobody reads any more. */
void spool_end(struct spool *s, void (*empty)(void *arg), void *arg);
/* After the loop: what happened last is still told, if somebody reads it within SPOOL_LAST_MS. */
void spool_last(struct spool *s);
#define SPOOL_LAST_MS 2000
void spool_clear(struct spool *s);

#endif
