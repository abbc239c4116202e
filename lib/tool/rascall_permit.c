/* rascall_permit.c - the permit of a call: taken as the password, the end of the link
 * when it ends, and a later one that puts that off; and whose packets it lets in. */
#include "tool/rascall_impl.h"

#include "base/ration.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define AFTER_ROUTER 2     /* s: it ends the call when the permit does, and tells its user why; we see to it */
#define RENEWAL_EVERY 1000 /* ms */
#define RENEWALS_AT_ONCE 4

/* When it begins like one, or when it could be nothing else. */
bool call_is_permit(const struct call *c, const struct ppp_check *k)
{
	return k->method == PPP_PAP && c->conf->permit.n && (c->conf->no_password || permit_looks(k->password));
}

static void permit_ended(void *arg)
{
	struct call *c = arg;
	tool_log(RAS_VERDICT, "permit ended", "user", c->caller.user, "session", c->permit.p.session, NULL);
	call_fails(c, SP_TIMEOUT, RAS_VERDICT, "the permit has ended");
	ppp_close(c->ppp, clock_ms(), PPP_CLOSED);
	pppio_touch(&c->io);
}

/* To sp-gate, which shows it to the gateway, and what it says. */
static void pass_on(struct call *c, struct view text)
{
	struct record *r = &c->s->rec;
	record_drop(r, "ports"); /* none: all */
	if (record_setv(r, view_of("permit"), text) != 0 || ras_permit_record(&c->conf->permit, &c->permit, r) != 0)
		tool_say("unable to pass the permit on: out of memory");
	else if (c->ready)
		hold_renewed(c->s);
}

enum sp_exit call_permit(struct call *c, struct view text, const char **why)
{
	uint32_t before = c->permit.p.sequence;
	enum sp_exit status = ras_permit(&c->conf->permit, &c->caller, text, time(NULL), &c->permit, why);
	if (status == SP_SYSTEM)
		tool_say("%s: %s: %s", c->conf->permit.state, *why, strerror(errno));
	if (status == SP_OK && c->permit.p.sequence != before && c->conf->ngateways)
		pass_on(c, text);
	if (status == SP_OK && c->permit.p.sequence != before) /* the same once more puts nothing off */
		loop_at(c->s->loop, &c->permit_end, clock_deadline((ras_permit_left(&c->permit) + AFTER_ROUTER) * 1000), permit_ended, c);
	return status;
}

bool call_permit_again(void *arg, const struct ppp_check *k)
{
	struct call *c = arg;
	const char *why = NULL;
	char until[TIME_TEXT];
	uint32_t before = c->permit.p.sequence;
	if (!before || !call_is_permit(c, k))
		return true; /* the verdict of before */
	if (!ration_take(&c->renewals, clock_ms(), RENEWAL_EVERY, RENEWALS_AT_ONCE))
		return false;
	bool ok = call_permit(c, k->password, &why) == SP_OK;
	if (ok && c->permit.p.sequence == before)
		return true;
	time_text(c->permit.p.until, until);
	if (++c->again > CALL_AGAIN_LOGGED && !ok)
		return false;
	tool_log(ok ? RAS_AUTHENTICATED : RAS_VERDICT, ok ? "renewed" : "not renewed", "user", c->caller.user, "session",
	         c->permit.p.session, "until", until, "detail", why, NULL);
	return ok;
}

static bool may_send(const struct call *c, struct in_addr from)
{
	for (unsigned i = 0; i < c->conf->ngateways; i++)
		if (from.s_addr == c->conf->gateway[i].s_addr)
			return true;
	return !c->conf->ngateways &&
	       (!c->permit.p.sequence || from.s_addr == c->peer.s_addr || ntohl(from.s_addr) == c->permit.p.workstation);
}

/* The gateways. Without any the workstation that the monitor has signed for, and the caller itself: a router that lets
 * others in, or is not what it seems, reaches nothing with their addresses. Without a permit
 * nobody has said which these are. */
bool call_source(struct call *c, const uint8_t *ip)
{
	struct in_addr from;
	char text[INET_ADDRSTRLEN];
	memcpy(&from, ip + 12, sizeof from);
	if (may_send(c, from))
		return true;
	if (c->foreign++ == 0)
		tool_log(RAS_ADDRESS, "packet dropped", "user", c->caller.user, "from", inet_ntop(AF_INET, &from, text, sizeof text), "detail",
		         c->conf->ngateways ? "it is not from a gateway" : "it is not from the permit's workstation", NULL);
	return false;
}
