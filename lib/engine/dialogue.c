/* dialogue.c - moves a modem dialogue's bytes, times and events: descriptor and
 * loop on one side, wire/modem.h on the other. */
#include "engine/dialogue.h"

#include "sys/sock.h"
#include "wire/modem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LOOK_MS 20 /* between two looks at what is not sent yet, or at the carrier */
#define GREED 4096 /* bytes of a modem that are read before others have a turn */

struct dialogue {
	struct dialogue_conf c;
	struct modem m;
	char peer[64];
	struct loop_timer timer, look;
	int64_t drain; /* hanging up: output is waited for until then; 0: no more */
	bool up, hanging;
	bool *gone; /* set when we are freed in a callback */
};

static void on_fd(void *arg, int fd, short revents);

static void tell_up(struct dialogue *d)
{
	d->up = true;
	loop_forget(d->c.loop, d->c.fd);
	loop_cancel(d->c.loop, &d->timer);
	d->c.ops->up(d->c.arg);
}

static void tell_down(struct dialogue *d, enum reason reason, const char *detail)
{
	char text[sizeof d->m.detail];
	snprintf(text, sizeof text, "%s", detail);
	d->up = false;
	loop_forget(d->c.loop, d->c.fd);
	loop_cancel(d->c.loop, &d->timer);
	loop_cancel(d->c.loop, &d->look);
	d->c.ops->down(d->c.arg, reason, text);
}

static void tell(struct dialogue *d, const struct modem_event *ev)
{
	const struct dialogue_ops *o = d->c.ops;
	switch (ev->kind) {
	case MODEM_PROGRESS:
		if (o->progress)
			o->progress(d->c.arg, ev->word);
		break;
	case MODEM_RINGING:
		snprintf(d->peer, sizeof d->peer, "%s", d->m.facts.from);
		if (o->ringing)
			o->ringing(d->c.arg, d->peer);
		break;
	case MODEM_MISSED:
		if (o->missed)
			o->missed(d->c.arg, d->peer, d->m.detail);
		break;
	case MODEM_UP:
		tell_up(d);
		break;
	case MODEM_DTR_DOWN:
	case MODEM_DTR_UP:
		if (o->dtr)
			o->dtr(d->c.arg, ev->kind == MODEM_DTR_UP);
		break;
	case MODEM_END:
		tell_down(d, ev->reason, d->m.detail);
	}
}

/* false: the dialogue is over, or was freed. */
static bool events(struct dialogue *d)
{
	struct modem_event ev;
	bool gone = false;
	d->gone = &gone;
	while (!gone && modem_take(&d->m, &ev)) {
		bool last = ev.kind == MODEM_END;
		tell(d, &ev);
		if (gone || last) {
			if (!gone)
				d->gone = NULL;
			return false;
		}
	}
	if (!gone)
		d->gone = NULL;
	return !gone;
}

/* A channel that is a socket must not end us by SIGPIPE. */
static ssize_t put(int fd, struct view v)
{
	ssize_t n = send(fd, v.p, v.n, MSG_NOSIGNAL);
	return n < 0 && errno == ENOTSOCK ? write(fd, v.p, v.n) : n;
}

/* false: the channel is gone. */
static bool flush(struct dialogue *d)
{
	struct view v = modem_output(&d->m);
	while (v.n) {
		ssize_t n = put(d->c.fd, v);
		if (n < 0 && errno != EINTR)
			return errno == EAGAIN;
		modem_written(&d->m, n > 0 ? (size_t)n : 0);
		v = modem_output(&d->m);
	}
	return true;
}

/* The tty hung up on us, or the terminal server closed. */
static void channel_gone(struct dialogue *d)
{
	if (d->hanging)
		tell_down(d, REASON_NONE, "hung up");
	else
		tell_down(d, REASON_PORT_ERROR, "the line to the modem is gone");
}

static void turn(struct dialogue *d);

static void on_timer(void *arg)
{
	struct dialogue *d = arg;
	modem_tick(&d->m, clock_ms());
	turn(d);
}

/* After anything that happened: events, output, what is waited for next. */
static void turn(struct dialogue *d)
{
	if (!events(d))
		return;
	if (d->up && !d->hanging)
		return;
	if (!flush(d)) {
		channel_gone(d);
		return;
	}
	short out = modem_output(&d->m).n ? POLLOUT : 0;
	loop_at(d->c.loop, &d->timer, modem_deadline(&d->m), on_timer, d);
	if (loop_fd(d->c.loop, d->c.fd, POLLIN | out, on_fd, d) != 0)
		tell_down(d, REASON_PORT_ERROR, "out of memory");
}

/* Byte by byte where CONNECT may come: what is behind it must stay unread. 1, 0
 * nothing there, -1 the channel is gone. */
