/* nas_call_impl.h - what nas_call.c (its life) and nas_link.c (what flows) share. */
#ifndef SP_ENGINE_NAS_CALL_IMPL_H
#define SP_ENGINE_NAS_CALL_IMPL_H

#include "engine/circuit.h"
#include "engine/nas_call.h"
#include "engine/pppio.h"
#include "sys/tun.h"
#include "wire/nat.h"

struct nas_call {
	struct loop *loop;
	struct nas_call_conf c;
	char name[512];
	struct secret secret;
	enum nas_call_state state;
	struct circuit *line;
	uint64_t speed;        /* bit/s; 0: not known */
	struct ppp *ppp;
	struct pppio io;
	struct tun tun;
	struct nat nat;
	struct loop_timer late;
	enum reason closing;   /* why we close it; REASON_NONE: we do not */
	struct ppp_event down; /* as PPP told it */
	char message[128];     /* the other side's, when it refused */
	bool authenticated, telling;
	bool number, dialed;   /* a modem dials; has begun to */
	bool waits;            /* for a second dial tone, in the middle of the number */
	bool over;             /* undone; only the line is still hung up */
	struct nas_call_event last;
	char last_detail[256];
	unsigned again; /* times that the link was negotiated anew, or resumed */
};

/* State is set, then told. */
void nas_call_tell(struct nas_call *c, enum nas_call_state state);
void nas_call_note(struct nas_call *c, int step, const char *event, const char *value);
/* Everything undone and the line hung up, then told: the last event. c may be
 * gone afterwards. */
void nas_call_over(struct nas_call *c, enum reason why, int step, const char *detail);

/* The step that a link in this state was at. */
int nas_link_step(const struct nas_call *c, enum ppp_reason r);
/* The caller's end of a link. 0/-1 ENOMEM. */
int nas_link_new(struct nas_call *c);
/* The line is connected. c may be gone afterwards. */
void nas_link_begin(struct nas_call *c, int fd);

#endif
