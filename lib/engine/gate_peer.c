/* gate_peer.c - ends of tunnels come and go, permits end; and sessions with them. */
#include "engine/gate_impl.h"

#include <errno.h>
#include <stdlib.h>

/* fn says why a session ends, or NULL. The earliest end of those that stay. */
static time_t each(struct gate *g, const char *(*fn)(const struct gate_session *s, const void *arg), const void *arg)
{
	time_t next = 0;
	for (unsigned i = 0; i < GATE_ROWS; i++)
		for (struct gate_session *s = g->row[i], *after; s; s = after) {
			const char *why = fn(s, arg);
			after = s->next;
			if (!why && (!next || s->permit.until < next))
				next = s->permit.until;
			if (why)
				gate_session_end(g, s, why);
		}
	return next;
}

static const char *is_over(const struct gate_session *s, const void *arg)
{
	const time_t *clock = arg;
	return s->permit.until <= *clock ? "permit-ended" : NULL;
}

time_t gate_expire(struct gate *g, time_t clock)
{
	return each(g, is_over, &clock);
}

static struct gate_peer *peer_new(struct gate *g, const struct who *who, void *arg)
{
	struct gate_peer *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	*p = (struct gate_peer){ .next = g->peers, .g = g, .who = *who, .arg = arg, .send = g->conf.send,
	                         .way = who->role == ROLE_LOGIN ? INNER_IN : INNER_OUT };
	g->peers = p;
	return p;
}

struct gate_peer *gate_peer_new(struct gate *g, const struct who *who, void *arg)
{
	if (who->role != ROLE_PROCESSOR && who->role != ROLE_LOGIN) {
		errno = EPERM;
		return NULL;
	}
	return peer_new(g, who, arg);
}

struct gate_peer *gate_peer_local(struct gate *g, const char *name, void (*send)(void *arg, struct view datagram), void *arg)
{
	struct who who = { .role = ROLE_LOGIN };
	view_str(view_of(name), who.name, sizeof who.name);
	struct gate_peer *p = peer_new(g, &who, arg);
	if (p) {
		p->local = true;
		p->send = send;
	}
	return p;
}

static const char *has_end(const struct gate_session *s, const void *arg)
{
	return s->end[INNER_IN] == arg || s->end[INNER_OUT] == arg ? "tunnel-down" : NULL;
}

void gate_peer_free(struct gate_peer *p)
{
	if (!p)
		return;
	struct gate_peer **at = &p->g->peers;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->gone = true;
	each(p->g, has_end, p);
	free(p);
}