static int take(struct dialogue *d, size_t *budget)
{
	char b[256];
	size_t want = modem_may_connect(&d->m) && !d->hanging ? 1 : sizeof b;
	ssize_t n = read(d->c.fd, b, want);
	if (n == 0)
		return -1;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	*budget -= (size_t)n < *budget ? (size_t)n : *budget;
	struct view v = { b, (size_t)n };
	while (v.n && d->drain == 0) {
		size_t took = modem_recv(&d->m, v, clock_ms());
		v = (struct view){ v.p + took, v.n - took };
		if (!events(d))
			return 2;
		if (took == 0)
			break;
	}
	return 1;
}

static void on_fd(void *arg, int fd, short revents)
{
	struct dialogue *d = arg;
	size_t budget = GREED;
	int rc = 0;
	(void)fd;
	if (revents & (POLLIN | POLLHUP | POLLERR))
		while (budget && (!d->up || d->hanging) && (rc = take(d, &budget)) == 1)
			;
	if (rc == 2)
		return;
	if (rc < 0 || revents & POLLNVAL)
		channel_gone(d);
	else if (d->drain == 0)
		turn(d);
}

uint64_t dialogue_speed(const struct dialogue *d)
{
	return d->m.facts.speed;
}

const char *dialogue_protocol(const struct dialogue *d)
{
	return d->m.facts.protocol;
}

const char *dialogue_peer(const struct dialogue *d)
{
	return d->peer;
}

struct dialogue *dialogue_new(const struct dialogue_conf *conf, const char **why)
{
	const struct line_options *o = conf->opt;
	const struct modem_conf mc = { .answer = conf->answer, .probe = conf->probe,
		.dtr = conf->ops->dtr != NULL, .init = o->init,
		.command = o->command, .prefix = o->prefix, .number = o->dial, .rings = (unsigned)o->rings,
		.wait = (int64_t)o->wait * 1000, .guard = (int64_t)o->guard, .deadline = conf->deadline };
	struct dialogue *d = calloc(1, sizeof *d);
	*why = "out of memory";
	if (!d)
		return NULL;
	d->c = *conf;
	d->c.opt = NULL;
	if (modem_init(&d->m, &mc, clock_ms(), why) != 0) {
		free(d);
		errno = EINVAL;
		return NULL;
	}
	if (!conf->answer)
		snprintf(d->peer, sizeof d->peer, "%s", o->dial);
	loop_at(conf->loop, &d->timer, clock_ms(), on_timer, d);
	return d;
}

/* While hanging up: the carrier's end is the end. */
static void look_carrier(void *arg)
{
	struct dialogue *d = arg;
	if (d->c.ops->carrier(d->c.arg) == 0) {
		modem_no_carrier(&d->m, clock_ms());
		turn(d);
		return;
	}
	loop_at(d->c.loop, &d->look, clock_deadline(LOOK_MS), look_carrier, d);
}

static void drained(struct dialogue *d)
{
	int carrier = d->c.ops->carrier ? d->c.ops->carrier(d->c.arg) : -1;
	d->drain = 0;
	modem_hangup(&d->m, clock_ms());
	if (carrier > 0)
		loop_at(d->c.loop, &d->look, clock_deadline(LOOK_MS), look_carrier, d);
	turn(d);
}

/* What was written before hanging up still goes out, if it goes at all. */
static void look_output(void *arg)
{
	struct dialogue *d = arg;
	int waiting = 0;
	if (clock_ms() < d->drain && ioctl(d->c.fd, TIOCOUTQ, &waiting) == 0 && waiting > 0)
		loop_at(d->c.loop, &d->look, clock_deadline(LOOK_MS), look_output, d);
	else
		drained(d);
}

void dialogue_hangup(struct dialogue *d)
{
	if (d->hanging)
		return;
	d->hanging = true;
	d->drain = d->up ? clock_deadline(MODEM_DRAIN_MS) : 1;
	sock_nonblock(d->c.fd, true); /* who used it may have thought otherwise */
	loop_cancel(d->c.loop, &d->timer);
	loop_at(d->c.loop, &d->look, clock_ms(), look_output, d);
	if (loop_fd(d->c.loop, d->c.fd, POLLIN, on_fd, d) != 0)
		loop_at(d->c.loop, &d->look, clock_ms(), look_output, d);
}

void dialogue_free(struct dialogue *d)
{
	if (!d)
		return;
	if (d->gone)
		*d->gone = true;
	loop_cancel(d->c.loop, &d->timer);
	loop_cancel(d->c.loop, &d->look);
	if (!d->up || d->hanging)
		loop_forget(d->c.loop, d->c.fd);
	free(d);
}
