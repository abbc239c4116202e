/* pstn_call.h - a call between two modems: a path each way and what spoils it.
 * pstn_call.c switches, pstn_pump.c and pstn_path.c carry bytes, pstn_fault.c spoils. */
#ifndef SP_ENGINE_PSTN_CALL_H
#define SP_ENGINE_PSTN_CALL_H

#include "engine/pace.h"
#include "engine/pstn_impl.h"

#define PSTN_MARKS 1024

struct armed { /* a line fault that waits for its byte in the present call */
	bool on;
	uint64_t at;
};

struct mark { /* so many bytes arrive then */
	int64_t at;
	size_t n;
};

struct path {
	struct buf queue; /* the modem's buffer: waits to be sent */
	struct buf air;   /* on the way */
	struct mark mark[PSTN_MARKS];
	unsigned first, marks;
	struct pace pace;
	uint64_t taken, got; /* bytes from the sender, to the receiver */
};

enum phase { CALL_DIALING, CALL_WAITING, CALL_RINGING, CALL_TRAINING, CALL_CONNECTED, CALL_CLEARING, CALL_OVER };

struct call {
	struct call *next;
	struct pstn *x;
	unsigned long number; /* 0: an ATA that nobody called: not told */
	enum phase phase;
	struct modem *side[2]; /* who called, who was called; NULL: not there (any more) */
	char from[PSTN_NAME], to[PSTN_NAME];
	struct loop_timer timer;
	int64_t until;    /* S7, or the end of training or clearing */
	int64_t ring_at;
	int64_t since;    /* connected */
	enum hayes_result result; /* for who called, when waiting is over */
	const char *reason;
	uint64_t speed;
	struct path path[2]; /* [i]: from side i */
	struct armed armed[2][FAULTS];
	int64_t stalled;  /* until then */
	uint64_t gap[2];  /* bits until the next error that side i hears */
};

/* pstn_call.c */
void call_events(struct modem *m); /* does what the modem's events ask for */
void call_at(struct call *c, int64_t when); /* its timer */
void call_pump(struct call *c); /* pstn_pump.c */
void call_end(struct call *c, const char *reason); /* at once, for both */
void call_struck(struct call *c, unsigned side, const char *fault); /* is told */
void call_free(struct call *c);
const char *call_phase(const struct modem *m);

/* pstn_path.c */
void path_init(struct path *p, uint64_t speed, int64_t latency, int64_t now);
void path_clear(struct path *p);
size_t path_room(const struct path *p);
void path_send(struct path *p, int64_t latency, int64_t now); /* from queue to air */
size_t path_due(struct path *p, int64_t now);
void path_drop(struct path *p, size_t n); /* were delivered */
int64_t path_next(const struct path *p, int64_t now);

/* pstn_fault.c */
const char *fault_name(enum fault_kind k); /* NULL: no such kind */
bool fault_use(struct modem *m, enum fault_kind k); /* is it set? counts */
void fault_arm(struct call *c, unsigned side); /* the call is up, or a fault was set */
/* How many bytes for that side (or, escape, from it) may pass until one happens. */
size_t fault_limit(const struct call *c, unsigned side);
size_t fault_limit_sent(const struct call *c, unsigned side);
bool fault_fire(struct call *c, int64_t now); /* true: the call is over */
bool fault_escape(struct call *c, unsigned side); /* now? */
void fault_errors(struct call *c, unsigned side, char *p, size_t n);

#endif
