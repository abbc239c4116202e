/* nas_line.h - the line of a call, from dialing to hanging up: the one place
 * where a session opens one. What kinds of line there are, and how each of them
 * calls, is known behind this header only; a call sees what happens and, when it
 * is connected, a descriptor that carries bytes. Deadlines are the call's. */
#ifndef SP_ENGINE_NAS_LINE_H
#define SP_ENGINE_NAS_LINE_H

#include "base/reason.h"
#include "sys/loop.h"

enum nas_line_state {
	NAS_LINE_DIALING,   /* the call goes out; not told by lines that have nothing to prepare */
	NAS_LINE_RINGING,   /* the other side is rung; told where the line can hear it */
	NAS_LINE_CONNECTED, /* the line is the owner's to read and write; told once */
	NAS_LINE_FAILED     /* instead of that; the last event */
};

struct nas_line_event {
	enum nas_line_state state;
	/* CONNECTED */
	int fd;               /* non-blocking; nas_line_close closes it */
	uint64_t speed;       /* bit/s; 0: not known */
	const char *protocol; /* what corrects and compresses on the line, a word, as long as the line;
	                       * NULL: not known */
	/* FAILED */
	enum reason reason;
	const char *detail;   /* a sentence */
};

/* From the loop only; as its last act it may close the line. */
typedef void nas_line_fn(void *arg, const struct nas_line_event *ev);

struct nas_line;

/* Begins to call. The address is copied: what was dialed, a line address
 * (sys/line.h). NULL with errno and a constant reason: nothing was begun. */
struct nas_line *nas_line_open(struct loop *l, const char *address, nas_line_fn *event, void *arg, const char **why);
/* Whatever it is at: hangs up at once, without an event. The owner forgets the
 * descriptor before. NULL: nothing. */
void nas_line_close(struct nas_line *l);

#endif
