/* hold_impl.h - inside hold.c (the holder: both its ends, signals, unwinding) and
 * holdsession.c (one session's life). */
#ifndef SP_TOOL_HOLD_IMPL_H
#define SP_TOOL_HOLD_IMPL_H

#include "tool/hold.h"
#include "tool/holdcmd.h"

enum hold_state { STARTING, READY, STOPPING, DONE };

struct holder {
	const struct hold *h;
	struct loop *loop;
	struct recin in;
	struct recout out;
	struct record rec;
	struct hold_impl *sessions;
	uint64_t started;
	unsigned active, signals;
	enum sp_exit worst;
	int command_status;
	int64_t undo_by; /* a signal came: for the reader's going and our undoing together */
	bool reader, reader_gone, input_over, unwinding;
	bool pending, resting; /* output waits for its reader; so does the input, for there is much */
	struct loop_timer grace, limit;
};

struct hold_impl {
	struct hold_impl *next;
	struct holder *holder;
	struct hold_session s;
	enum hold_state state;
	bool upstream; /* the record came with hold= */
	struct loop_timer timeout;
	struct holdcmd cmd;
};

/* hold.c: writes a record, later if the reader does not take it now; one that is
 * gone begins the unwinding. */
void holder_emit(struct holder *h, struct record *r);
/* A session is over: maybe all are. */
void holder_look(struct holder *h);

/* holdsession.c: storage lasts until sessions_free. */
void session_new(struct holder *h, struct record *r);
void session_stop(struct hold_impl *i); /* once; later calls do nothing */
/* Is r another permit for a session that is held? Then it has it now. */
bool session_renew(struct holder *h, struct record *r);
void sessions_free(struct holder *h);

#endif
