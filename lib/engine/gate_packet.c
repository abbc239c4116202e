/* gate_packet.c - the packets of tunnels: to the session's other end, as far as its permit
 * lets them (wire/inner.h), or between a workstation that has a session and a router. What
 * is too large for the way there is answered as RFC 1191 has it. */
#include "engine/gate_impl.h"

#include "wire/ip4.h"
#include "wire/sum.h"
#include "wire/syn.h"
#include "wire/toobig.h"

#include <string.h>

enum { TCP_FLAGS = 13, TCP_SYN = 2, TCP_HEADER = 20, FRAGMENT = 6, DONT = 0x40 };

static bool is_syn(const uint8_t *b, size_t n)
{
	size_t header = (b[0] & 15u) * 4u;
	return b[9] == IP4_TCP && n >= header + TCP_HEADER && b[header + TCP_FLAGS] & TCP_SYN;
}

static void too_big(struct gate_peer *from, const uint8_t *b, size_t n, unsigned mtu)
{
	uint8_t error[TOOBIG_MAX];
	size_t told = b[FRAGMENT] & DONT ? toobig_write(error, b, n, (uint16_t)mtu) : 0;
	if (told)
		from->send(from->arg, (struct view){ (const char *)error, told });
}

/* The judged packet, to the other end. */
static void go_on(struct gate_peer *from, const struct gate_session *s, struct view v)
{
	const uint8_t *b = (const uint8_t *)v.p;
	enum inner_way to = from->way == INNER_IN ? INNER_OUT : INNER_IN;
	unsigned mtu = s->mtu[to];
	uint8_t syn[576];
	if (mtu && v.n > mtu) {
		too_big(from, b, v.n, mtu);
		return;
	}
	if (mtu && v.n <= sizeof syn && is_syn(b, v.n)) {
		memcpy(syn, b, v.n);
		syn_rewrite(syn, v.n, (uint16_t)(mtu - IP4_HEADER - TCP_HEADER), false);
		v.p = (const char *)syn;
	}
	s->end[to]->send(s->end[to]->arg, v);
}

/* A session of this workstation whose permit lives; the peer NULL: of any. */
static struct gate_session *of_workstation(const struct gate *g, uint32_t address, const struct gate_peer *p, time_t clock)
{
	struct gate_session *s = g->row_ws[gate_row(address)];
	while (s && (s->permit.workstation != address || !s->end[INNER_IN] || (p && s->end[INNER_IN] != p) || s->permit.until <= clock))
		s = s->next_ws;
	return s;
}

/* Is it TCP, whole or the first part, to (from) a router's port? */
static bool of_router(const struct gate *g, const uint8_t *b, size_t n, enum inner_way way)
{
	struct ip4 ip;
	if (ip4_parse(b, n, &ip) != IP4_FINE || ip.total != n || ip.protocol != IP4_TCP || ip.fragment || ip.more || n < ip.header + TCP_HEADER)
		return false;
	uint32_t address = way == INNER_IN ? ip.destination : ip.source;
	uint16_t port = get16(&b[ip.header], way == INNER_IN ? 2 : 0);
	for (unsigned i = 0; i < g->conf.nrouters; i++)
		if (g->conf.router[i].address == address && g->conf.router[i].port == port)
			return true;
	return false;
}

void gate_plain(struct gate *g, struct view packet, time_t clock)
{
	const uint8_t *b = (const uint8_t *)packet.p;
	struct gate_session *s = packet.n < IP4_HEADER || !of_router(g, b, packet.n, INNER_OUT)
	                         ? NULL : of_workstation(g, get32(b, IP4_DESTINATION), NULL, clock);
	if (s)
		s->end[INNER_IN]->send(s->end[INNER_IN]->arg, packet);
	else
		g->stray++;
}

/* Of no session's inside address: to a router, perhaps. */
static void to_router(struct gate_peer *p, struct view v, time_t clock)
{
	const uint8_t *b = (const uint8_t *)v.p;
	if (p->way == INNER_IN && p->g->conf.plain && of_router(p->g, b, v.n, INNER_IN) &&
	    of_workstation(p->g, get32(b, IP4_SOURCE), p, clock))
		p->g->conf.plain(p->g->conf.arg, v);
	else
		p->g->stray++;
}

void gate_packet(struct gate_peer *p, struct view v, int64_t now, time_t clock)
{
	const uint8_t *b = (const uint8_t *)v.p;
	if (v.n < IP4_HEADER)
		return;
	struct gate_session *s = gate_session_at(p->g, get32(b, p->way == INNER_IN ? IP4_DESTINATION : IP4_SOURCE));
	if (!s)
		to_router(p, v, clock);
	else if (s->end[p->way] != p || !gate_is_open(s) || s->permit.until <= clock)
		p->g->stray++;
	else if (inner_judge(&s->inner, p->way, b, v.n, now) == INNER_PASS)
		go_on(p, s, v);
}
