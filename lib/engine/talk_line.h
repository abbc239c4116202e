/* talk_line.h - what a device says as the lines that a terminal would show: escape
 * sequences, backspaces and lone CRs applied, and the echo of what it was told
 * known as such, also when it comes wrapped, redrawn or scrolled sideways. */
#ifndef SP_ENGINE_TALK_LINE_H
#define SP_ENGINE_TALK_LINE_H

#include "base/buf.h"

#define TALK_LINE 4096 /* a longer line of the device matches nothing */

struct talk_line {
	struct buf text;
	struct buf told;  /* what was sent last */
	size_t from;      /* where what follows the last prompt begins in text */
	size_t echoed;    /* bytes of told that whole lines were the echo of */
	bool waits;       /* for the echo of told */
	bool begun;       /* some of it was seen */
	bool cr, too_long;
	enum { ESC_NONE, ESC_BEGUN, ESC_CSI, ESC_OSC } esc;
	unsigned count;   /* a CSI sequence's first number */
};

void talk_line_init(struct talk_line *l);
void talk_line_clear(struct talk_line *l); /* wipes */

/* This was sent, in answer to what stands in the line now. */
void talk_line_told(struct talk_line *l, struct view text);
/* One more byte. True: it ended the line, whose text is valid until
 * talk_line_next. */
bool talk_line_byte(struct talk_line *l, char c);
void talk_line_next(struct talk_line *l);
/* The whole line is an echo? Ask once for each. */
bool talk_line_is_echo(struct talk_line *l);
/* What stands there so far is the beginning of one? */
bool talk_line_echoing(const struct talk_line *l);

/* What follows the last prompt, or all. */
static inline struct view talk_line_part(const struct talk_line *l)
{
	return (struct view){ l->text.data ? l->text.data + l->from : NULL, l->text.len - l->from };
}

#endif
