/* telnet_line.h - a terminal server's port (wire/telport.h) as a descriptor: the
 * TCP connection's bytes, less telnet, are pumped to and from one end of a socket
 * pair within the loop; its owner reads and writes the other end. */
#ifndef SP_ENGINE_TELNET_LINE_H
#define SP_ENGINE_TELNET_LINE_H

#include "base/reason.h"
#include "sys/lineopt.h"
#include "sys/loop.h"

struct telnet_line;

/* All from the loop, each the last act of what tells it: the line may be freed there. */
struct telnet_line_ops {
	/* Options are agreed, or the server has had time enough to. */
	void (*open)(void *arg);
	/* Instead of open: it is not to be had. After open: the connection, or the
	 * carrier, is lost; all that came can be read, then end of file. */
	void (*gone)(void *arg, enum reason reason, const char *detail);
	/* After telnet_line_close, the last event. */
	void (*closed)(void *arg);
};

/* server: its host and port. opt (copied) baud, rtscts. deadline, clock_ms, for being
 * connected. NULL with errno and a constant reason: nothing was begun. */
struct telnet_line *telnet_line_new(struct loop *l, const struct addr *server, const struct line_options *opt,
                                    int64_t deadline, const struct telnet_line_ops *ops, void *arg, const char **why);
/* Once open: non-blocking, close-on-exec, the line's. */
int telnet_line_fd(const struct telnet_line *t);
/* Whom it is connected to. */
const char *telnet_line_peer(const struct telnet_line *t);
/* As far as the server does RFC 2217. */
bool telnet_line_control(const struct telnet_line *t);
void telnet_line_dtr(struct telnet_line *t, bool up);
/* From now on the line is lost when a carrier that is there goes away; or not. */
void telnet_line_follow(struct telnet_line *t, bool carrier);
int telnet_line_carrier(const struct telnet_line *t); /* 1, 0; -1: not known */
/* In order, at any time but after gone in place of open: what was written is sent
 * (bounded), DTR dropped, then closed() is told, within 4 s. */
void telnet_line_close(struct telnet_line *t);
void telnet_line_free(struct telnet_line *t); /* at once. NULL: nothing */

#endif
