/* circuit_modem_port.c - a modem that waits for calls. Each call is an opening
 * of its own: when it is over, and when the modem does not answer us or its
 * descriptor ends, the tty is closed and opened again, later each time. */
#include "engine/circuit_modem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_FIRST 1000 /* ms; before that once TTY_DTR_MS, which is told to nobody */
#define AGAIN_MOST 60000

struct modem_port {
	struct modem_line *line; /* that waits; NULL: a call is up, or it is tried again later */
	int64_t delay;           /* of the next try; 0: it worked */
	char told[200];          /* the trouble that was told */
};

static void try_again(struct circuit_port *p, const char *why);

static void open_line(void *arg)
{
	struct circuit_port *p = arg;
	struct modem_port *s = p->own;
	const char *why;
	char text[200];
	s->line = modem_line_open(NULL, p, &why);
	if (s->line)
		return;
	snprintf(text, sizeof text, "%s: %s", why, strerror(errno));
	try_again(p, text);
}

static void try_again(struct circuit_port *p, const char *why)
{
	struct modem_port *s = p->own;
	int64_t delay = s->delay ? s->delay : TTY_DTR_MS;
	bool news = s->delay && strcmp(s->told, why) != 0;
	s->delay = s->delay == 0 ? AGAIN_FIRST : s->delay * 2 < AGAIN_MOST ? s->delay * 2 : AGAIN_MOST;
	loop_at(p->loop, &p->timer, clock_deadline(delay), open_line, p);
	if (!news)
		return;
	snprintf(s->told, sizeof s->told, "%s", why);
	if (p->ops->trouble)
		p->ops->trouble(p->arg, s->told);
}

void modem_port_progress(struct modem_line *m, const char *word)
{
	struct modem_port *s = m->p->own;
	if (strcmp(word, "waiting") != 0)
		return;
	s->delay = 0; /* it answers */
	s->told[0] = '\0';
}

void modem_port_up(struct modem_line *m)
{
	struct circuit_port *p = m->p;
	struct modem_port *s = p->own;
	struct circuit *c = circuit_port_new(p);
	s->line = NULL;
	if (!c) {
		modem_line_close(m);
		try_again(p, "out of memory");
		return;
	}
	c->own = m;
	m->c = c;
	m->p = NULL;
	modem_line_up(m);
	circuit_port_call(c);
}

void modem_port_down(struct modem_line *m, const char *detail)
{
	struct circuit_port *p = m->p;
	struct modem_port *s = p->own;
	s->line = NULL;
	modem_line_close(m);
	try_again(p, detail);
}

void modem_port_ended(struct circuit_port *p)
{
	if (!p->stopped)
		loop_at(p->loop, &p->timer, clock_deadline(TTY_DTR_MS), open_line, p);
}

int modem_port_listen(struct circuit_port *p, const char **why)
{
	struct modem_port *s = calloc(1, sizeof *s);
	*why = "out of memory";
	if (!s)
		return -1;
	p->own = s;
	p->single = true;
	s->line = modem_line_open(NULL, p, why);
	if (s->line)
		return 0;
	free(s);
	p->own = NULL;
	return -1;
}

void modem_port_stop(struct circuit_port *p)
{
	struct modem_port *s = p->own;
	loop_cancel(p->loop, &p->timer);
	modem_line_close(s->line);
	s->line = NULL;
}

void modem_port_unlisten(struct circuit_port *p)
{
	free(p->own);
	p->own = NULL;
}
