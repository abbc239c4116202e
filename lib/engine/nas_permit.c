/* nas_permit.c - the permit of a session (wire/permit.h): what the router reads in it
 * without asking anybody, and the end of the call when it ends. Refuses one that names
 * another router, user, workstation or session, or whose time to connect is over. One
 * given during the call must be of the same session; it puts the end off. */
#include "engine/nas_permit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#define SKEW 60 /* seconds that the monitor's clock may be ahead */

static bool of_workstation(const struct nas_session *s, const struct permit *p)
{
	struct in_addr a;
	return inet_pton(AF_INET, s->workstation, &a) == 1 && ntohl(a.s_addr) == p->workstation;
}

static bool of_user(const struct nas_session *s, const struct permit *p)
{
	char name[2 * NAS_WORD + 1];
	int n = snprintf(name, sizeof name, "%s%s%s", s->domain, s->domain[0] ? "\\" : "", s->name);
	return permit_is(&p->user, (struct view){ name, (size_t)n });
}

static const char *refusal(const struct nas_session *s, const struct permit *p, time_t now)
{
	if (!permit_is(&p->router, view_of(s->conf->name)))
		return "the permit is for another router";
	if (!of_user(s, p))
		return "the permit is for another user";
	if (!of_workstation(s, p))
		return "the permit is for another workstation";
	if (s->call && strcmp(s->permit.session, p->session) != 0)
		return "the permit is for another session";
	if (s->call && p->until < s->permit.until)
		return "the permit ends before the one that the call has";
	return permit_due(p, now, now + SKEW);
}

static void take(struct nas_session *s, const char *text, const struct permit *p)
{
	s->permit = *p;
	secret_set(&s->permit_text, view_of(text));
	if (s->call)
		nas_permit_begin(s);
	if (s->call && !s->secret.n)
		nas_call_renew(s->call, &s->permit_text);
	nas_print(s, "OK permit set\n");
}

void nas_permit_line(struct nas_session *s, const char *text)
{
	struct permit p = { 0 };
	const char *why = NULL;
	if (strlen(text) > PERMIT_TEXT_MAX)
		why = "not a permit";
	else if (s->conf->npermit_key && permit_read(view_of(text), s->conf->permit_key, s->conf->npermit_key, &p, &why) == 1)
		why = refusal(s, &p, time(NULL));
	if (!why) {
		take(s, text, &p);
		return;
	}
	nas_log(s, 324, "permit-refused", "detail", why);
	nas_error(s, SP_DENIED, 324, why);
}

const char *nas_permit_refusal(struct nas_session *s, const char *dial)
{
	if (s->conf->npermit_key == 0)
		return NULL;
	if (s->permit.sequence == 0)
		return "nothing is dialed without a permit";
	if (s->session[0] && strcmp(s->session, s->permit.session) != 0)
		return "the permit is for another session";
	if (!permit_dials(&s->permit, view_of(dial)))
		return "the permit is for another dial string";
	snprintf(s->session, sizeof s->session, "%s", s->permit.session);
	time_t now = time(NULL);
	return permit_due(&s->permit, now, now + SKEW);
}

static void ended(void *arg)
{
	struct nas_session *s = arg;
	if (!s->call)
		return;
	if (time(NULL) < s->permit.until) { /* the clock was set back */
		nas_permit_begin(s);
		return;
	}
	nas_log(s, 326, "permit-ended", NULL, NULL);
	nas_call_close(s->call, REASON_SESSION_TIMEOUT);
}

void nas_permit_begin(struct nas_session *s)
{
	int64_t left = s->permit.until - time(NULL);
	if (s->permit.sequence)
		loop_at(s->loop, &s->permit_end, clock_deadline(left > 0 ? left * 1000 : 0), ended, s);
}

void nas_permit_forget(struct nas_session *s)
{
	loop_cancel(s->loop, &s->permit_end);
	secret_clear(&s->permit_text);
	s->permit = (struct permit){ 0 };
}
