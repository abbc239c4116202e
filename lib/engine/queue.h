/* queue.h - what waits for a slow line: FQ-CoDel (RFC 8290). Packets of one flow (the
 * same addresses, protocol and ports) wait in a row of their own; flows take turns by
 * bytes, those that were empty first, so that what is typed does not wait behind what
 * is copied. A row that does not get short is told so (CoDel, RFC 8289): packets that
 * can carry a mark are marked (ECN, RFC 3168), others dropped.
 *
 * No descriptor, no clock: times are clock_ms(). IPv4 packets, whole; other bytes are
 * a flow like any other. For use before anything that depends on what was sent before
 * (compressed headers, encryption). */
#ifndef SP_ENGINE_QUEUE_H
#define SP_ENGINE_QUEUE_H

#include "base/siphash.h"

#include <stdbool.h>

#define QUEUE_FLOWS 256
#define QUEUE_PACKETS 1024 /* the most that wait; one more drops one of the longest row */
#define QUEUE_PACKET 2048  /* bytes of a packet, the most */
#define QUEUE_QUANTUM 300  /* bytes a turn: RFC 8290, 5.2.4: small packets pass large ones */
#define QUEUE_BYTES_MIN 16384
#define QUEUE_BYTES_MAX 1048576 /* between them: what the line takes in two seconds */

struct queue_stats {
	uint64_t queued;      /* packets taken */
	uint64_t sent;        /* ... and given out */
	uint64_t dropped;     /* because they had waited too long */
	uint64_t marked;      /* instead */
	uint64_t overflow;    /* dropped, and not because of the time: no room or memory */
	int64_t sojourn_max;  /* ms that a packet has waited that was sent */
};

struct queue_packet;

struct queue_flow { /* queue.c's own */
	struct queue_packet *head, **tail;
	struct queue_flow *next; /* of its list */
	size_t bytes;
	int64_t credit; /* may be spent in this turn, bytes */
	bool listed;
	/* CoDel */
	bool dropping;
	uint32_t count, last_count;
	int64_t above, drop_next; /* 0: not above the target */
};

struct queue_list {
	struct queue_flow *head, *tail;
};

struct queue { /* storage of the owner's; zero: holds nothing, queue_clear is no harm */
	struct queue_stats stats;
	size_t packets, bytes; /* that wait */
	/* queue.c's own */
	struct queue_flow flow[QUEUE_FLOWS];
	struct queue_list fresh, old;
	uint8_t key[SIPHASH_KEY];
	size_t limit, largest;
	int64_t target, interval; /* ms */
};

/* rate: what the line takes, bytes a second, at least 1. key: random, so that nobody
 * can choose to be in another's row. */
void queue_init(struct queue *q, uint64_t rate, const uint8_t key[SIPHASH_KEY]);
void queue_clear(struct queue *q); /* drops all, uncounted */

/* A copy of p waits. false: it does not (0 or over QUEUE_PACKET bytes, no memory). Others
 * may have gone for it. */
bool queue_add(struct queue *q, int64_t now, const uint8_t *p, size_t n);
/* The next one, maybe marked; bytes written to `to`, which has room for QUEUE_PACKET.
 * 0: none waits. */
size_t queue_next(struct queue *q, int64_t now, uint8_t *to);

#endif
