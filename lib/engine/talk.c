/* talk.c - follows a profile.
 * A value that would go to the device with a control character in it is refused
 * (it could be a command of its own). Backspaces and lone CRs redraw a line, as
 * devices do that wrap their echo. */
#include "engine/talk.h"

#include "base/num.h"
#include "engine/talk_text.h"

#include <errno.h>
#include <stdlib.h>

#define SEEN_MAX (TALK_SEEN + SECRET_MAX)
#define HOPS_MAX 64 /* enter rows that lead on without input */

struct talk {
	struct talk_conf c;
	const struct profile_state *state;
	struct record fields;
	struct talk_text text;
	struct buf line, seen;
	struct buf told; /* what was sent last: its echo is no answer */
	size_t from;    /* where what follows the last prompt begins in line */
	size_t said;    /* bytes in this state */
	bool cr, long_line, ended, ready;
	int64_t deadline, settle;
};

struct talk *talk_new(const struct talk_conf *conf)
{
	struct talk *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->c = *conf;
	t->deadline = t->settle = CLOCK_NEVER;
	record_init(&t->fields);
	buf_init(&t->line, TALK_LINE);
	buf_init(&t->seen, 2 * SEEN_MAX);
	buf_init(&t->told, TALK_LINE);
	talk_text_init(&t->text, conf->profile, conf->vars, &t->fields, conf->password);
	return t;
}

void talk_free(struct talk *t)
{
	if (!t)
		return;
	talk_text_clear(&t->text);
	record_clear(&t->fields);
	struct buf *wiped[] = { &t->line, &t->seen, &t->told };
	for (unsigned i = 0; i < sizeof wiped / sizeof *wiped; i++) {
		if (wiped[i]->data)
			explicit_bzero(wiped[i]->data, wiped[i]->cap);
		buf_clear(wiped[i]);
	}
	free(t);
}

static void end(struct talk *t, enum sp_exit status, int step, const char *detail)
{
	if (t->ended)
		return;
	t->ended = true;
	t->deadline = t->settle = CLOCK_NEVER;
	t->c.ops->end(t->c.arg, status, step, detail, &t->fields);
}

/* An end of the talk's own accord: the detail tells the state and what was seen. */
static void end_seen(struct talk *t, enum sp_exit status, const char *what)
{
	struct buf b;
	buf_init(&b, 8192);
	int step = t->state ? t->state->step : 0;
	buf_printf(&b, "%s in state %s of profile %s; seen last: ", what, talk_state(t), t->c.profile->name);
	talk_seen(t, &b);
	bool whole = buf_addc(&b, '\0') == 0;
	end(t, status, step, whole ? b.data : what);
	buf_clear(&b);
}

static int number(const char *s)
{
	uint64_t n;
	return num_u64(view_of(s), 0, 999, &n) ? (int)n : 0;
}

static void down(struct talk *t, int step)
{
	const char *error = record_str(&t->fields, "error"), *told = record_str(&t->fields, "step");
	const char *detail = record_str(&t->fields, "detail"), *reason = record_str(&t->fields, "reason");
	if (told && number(told))
		step = number(told);
	end(t, error ? sp_exit_of(error) : SP_OK, step, detail ? detail : reason ? reason : "the call is down");
}

static void tell(struct talk *t, struct view text)
{
	struct view line = text;
	line.n -= text.n && text.p[text.n - 1] == '\n';
	t->told.len = 0;
	if (buf_addv(&t->told, line) != 0)
		t->told.len = 0;
	t->c.ops->send(t->c.arg, text);
}

static bool act(struct talk *t, const struct profile_act *a, const struct talk_groups *g)
{
	const char *w[PROFILE_WORDS];
	for (unsigned i = 0; i < PROFILE_WORDS; i++) {
		w[i] = a->word[i] ? talk_text_expand(&t->text, i, a->word[i], g, a->verb == DO_SEND || a->verb == DO_PUT) : "";
		if (!w[i]) {
			end(t, SP_RECORD, t->state->step, talk_text_why(&t->text));
			return false;
		}
	}
	switch (a->verb) {
	case DO_SEND: tell(t, talk_text_line(&t->text)); break;
	case DO_PUT: tell(t, view_of(w[0])); break;
	case DO_SET: record_set(&t->fields, w[0], w[1]); break;
	case DO_FIELDS: talk_text_fields(w[0], &t->fields); break;
	case DO_PROGRESS: t->c.ops->progress(t->c.arg, t->state->step, &t->fields); break;
	case DO_NOTE: t->c.ops->note(t->c.arg, number(w[0]), w[1]); break;
	case DO_READY: t->c.ops->ready(t->c.arg, &t->fields); break;
	case DO_FAIL: end(t, sp_exit_of(w[0]), number(w[1]), w[2]); break;
	case DO_DOWN: down(t, number(w[0])); break;
	case DO_DONE: end(t, SP_OK, 0, ""); break;
	}
	return !t->ended;
}

static bool condition(struct talk *t, const struct profile_row *r)
{
	return !r->cond || talk_text_has(&t->text, r->cond) != r->unless;
}

static void enter(struct talk *t, const struct profile_state *to, int64_t now);

/* Follows a row that applies. */
static void follow(struct talk *t, const struct profile_row *r, const struct talk_groups *g, int64_t now)
{
	for (const struct profile_act *a = r->act; a; a = a->next)
		if (!act(t, a, g))
			return;
	if (r->to)
		enter(t, r->to, now);
}

