/* nas_line.c - the lines that a router calls over: tcp:, unix: and tty:, opened
 * by sys/line.h; errors are put in the words of the list of reasons. Every event
 * is the last act of what tells it, as the line may be gone afterwards. */
#include "engine/nas_line.h"

#include "sys/line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nas_line {
	struct loop *loop;
	struct line line;
	struct loop_timer begin;
	int watched; /* the descriptor as the loop knows it; -1: none */
	nas_line_fn *event;
	void *arg;
};

static void connected(struct nas_line *l)
{
	struct nas_line_event ev = { .state = NAS_LINE_CONNECTED, .fd = l->line.fd, .speed = l->line.speed };
	l->event(l->arg, &ev);
}

/* Nobody there, or a line of ours that is taken: in the words of the list. */
static enum reason reason_of_errno(int e)
{
	switch (e) {
	case ECONNREFUSED:
	case ENOENT: return REASON_NO_CARRIER;
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN: return REASON_NO_ANSWER;
	case EBUSY:
	case EWOULDBLOCK: return REASON_BUSY;
	default: return REASON_PORT_ERROR;
	}
}

static void failed(struct nas_line *l, const char *why)
{
	int e = errno;
	char detail[256];
	struct nas_line_event ev = { .state = NAS_LINE_FAILED, .fd = -1, .reason = reason_of_errno(e), .detail = detail };
	snprintf(detail, sizeof detail, "%s: %s", why, strerror(e));
	l->event(l->arg, &ev);
}

static void on_connect(void *arg, int fd, short revents);

static void wait_for_it(struct nas_line *l)
{
	l->watched = l->line.fd;
	if (loop_fd(l->loop, l->watched, POLLOUT, on_connect, l) != 0)
		failed(l, "unable to wait for the line");
}

static void on_connect(void *arg, int fd, short revents)
{
	struct nas_line *l = arg;
	const char *why = "";
	(void)revents;
	loop_forget(l->loop, fd);
	l->watched = -1;
	int rc = line_connected(&l->line, &why);
	if (rc < 0)
		failed(l, why);
	else if (rc == 0)
		wait_for_it(l); /* the next address of that name */
	else
		connected(l);
}

static void begin(void *arg)
{
	struct nas_line *l = arg;
	if (l->line.up)
		connected(l);
	else
		wait_for_it(l);
}

struct nas_line *nas_line_open(struct loop *loop, const char *address, nas_line_fn *event, void *arg, const char **why)
{
	struct nas_line *l = calloc(1, sizeof *l);
	*why = "out of memory";
	if (!l)
		return NULL;
	*l = (struct nas_line){ .loop = loop, .watched = -1, .event = event, .arg = arg };
	if (line_call(&l->line, address, why) != 0) {
		int e = errno;
		free(l);
		errno = e;
		return NULL;
	}
	loop_at(loop, &l->begin, clock_ms(), begin, l); /* events come from the loop */
	return l;
}

void nas_line_close(struct nas_line *l)
{
	if (!l)
		return;
	loop_cancel(l->loop, &l->begin);
	if (l->watched >= 0)
		loop_forget(l->loop, l->watched);
	line_close(&l->line);
	free(l);
}
