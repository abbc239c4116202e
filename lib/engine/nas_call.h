/* nas_call.h - a call out: the line, the PPP link over it, the TUN device and
 * the alias behind which the other side stands. One object a call. */
#ifndef SP_ENGINE_NAS_CALL_H
#define SP_ENGINE_NAS_CALL_H

#include "base/reason.h"
#include "base/secret.h"
#include "engine/ppp.h"
#include "sys/loop.h"

#include <netinet/in.h>

enum nas_call_state { CALL_DIALING, CALL_RINGING, CALL_CONNECTED, CALL_AUTHENTICATING, CALL_UP, CALL_CLOSING, CALL_DOWN };
const char *nas_call_state_name(enum nas_call_state s);

/* Whose fault it is that a call did not come up: not the line's; another program
 * has it; it does not take this number, or it does not work. */
enum nas_fault { LINE_FINE, LINE_HELD, LINE_REFUSED, LINE_FAILED };
const char *nas_fault_name(enum nas_fault f);

struct nas_call_event {
	enum nas_call_state state; /* DIALING is not told: the owner began it */
	uint64_t speed;            /* bit/s; 0: not known */
	const char *protocol;      /* CONNECTED: the line's, a word; NULL: not known */
	struct in_addr sp_address; /* UP */
	/* DOWN, the last event */
	enum reason reason;
	int step;
	const char *detail;
	enum nas_fault fault;
	/* a step that is no change of state: event is not NULL, state as it is */
	int log_step;
	const char *event, *value;
};

struct nas_call_conf { /* all is copied */
	const char *dial;              /* the line's address */
	const char *number;            /* that a modem dials; NULL: the address says all */
	const char *back;              /* as of circuit_conf */
	const char *name;              /* "user%router" */
	const struct secret *secret;
	struct in_addr workstation, alias, own;
	const uint32_t *gateway;       /* as of nas_conf; outlives the call */
	unsigned ngateways;
	struct ppp_conf ppp;           /* what the operator chooses; the rest is filled in */
	int64_t deadline;              /* to be up, clock_ms */
	/* From the loop or within nas_call_*: may not free the call but in DOWN. */
	void (*event)(void *arg, const struct nas_call_event *ev);
	void *arg;
};

struct nas_call;

/* Begins. NULL with errno (EBUSY: another program has the line) and a constant
 * reason: nothing was begun. */
struct nas_call *nas_call_new(struct loop *l, const struct nas_call_conf *conf, const char **why);
/* Gives the called side another secret, if it was given the first as it is (PAP). */
void nas_call_renew(struct nas_call *c, const struct secret *secret);
/* Begins an orderly end: DOWN with this reason follows, within 3 s. */
void nas_call_close(struct nas_call *c, enum reason why);
/* At once, without an event. NULL: nothing. */
void nas_call_free(struct nas_call *c);

enum nas_call_state nas_call_state(const struct nas_call *c);
struct nas_call_counts {
	uint64_t in_bytes, out_bytes, in_packets, out_packets, dropped;
	uint64_t bad_frames; /* came damaged */
};
void nas_call_counts(const struct nas_call *c, struct nas_call_counts *n);

#endif
