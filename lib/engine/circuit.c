/* circuit.c - what all kinds of circuits have in common: which kind an address
 * is of, the order of events, and who frees what when. */
#include "engine/circuit_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct circuit_kind *const kinds[] = {
	[ADDR_TCP] = &circuit_plain, [ADDR_UNIX] = &circuit_plain, [ADDR_TTY] = &circuit_plain, [ADDR_FD] = &circuit_plain,
	[ADDR_MODEM] = &circuit_modem, [ADDR_TELNET] = &circuit_telnet, [ADDR_BACK] = &circuit_back,
};

static const struct circuit_kind *kind_of(const char *text, struct addr *a, struct line_options *o, const char **why)
{
	const struct circuit_kind *k = NULL;
	errno = EINVAL;
	if (!addr_parse(text, a, why))
		return NULL;
	*why = "no kind of line (tcp:, unix:, tty:, fd:, modem:, telnet:, back:)";
	if ((size_t)a->kind < sizeof kinds / sizeof *kinds)
		k = kinds[a->kind];
	return k && line_options(a, o, why) == 0 ? k : NULL;
}

void circuit_name_of(const struct addr *a, char *out, size_t size)
{
	bool v6 = strchr(a->host, ':') != NULL;
	const char *kind = a->kind == ADDR_TELNET ? "telnet" : "tcp";
	switch (a->kind) {
	case ADDR_TTY: snprintf(out, size, "tty:%s", a->path); break;
	case ADDR_MODEM: snprintf(out, size, "modem:%s", a->path); break;
	case ADDR_BACK: snprintf(out, size, "back:%s", a->path); break;
	case ADDR_UNIX: snprintf(out, size, "unix:%s", a->path); break;
	case ADDR_FD: snprintf(out, size, "fd:%d", a->fd); break;
	default: snprintf(out, size, v6 ? "%s:[%s]:%s" : "%s:%s:%s", kind, a->host[0] ? a->host : "*", a->port);
	}
}

static struct circuit *begin(struct loop *l, const struct circuit_conf *conf, bool probe, const char **why)
{
	struct circuit *c = calloc(1, sizeof *c);
	*why = "out of memory";
	if (!c)
		return NULL;
	c->loop = l;
	c->ops = conf->ops;
	c->arg = conf->arg;
	c->deadline = conf->deadline;
	c->fd = -1;
	c->probe = probe;
	snprintf(c->address, sizeof c->address, "%s", conf->address);
	c->kind = kind_of(conf->address, &c->addr, &c->opt, why);
	if (!c->kind)
		goto out;
	if (conf->number && !view_str(view_of(conf->number), c->opt.dial, sizeof c->opt.dial)) {
		*why = "the number is too long";
		errno = EINVAL;
		goto out;
	}
	if (conf->back && !c->opt.via[0])
		snprintf(c->opt.via, sizeof c->opt.via, "%s", conf->back);
	c->speed = c->opt.speed;
	circuit_name_of(&c->addr, c->name, sizeof c->name);
	if (c->kind->call(c, why) == 0)
		return c;
out:
	free(c);
	return NULL;
}

struct circuit *circuit_call(struct loop *l, const struct circuit_conf *conf, const char **why)
{
	return begin(l, conf, false, why);
}

struct circuit *circuit_probe(struct loop *l, const struct circuit_conf *conf, const char **why)
{
	return begin(l, conf, true, why);
}

int circuit_fd(const struct circuit *c)
{
	return c->up ? c->fd : -1;
}

const char *circuit_name(const struct circuit *c)
{
	return c->name;
}

const char *circuit_peer(const struct circuit *c)
{
	return c->peer;
}

uint64_t circuit_speed(const struct circuit *c)
{
	return c->speed;
}

const char *circuit_protocol(const struct circuit *c)
{
	return c->protocol;
}

unsigned circuit_bits(const struct circuit *c)
{
	return c->modems && !strcasestr(c->protocol, "NONE") ? 8 : 10;
}

void circuit_own(struct circuit *c, const struct circuit_ops *ops, void *arg)
{
	c->ops = ops;
	c->arg = arg;
}

void circuit_hangup(struct circuit *c)
{
	if (c->hanging || c->down)
		return;
	c->hanging = true;
	c->up = false;
	c->kind->hangup(c);
}

