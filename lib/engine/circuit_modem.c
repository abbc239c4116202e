/* circuit_modem.c - calls by a modem at a tty: the dialogue (dialogue.h) with
 * the tty's DTR and carrier. From CONNECT on the carrier's end is the end of
 * file of the descriptor, where the tty has such a signal. */
#include "engine/circuit_modem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LOST_AT_ONCE "the carrier was lost at once" /* no end of file would come of that any more */

static void on_dtr(void *arg, bool up)
{
	struct modem_line *m = arg;
	if (!up)
		tty_follow(&m->tty, false); /* or the tty would be hung up with the carrier */
	tty_dtr(&m->tty, up);
}

static int on_carrier(void *arg)
{
	struct modem_line *m = arg;
	return tty_carrier(&m->tty);
}

static void on_progress(void *arg, const char *word)
{
	struct modem_line *m = arg;
	if (m->c)
		circuit_progress(m->c, word);
	else
		modem_port_progress(m, word);
}

static void on_ringing(void *arg, const char *from)
{
	struct modem_line *m = arg;
	if (m->p)
		circuit_port_ringing(m->p, from);
}

static void on_missed(void *arg, const char *from, const char *detail)
{
	struct modem_line *m = arg;
	if (m->p)
		circuit_port_missed(m->p, from, detail);
}

static void on_up(void *arg)
{
	struct modem_line *m = arg;
	bool lost = tty_follow(&m->tty, true) == 0;
	if (lost && m->c) {
		circuit_down(m->c, REASON_NO_CARRIER, LOST_AT_ONCE);
	} else if (lost) {
		modem_port_missed(m, LOST_AT_ONCE);
	} else if (!m->c) {
		modem_port_up(m);
	} else {
		modem_line_up(m);
		circuit_up(m->c);
	}
}

static void on_down(void *arg, enum reason reason, const char *detail)
{
	struct modem_line *m = arg;
	if (m->c)
		circuit_down(m->c, reason, detail);
	else
		modem_port_down(m, detail);
}

struct modem_line *modem_line_open(struct circuit *c, struct circuit_port *p, const char **why)
{
	static const struct dialogue_ops ops = { on_dtr, on_carrier, on_progress, on_ringing, on_missed, on_up, on_down };
	const struct line_options *o = c ? &c->opt : &p->opt;
	struct tty_conf tty = line_tty(o);
	struct modem_line *m = calloc(1, sizeof *m);
	*why = "out of memory";
	if (!m)
		return NULL;
	m->tty.fd = -1;
	m->c = c;
	m->p = p;
	if (tty_open(&m->tty, c ? c->addr.path : p->addr.path, &tty, why) == 0) {
		const struct dialogue_conf conf = { .loop = c ? c->loop : p->loop, .fd = m->tty.fd, .opt = o,
			.answer = !c, .probe = c && c->probe, .deadline = c ? c->deadline : CLOCK_NEVER, .ops = &ops, .arg = m };
		tcflush(m->tty.fd, TCIFLUSH);
		m->talk = dialogue_new(&conf, why);
	}
	if (m->talk)
		return m;
	int e = errno;
	modem_line_close(m);
	errno = e;
	return NULL;
}

void modem_line_close(struct modem_line *m)
{
	if (!m)
		return;
	dialogue_free(m->talk);
	tty_close(&m->tty);
	free(m);
}

void modem_line_up(struct modem_line *m)
{
	struct circuit *c = m->c;
	c->fd = m->tty.fd;
	c->modems = dialogue_speed(m->talk) != 0;
	if (c->modems)
		c->speed = dialogue_speed(m->talk);
	snprintf(c->protocol, sizeof c->protocol, "%s", dialogue_protocol(m->talk));
	const char *peer = dialogue_peer(m->talk);
	snprintf(c->peer, sizeof c->peer, "%.63s", *peer ? peer : c->name);
}

static int call(struct circuit *c, const char **why)
{
	c->own = modem_line_open(c, NULL, why);
	return c->own ? 0 : -1;
}

static void hangup(struct circuit *c)
{
	struct modem_line *m = c->own;
	dialogue_hangup(m->talk);
}

static void close_line(struct circuit *c)
{
	modem_line_close(c->own);
	c->own = NULL;
}

const struct circuit_kind circuit_modem = {
	.call = call, .hangup = hangup, .close = close_line,
	.listen = modem_port_listen, .stop = modem_port_stop, .unlisten = modem_port_unlisten, .ended = modem_port_ended,
};
