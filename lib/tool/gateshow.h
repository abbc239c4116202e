/* gateshow.h - a session's permit is shown to the security server (engine/gate_door.h), which
 * lets the workstation's packets through as long as it is. */
#ifndef SP_TOOL_GATESHOW_H
#define SP_TOOL_GATESHOW_H

#include "engine/ask.h"

struct gateshow_ops {
	void (*shown)(void *arg); /* once */
	/* It is refused, or over; gateshow_free follows. */
	void (*over)(void *arg, const struct ask_end *end);
};

struct gateshow;
/* r: session=, permit=. NULL: out of memory. */
struct gateshow *gateshow_new(struct ask *server, struct record *r, int64_t deadline, const struct gateshow_ops *ops, void *arg);
void gateshow_later(struct gateshow *g, struct record *r); /* there is a later permit= */
/* The server is told that it is over. NULL: nothing. */
void gateshow_free(struct gateshow *g);

#endif