/* Everything closed; its port may have the next call. */
static void shut(struct circuit *c)
{
	struct circuit_port *p = c->port;
	if (c->down)
		return;
	c->down = true;
	c->up = false;
	loop_cancel(c->loop, &c->timer);
	c->kind->close(c);
	c->fd = -1;
	c->port = NULL;
	if (p) {
		p->calls--;
		p->kind->ended(p);
	}
}

void circuit_free(struct circuit *c)
{
	if (!c)
		return;
	shut(c);
	free(c);
}

static void tell(struct circuit *c, const struct circuit_event *ev)
{
	if (c->ops && c->ops->event)
		c->ops->event(c->arg, ev);
}

void circuit_progress(struct circuit *c, const char *word)
{
	tell(c, &(struct circuit_event){ .what = CIRCUIT_PROGRESS, .word = word });
}

void circuit_up(struct circuit *c)
{
	if (c->probe) {
		circuit_hangup(c);
		return;
	}
	c->up = true;
	tell(c, &(struct circuit_event){ .what = CIRCUIT_UP });
}

void circuit_down(struct circuit *c, enum reason reason, const char *detail)
{
	shut(c);
	tell(c, &(struct circuit_event){ .what = CIRCUIT_DOWN, .reason = reason, .detail = detail });
}

void circuit_hung_up(void *circuit)
{
	circuit_down(circuit, REASON_NONE, "hung up");
}

struct circuit_port *circuit_listen(struct loop *l, const char *address, const struct circuit_port_ops *ops, void *arg, const char **why)
{
	struct circuit_port *p = calloc(1, sizeof *p);
	*why = "out of memory";
	if (!p)
		return NULL;
	p->loop = l;
	p->ops = ops;
	p->arg = arg;
	p->limit = UINT64_MAX;
	snprintf(p->address, sizeof p->address, "%s", address);
	p->kind = kind_of(address, &p->addr, &p->opt, why);
	if (!p->kind)
		goto out;
	circuit_name_of(&p->addr, p->name, sizeof p->name);
	snprintf(p->bound, sizeof p->bound, "%s", strchr(p->name, ':') + 1);
	errno = EINVAL;
	*why = "calls cannot come in on this kind of line";
	if (p->kind->listen && p->kind->listen(p, why) == 0)
		return p;
out:
	free(p);
	return NULL;
}

const char *circuit_port_name(const struct circuit_port *p)
{
	return p->name;
}

const char *circuit_port_bound(const struct circuit_port *p)
{
	return p->bound;
}

bool circuit_port_single(const struct circuit_port *p)
{
	return p->single;
}

void circuit_port_limit(struct circuit_port *p, uint64_t calls)
{
	if (p)
		p->limit = calls;
}

struct circuit *circuit_port_new(struct circuit_port *p)
{
	struct circuit *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->loop = p->loop;
	c->kind = p->kind;
	c->port = p;
	c->addr = p->addr;
	c->opt = p->opt;
	c->speed = p->opt.speed;
	c->fd = -1;
	snprintf(c->name, sizeof c->name, "%s", p->name);
	p->calls++;
	return c;
}

void circuit_port_call(struct circuit *c)
{
	c->up = true;
	c->port->ops->call(c->port->arg, c);
}

void circuit_port_ringing(struct circuit_port *p, const char *from)
{
	if (p->ops->ringing)
		p->ops->ringing(p->arg, from);
}

void circuit_port_missed(struct circuit_port *p, const char *from, const char *why)
{
	if (p->ops->missed)
		p->ops->missed(p->arg, from, why);
}

void circuit_port_trouble(struct circuit_port *p, const char *why)
{
	if (strcmp(p->told, why) == 0)
		return;
	snprintf(p->told, sizeof p->told, "%s", why);
	if (p->ops->trouble)
		p->ops->trouble(p->arg, p->told);
}

void circuit_port_works(struct circuit_port *p)
{
	p->told[0] = '\0';
	p->retry = (struct retry){ 0 };
}

void circuit_port_over(struct circuit_port *p, const char *why)
{
	circuit_port_stop(p);
	p->ops->over(p->arg, why);
}

void circuit_port_stop(struct circuit_port *p)
{
	if (p->stopped)
		return;
	p->stopped = true;
	p->kind->stop(p);
}

void circuit_port_free(struct circuit_port *p)
{
	if (!p)
		return;
	circuit_port_stop(p);
	loop_cancel(p->loop, &p->timer);
	if (p->kind->unlisten)
		p->kind->unlisten(p);
	free(p);
}
