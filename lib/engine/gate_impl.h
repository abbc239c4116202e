/* gate_impl.h - inside gate.c (sessions, permits), gate_peer.c (their ends), gate_packet.c (packets). */
#ifndef SP_ENGINE_GATE_IMPL_H
#define SP_ENGINE_GATE_IMPL_H

#include "engine/gate.h"

#include "wire/inner.h"
#include "wire/permit.h"

#define GATE_ROWS 1024 /* of the tables by inside address and by workstation */

struct gate_session {
	struct gate_session *next, *next_ws; /* of its rows */
	struct permit permit;
	struct gate_peer *end[2]; /* by who sends packets that way: INNER_IN the security server, INNER_OUT the service processor */
	unsigned mtu[2];          /* of what may be sent to that end, bytes of IP; 0: it has not said */
	struct inner inner;
};

struct gate_peer {
	struct gate_peer *next;
	struct gate *g;
	struct who who;
	enum inner_way way;
	void (*send)(void *arg, struct view datagram);
	void *arg;
	bool local; /* it is in this process */
	int64_t refusals; /* ration.h: that are told */
	bool gone; /* it is told nothing any more */
};

struct gate {
	struct gate_conf conf;
	struct gate_peer *peers;
	struct gate_session *row[GATE_ROWS], *row_ws[GATE_ROWS];
	unsigned nsessions, nopen;
	uint64_t stray; /* packets of nobody's session */
};

static inline unsigned gate_row(uint32_t address)
{
	return (address ^ address >> 10) % GATE_ROWS;
}

static inline bool gate_is_open(const struct gate_session *s)
{
	return s->end[INNER_IN] && s->end[INNER_OUT];
}

/* gate.c */
struct gate_session *gate_session_at(const struct gate *g, uint32_t inside);
void gate_session_end(struct gate *g, struct gate_session *s, const char *reason); /* both ends hear it */
/* gate_packet.c */
void gate_packet(struct gate_peer *p, struct view v, int64_t now, time_t clock);

#endif
