/* circuit_modem_port.c - a modem that waits for calls. Each call is an opening
 * of its own: when it is over, and when the modem does not answer us or its
 * descriptor ends, the tty is closed and opened again, later each time. */
#include "engine/circuit_modem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct modem_port {
	struct modem_line *line; /* that waits; NULL: a call is up, or it is tried again later */
	bool failed;             /* and has not worked since; the first time is told to nobody */
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
	bool told = s->failed;
	int64_t delay = told ? retry_next(&p->retry) : TTY_DTR_MS;
	s->failed = true;
	loop_at(p->loop, &p->timer, clock_deadline(delay), open_line, p);
	if (told)
		circuit_port_trouble(p, why);
}

void modem_port_progress(struct modem_line *m, const char *word)
{
	struct modem_port *s = m->p->own;
	if (strcmp(word, "waiting") != 0)
		return;
	s->failed = false; /* it answers */
	circuit_port_works(m->p);
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

/* Told last: who is told may stop the port. */
void modem_port_missed(struct modem_line *m, const char *detail)
{
	struct circuit_port *p = m->p;
	char from[64];
	snprintf(from, sizeof from, "%s", dialogue_peer(m->talk));
	modem_port_down(m, detail);
	circuit_port_missed(p, from, detail);
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
