/* ras_permit.c - permits as passwords. Refuses one that is for another system, user or
 * router, whose number is not above all that were taken, or whose time to connect is
 * over. A clock that is before what is known already (its battery is dead) says nothing:
 * the time is then what the signed permit says, if that is not too far ahead. */
#include "engine/ras_permit.h"

#include "base/num.h"
#include "engine/spent.h"

#include <arpa/inet.h>
#include <errno.h>

#define NEVER_BEFORE 1767225600 /* 2026-01-01: no permit is older, nor any clock that runs */

static const char *not_for(const struct ras_permit_conf *conf, const struct ras_caller *c, const struct permit *p)
{
	if (!permit_is(&p->serial, view_of(conf->serial)))
		return "the permit is for another system";
	if (!permit_is(&p->user, view_of(c->user)))
		return "the permit is for another user";
	return permit_is(&p->router, view_of(c->router)) ? NULL : "the permit is for another router";
}

static time_t known_of(const struct spent *s)
{
	return s->time > NEVER_BEFORE ? s->time : NEVER_BEFORE;
}

/* *now: the time by which it is judged. By a clock that may be wrong it is not earlier
 * than the permit is, nor later than it may be used. */
static const char *not_due(const struct ras_permit_conf *conf, const struct permit *p, time_t clock, time_t known, time_t *now)
{
	if (clock >= known) {
		*now = clock < p->issued ? p->issued : clock > p->connect_by ? p->connect_by : clock;
		return permit_due(p, clock - conf->skew, clock + conf->skew);
	}
	*now = p->issued > known ? p->issued : known;
	return permit_due(p, *now, known + conf->trust);
}

static const char *refusal(const struct ras_permit_conf *conf, const struct permit *p, time_t clock, const struct spent *s, time_t *now)
{
	return p->sequence <= s->sequence ? "the permit was used before" : not_due(conf, p, clock, known_of(s), now);
}

static enum sp_exit use(const struct ras_permit_conf *conf, const struct permit *p, time_t clock, struct ras_permit *link,
                        const char **why)
{
	struct spent s;
	time_t now = clock;
	enum sp_exit status = SP_SYSTEM;
	if (spent_open(&s, conf->state) != 0) {
		*why = errno == EBADMSG ? "the file of used permits is damaged" : "unable to read which permits were used";
		return status;
	}
	*why = refusal(conf, p, clock, &s, &now);
	if (*why) {
		status = SP_DENIED;
	} else if (spent_store(&s, p->sequence, now > s.time ? now : s.time) != 0) {
		*why = "unable to store that the permit is used";
	} else {
		*link = (struct ras_permit){ *p, now };
		status = SP_OK;
	}
	spent_close(&s);
	return status;
}

enum sp_exit ras_permit(const struct ras_permit_conf *conf, const struct ras_caller *c, struct view text, time_t clock,
                        struct ras_permit *link, const char **why)
{
	struct permit p;
	if (permit_read(text, conf->key, conf->n, &p, why) != 1)
		return SP_DENIED;
	*why = not_for(conf, c, &p);
	if (!*why && link->p.sequence && strcmp(link->p.session, p.session) != 0)
		*why = "the permit is for another session";
	if (*why)
		return SP_DENIED;
	return link->p.sequence == p.sequence ? SP_OK : use(conf, &p, clock, link, why);
}

int64_t ras_permit_left(const struct ras_permit *link)
{
	return link->p.until - link->began;
}

int ras_permit_record(const struct ras_permit_conf *conf, const struct ras_permit *link, struct record *r)
{
	char a[INET_ADDRSTRLEN], inside[INET_ADDRSTRLEN], until[TIME_TEXT], ports[PORTS_TEXT];
	const struct permit_name *ticket = &link->p.ticket;
	struct view number = { (const char *)ticket->b, ticket->hashed ? 0 : ticket->n }; /* of a hash nobody could read it */
	inet_ntop(AF_INET, &(struct in_addr){ htonl(link->p.workstation) }, a, sizeof a);
	time_text(link->p.until, until);
	ports_write(&link->p.ports, ports);
	if (link->p.inside && (!inet_ntop(AF_INET, &(struct in_addr){ htonl(link->p.inside) }, inside, sizeof inside) || record_set(r, "inside", inside) != 0))
		return -1;
	if (record_set(r, "session", link->p.session) != 0 || record_set(r, "serial", conf->serial) != 0 ||
	    record_set(r, "workstation", a) != 0 || (number.n && record_setv(r, view_of("ticket"), number) != 0) || (!link->p.ports.all && record_set(r, "ports", ports) != 0))
		return -1;
	return record_set(r, "until", until);
}
