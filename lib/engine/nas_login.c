/* nas_login.c - the login of a session: a table of questions, then the verdict.
 * The filter says who it is and in which groups; whether that is enough for this
 * device is decided here. One try a connection; a refusal takes its time and
 * looks the same for an unknown user and a wrong password. */
#include "engine/nas_session.h"

#include "engine/party.h"
#include "wire/username.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *prompt;
	enum nas_phase next;
} questions[] = {
	[NAS_USER] = { "Username: ", NAS_PASSWORD },
	[NAS_PASSWORD] = { "Password: ", NAS_GROUP },
	[NAS_GROUP] = { "Group: ", NAS_VERDICT },
};

const char *nas_login_prompt(const struct nas_session *s)
{
	return questions[s->phase].prompt;
}

/* DOMAIN\user or user@realm. */
static bool take_user(struct nas_session *s, const char *line)
{
	struct username u = username_split(view_of(line));
	return u.user.n && view_str(u.user, s->name, sizeof s->name) && view_str(u.domain, s->domain, sizeof s->domain);
}

void nas_login_denied(struct nas_session *s, const char *why)
{
	struct record r = { 0 };
	if (record_set(&r, "op", "log") == 0 && record_set(&r, "step", "315") == 0 && record_set(&r, "event", "refused") == 0 &&
	    record_set(&r, "workstation", s->workstation) == 0 && record_set(&r, "detail", why) == 0 &&
	    party_note(stream_shown(s->peer), &r) == 0 && s->parent && chan_send(s->parent, &r) != 0)
		s->status = SP_SYSTEM;
	record_clear(&r);
}

void nas_login_certified(struct nas_session *s, const struct who *w)
{
	snprintf(s->name, sizeof s->name, "%s", w->user);
	snprintf(s->domain, sizeof s->domain, "%s", w->domain);
	snprintf(s->vouched, sizeof s->vouched, "%s", w->groups);
	s->certified = true;
	s->phase = NAS_GROUP;
	nas_send(s, "certified", NULL);
}

bool nas_login_holds(struct nas_session *s)
{
	const char *why = s->certified && s->peer ? stream_still(s->peer) : NULL;
	if (!why)
		return true;
	nas_log(s, 322, "refused", "detail", why);
	nas_tell(s, "ERROR denied 322 the certificate is not accepted any more\n");
	nas_end(s, REASON_ADMIN_RESET);
	return false;
}

static void ask_filter(struct nas_session *s)
{
	s->asked = clock_ms();
	nas_log(s, 317, "asked", "group", s->group[0] ? s->group : NULL);
	nas_send(s, "auth", "user", s->name, "domain", s->domain[0] ? s->domain : NULL, "password",
	         s->certified ? NULL : s->password.b, "group", s->group[0] ? s->group : NULL, "service",
	         s->certified ? "authorize" : "nas", "calling", s->workstation, NULL);
	secret_clear(&s->password);
}

static void refuse_now(void *arg)
{
	struct nas_session *s = arg;
	nas_print(s, "%sPermission denied.\n", s->refusal);
	nas_end(s, REASON_DENIED);
}

/* At the next multiple of the delay since the question, so that how long the check
 * took, and at which of its stages it ended, cannot be seen. */
static int64_t refusal_at(const struct nas_session *s)
{
	int64_t delay = s->conf->fail_delay, now = clock_ms(), since = s->asked ? now - s->asked : 0;
	return delay > 0 ? now - since + (since / delay + 1) * delay : now;
}

static void refuse(struct nas_session *s, enum sp_exit status, int step, const char *detail)
{
	s->phase = NAS_VERDICT;
	snprintf(s->refusal, sizeof s->refusal, "ERROR %s %d %s\n", sp_exit_name(status), step, detail);
	loop_at(s->loop, &s->later, refusal_at(s), refuse_now, s);
}

void nas_login_line(struct nas_session *s, const char *line)
{
	bool ok = true;
	switch (s->phase) {
	case NAS_USER: ok = take_user(s, line); break;
	case NAS_PASSWORD: ok = secret_set(&s->password, view_of(line)); break;
	default: ok = view_str(view_of(line), s->group, sizeof s->group); break;
	}
	if (!ok) {
		refuse(s, SP_DENIED, 316, "that is no name");
		return;
	}
	s->phase = questions[s->phase].next;
	if (s->phase != NAS_VERDICT)
		return;
	nas_log(s, 316, "credentials", "group", s->group[0] ? s->group : NULL);
	ask_filter(s);
}

/* Is one of the wanted groups in the comma-separated list of those he has - and, when
 * he named one, that one; and, when he has shown a certificate, in that, too? */
static bool member(struct nas_session *s, const char *const *want, unsigned n)
{
	struct view rest = view_of(s->groups), part;
	while (view_split(&rest, ',', &part))
		for (unsigned i = 0; i < n; i++)
			if (part.n && view_is(part, want[i]) && (!s->certified || view_listed(view_of(s->vouched), part)) && (!s->group[0] || view_is(part, s->group)))
				return true;
	return false;
}

static void printable(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == '\x7f')
			*s = ' ';
}

static void failed(struct nas_session *s, struct record *r)
{
	const char *word = record_str(r, "error"), *detail = record_str(r, "detail");
	enum sp_exit status = word ? sp_exit_of(word) : SP_DENIED;
	char text[256];
	if (status == SP_DENIED) {
		nas_log(s, 320, "refused", "error", "denied");
		refuse(s, SP_DENIED, 320, "not accepted");
		return;
	}
	snprintf(text, sizeof text, "%s", detail ? detail : "no verdict");
	printable(text);
	nas_log(s, 320, "no-verdict", "detail", text);
	refuse(s, status, 317, text);
}

void nas_login_verdict(struct nas_session *s, struct record *r)
{
	if (!view_is(record_get(r, "decision"), "accept") || record_has(r, "error")) {
		failed(s, r);
		return;
	}
	if (!view_str(record_get(r, "groups"), s->groups, sizeof s->groups))
		s->groups[0] = '\0';
	nas_log(s, 320, "accepted", "groups", s->groups);
	if (!member(s, s->conf->group, s->conf->ngroup)) {
		nas_log(s, 321, "checked", "permitted", "no");
		nas_log(s, 322, "refused", "groups", s->groups);
		refuse(s, SP_DENIED, 322, "this group may not use this device");
		return;
	}
	s->may_dial = member(s, s->conf->dial_group, s->conf->ndial_group);
	nas_log(s, 321, "checked", "permitted", s->may_dial ? "device,dial" : "device");
	s->phase = NAS_COMMAND;
	nas_quiet_in(s, s->conf->idle);
	nas_print(s, "Permission granted.\n");
	nas_prompt(s);
}
