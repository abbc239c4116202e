/* gate_door_packet.c - the tunnel of all workstations of a security server. A packet goes on
 * when its sender has a permit here; where to is for the gateway to judge. */
#include "engine/gate_door_impl.h"

#include "wire/ip4.h"
#include "wire/sum.h"

#include <stdlib.h>

static void on_taken(void *arg, void *of, struct record *answer)
{
	(void)answer;
	door_tell(arg, 336, "shown", of, NULL);
}

static void on_open(void *arg, void *of)
{
	((struct door_session *)of)->open = true;
	door_tell(arg, 336, "open", of, NULL);
	door_say(of, "state", "open", NULL);
}

static void on_over(void *arg, void *of, bool denied, const char *why)
{
	struct gate_door *d = arg;
	struct door_session *s = of;
	door_tell(d, 336, denied ? "refused" : "ended", s, why);
	door_say(s, "error", denied ? "denied" : "peer", why);
	door_session_end(d, s);
}

static void on_packet(void *arg, struct view ip)
{
	struct gate_door *d = arg;
	if (ip.n >= IP4_HEADER && door_session_of(d, get32((const uint8_t *)ip.p, IP4_DESTINATION)))
		tunend_write(d->tun, ip);
	else
		d->stray++;
}

/* What waited may go as soon as the gateway knows all permits: they are shown first, and
 * datagrams seldom overtake each other; one that does is sent again by its sender. */
static void on_up(void *arg, const struct gateway *g)
{
	struct gate_door *d = arg;
	struct view v;
	door_tell(d, 336, "tunnel", NULL, g->name);
	for (unsigned i = 0; i < d->nwaiting; i++) {
		v = (struct view){ (const char *)d->waiting[i].p, d->waiting[i].n };
		gate_end_packet(d->end, v);
	}
	door_packets_clear(d);
}

static void on_down(void *arg, const struct gateway *g, const char *why, bool denied)
{
	struct gate_door *d = arg;
	(void)g;
	door_tell(d, 336, denied ? "not-let-in" : "no-tunnel", NULL, why);
}

struct gate_end *door_end_new(struct gate_door *d)
{
	static const struct gate_end_ops ops = { on_taken, on_open, on_over, on_packet, on_up, on_down };
	struct gate_end_conf c = d->conf.end;
	c.ops = &ops;
	c.arg = d;
	return gate_end_new(&c);
}

static void wait_for_tunnel(struct gate_door *d, const uint8_t *ip, size_t n)
{
	gate_end_raise(d->end);
	uint8_t *p = d->nwaiting < DOOR_WAITING ? malloc(n) : NULL;
	if (!p)
		return;
	memcpy(p, ip, n);
	d->waiting[d->nwaiting].p = p;
	d->waiting[d->nwaiting++].n = n;
}

void door_packet(struct gate_door *d, uint8_t *ip, size_t n)
{
	if (n < IP4_HEADER || ip[0] >> 4 != 4 || !door_session_of(d, get32(ip, IP4_SOURCE)))
		d->stray++;
	else if (gate_end_up(d->end))
		gate_end_packet(d->end, (struct view){ (const char *)ip, n });
	else
		wait_for_tunnel(d, ip, n);
}

void door_packets_clear(struct gate_door *d)
{
	while (d->nwaiting)
		free(d->waiting[--d->nwaiting].p);
}
