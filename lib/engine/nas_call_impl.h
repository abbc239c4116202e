/* nas_call_impl.h - what nas_call.c (its life) and nas_link.c (what flows) share. */
#ifndef SP_ENGINE_NAS_CALL_IMPL_H
#define SP_ENGINE_NAS_CALL_IMPL_H

#include "engine/nas_call.h"
#include "engine/nas_line.h"
#include "engine/pace.h"
#include "engine/ppp.h"
#include "sys/tun.h"
#include "wire/nat.h"

#define NAS_PACED_QUEUE 3000u /* bytes that wait for a slow line; the rest waits in the kernel */

struct nas_call {
	struct loop *loop;
	struct nas_call_conf c;
	char name[512];
	struct secret secret;
	enum nas_call_state state;
	struct nas_line *line;
	int fd;                /* the line's, when it is connected; -1 */
	uint64_t speed;        /* bit/s; 0: not known */
	const char *protocol;  /* the line's word for it; NULL: not known */
	struct ppp *ppp;
	struct tun tun;
	struct nat nat;
	struct pace pace;
	struct loop_timer timer, late;
	enum reason closing;   /* why we close it; REASON_NONE: we do not */
	struct ppp_event down; /* as PPP told it */
	char message[128];     /* the other side's, when it refused */
	bool authenticated, telling;
};

extern const struct ppp_ops nas_link_ops;

/* State is set, then told. */
void nas_call_tell(struct nas_call *c, enum nas_call_state state);
void nas_call_note(struct nas_call *c, int step, const char *event, const char *value);
/* Everything undone, then told: the last event. c may be gone afterwards. */
void nas_call_over(struct nas_call *c, enum reason why, int step, const char *detail);

/* The step that a link in this state was at. */
int nas_link_step(const struct nas_call *c, enum ppp_reason r);
/* After everything that happened: writes, and waits for what can happen next; or
 * the link is down, then c may be gone afterwards. */
void nas_link_settle(struct nas_call *c);

#endif