static const struct profile_row *find(struct talk *t, enum profile_on on, const char *text, struct talk_groups *g)
{
	const struct profile_state *where[] = { t->state, &t->c.profile->any };
	for (unsigned i = 0; i < 2; i++)
		for (const struct profile_row *r = where[i]->row; r; r = r->next) {
			if (r->on != on || !condition(t, r))
				continue;
			g->text = text;
			if (!r->compiled || regexec(&r->re, text, TALK_GROUPS, g->at, 0) == 0)
				return r;
		}
	return NULL;
}

static void enter(struct talk *t, const struct profile_state *to, int64_t now)
{
	struct talk_groups g = { .text = "" };
	for (unsigned hops = 0; to && !t->ended; hops++) {
		if (hops == HOPS_MAX) {
			end_seen(t, SP_USAGE, "goes in circles");
			return;
		}
		t->state = to;
		t->said = 0;
		t->deadline = to->timeout == PROFILE_NEVER ? CLOCK_NEVER : now + to->timeout;
		const struct profile_row *r = find(t, ON_ENTER, "", &g);
		to = r ? r->to : NULL;
		for (const struct profile_act *a = r ? r->act : NULL; a; a = a->next)
			if (!act(t, a, &g))
				return;
	}
}

static bool try_row(struct talk *t, enum profile_on on, const char *text, int64_t now)
{
	struct talk_groups g;
	const struct profile_row *r = find(t, on, text, &g);
	if (r)
		follow(t, r, &g, now);
	return r != NULL;
}

void talk_start(struct talk *t, int64_t now)
{
	enter(t, t->c.profile->start, now);
}

/* A line; or, of a device that does not echo, what stands behind our prompt. */
static void whole_line(struct talk *t, int64_t now)
{
	char copy[TALK_LINE + 1];
	bool usable = !t->long_line && view_str(buf_view(&t->line), copy, sizeof copy);
	size_t from = t->from;
	t->line.len = t->from = 0;
	t->long_line = false;
	if (usable && !try_row(t, ON_LINE, copy, now) && from && !view_eq(view_of(copy + from), buf_view(&t->told)))
		try_row(t, ON_LINE, copy + from, now);
	explicit_bzero(copy, sizeof copy);
}

static void byte(struct talk *t, char c, int64_t now)
{
	if (t->cr && c != '\n' && c != '\r')
		t->line.len = t->from = 0;
	if (c == '\n') {
		t->cr = false;
		whole_line(t, now);
		return;
	}
	t->cr = c == '\r';
	if (c == '\b' && t->line.len > t->from)
		t->line.len--;
	else if ((unsigned char)c >= ' ' && buf_addc(&t->line, c) != 0)
		t->long_line = true;
}

/* What stands at the end and is no whole line yet: a prompt? */
static void try_prompt(struct talk *t, int64_t now)
{
	char copy[TALK_LINE + 1];
	struct view v = { t->line.data ? t->line.data + t->from : NULL, t->line.len - t->from };
	t->settle = CLOCK_NEVER;
	if (t->ended || t->long_line || v.n == 0 || !view_str(v, copy, sizeof copy))
		return;
	size_t at = t->line.len;
	struct talk_groups g;
	const struct profile_row *r = find(t, ON_PROMPT, copy, &g);
	if (r) {
		t->from = at;
		follow(t, r, &g, now);
	}
	explicit_bzero(copy, sizeof copy);
}

static void remember(struct talk *t, struct view v)
{
	if (v.n > SEEN_MAX)
		v = (struct view){ v.p + v.n - SEEN_MAX, SEEN_MAX };
	if (t->seen.len + v.n > 2 * SEEN_MAX)
		buf_consume(&t->seen, t->seen.len + v.n - SEEN_MAX);
	if (buf_addv(&t->seen, v) != 0)
		t->seen.len = 0;
}

void talk_input(struct talk *t, struct view bytes, int64_t now)
{
	if (t->ended)
		return;
	remember(t, bytes);
	for (size_t i = 0; i < bytes.n && !t->ended; i++) {
		byte(t, bytes.p[i], now);
		t->said++;
	}
	if (t->ended)
		return;
	if (t->said > TALK_STATE && t->state->timeout != PROFILE_NEVER)
		end_seen(t, SP_PEER, "the device goes on for ever");
	else if (t->c.profile->settle)
		t->settle = now + t->c.profile->settle;
	else
		try_prompt(t, now);
}

void talk_tick(struct talk *t, int64_t now)
{
	if (t->ended)
		return;
	if (now >= t->settle)
		try_prompt(t, now);
	if (t->ended || now < t->deadline)
		return;
	t->deadline = CLOCK_NEVER;
	if (!try_row(t, ON_TIMEOUT, "", now))
		end_seen(t, SP_TIMEOUT, "nothing that was expected");
}

void talk_closed(struct talk *t, int64_t now)
{
	if (t->ended)
		return;
	if (t->settle != CLOCK_NEVER)
		try_prompt(t, now);
	if (!t->ended && !try_row(t, ON_CLOSED, "", now))
		end_seen(t, SP_PEER, "the device closed the session");
	if (!t->ended)
		end_seen(t, SP_PEER, "the device closed the session");
}

void talk_hangup(struct talk *t, int64_t now)
{
	if (t->state)
		enter(t, t->c.profile->hangup, now);
	else
		end(t, SP_OK, 0, "");
}

int64_t talk_deadline(const struct talk *t)
{
	return t->settle < t->deadline ? t->settle : t->deadline;
}

bool talk_ended(const struct talk *t)
{
	return t->ended;
}

const char *talk_state(const struct talk *t)
{
	return t->state ? t->state->name : "none";
}

void talk_seen(const struct talk *t, struct buf *out)
{
	talk_text_blot(&t->text, buf_view(&t->seen), TALK_SEEN, out);
}
