/* talk.c - follows a profile.
 * A value that would go to the device with a control character in it is refused
 * (it could be a command of its own). */
#include "engine/talk.h"

#include "base/num.h"
#include "engine/talk_line.h"
#include "engine/talk_text.h"

#include <stdio.h>
#include <stdlib.h>

#define HOPS_MAX 64 /* enter rows that lead on without input */
#define DETAIL_MAX 8192

struct talk {
	struct talk_conf c;
	const struct profile_state *state;
	struct record fields;
	struct talk_text text;
	struct talk_line line;
	size_t said;    /* bytes in this state */
	uint64_t *tries; /* of each state, how often it was entered */
	uint64_t entered; /* states, in all */
	bool ended;
	int64_t deadline, settle;
};

struct talk *talk_new(const struct talk_conf *conf)
{
	struct talk *t = calloc(1, sizeof *t);
	uint64_t *tries = t ? calloc(conf->profile->states, sizeof *tries) : NULL;
	if (!tries) {
		free(t);
		return NULL;
	}
	t->c = *conf;
	t->tries = tries;
	t->deadline = t->settle = CLOCK_NEVER;
	record_init(&t->fields);
	talk_line_init(&t->line);
	talk_text_init(&t->text, conf->profile, conf->vars, &t->fields, conf->password);
	return t;
}

void talk_free(struct talk *t)
{
	if (!t)
		return;
	talk_text_clear(&t->text);
	record_clear(&t->fields);
	talk_line_clear(&t->line);
	free(t->tries);
	free(t);
}

/* A device may have filled the detail. */
static void end(struct talk *t, enum sp_exit status, int step, const char *detail)
{
	struct buf b;
	if (t->ended)
		return;
	t->ended = true;
	t->deadline = t->settle = CLOCK_NEVER;
	buf_init(&b, 2 * DETAIL_MAX);
	bool shown = blot_show(&t->text.blot, view_of(detail), &b) == 0 && buf_addc(&b, '\0') == 0;
	t->c.ops->end(t->c.arg, status, step, shown ? b.data : "(too long to be shown)", &t->fields);
	buf_clear(&b);
}

/* An end of the talk's own accord: the detail tells the state and what was seen. */
static void end_seen(struct talk *t, enum sp_exit status, const char *what)
{
	struct buf b;
	buf_init(&b, DETAIL_MAX);
	int step = t->state ? t->state->step : 0;
	buf_printf(&b, "%s in state %s of profile %s; seen last: ", what, talk_state(t), t->c.profile->name);
	blot_seen_show(&t->text.seen, &t->text.blot, &b);
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
	talk_line_told(&t->line, text);
	t->c.ops->send(t->c.arg, text);
}

/* False: what follows it is not done. Who is told may have hung up: then the talk
 * is on that way already. */
static bool act(struct talk *t, const struct profile_act *a, const struct talk_groups *g)
{
	const char *w[PROFILE_WORDS];
	uint64_t entered = t->entered;
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
	case DO_SET: record_set(&t->fields, w[0], w[1]); talk_text_tame(&t->text); break;
	case DO_FIELDS: talk_text_fields(w[0], &t->fields); talk_text_tame(&t->text); break;
	case DO_PROGRESS: t->c.ops->progress(t->c.arg, t->state->step, &t->fields); break;
	case DO_NOTE: t->c.ops->note(t->c.arg, number(w[0]), w[1]); break;
	case DO_READY: t->c.ops->ready(t->c.arg, &t->fields); break;
	case DO_FAIL: end(t, sp_exit_of(w[0]), number(w[1]), w[2]); break;
	case DO_DOWN: down(t, number(w[0])); break;
	case DO_DONE: end(t, SP_OK, 0, ""); break;
	}
	return !t->ended && t->entered == entered;
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

/* In it now, unless that has been too often: then its row for that, or NULL. */
static bool arrive(struct talk *t, const struct profile_state *to, int64_t now)
{
	bool same = t->state == to;
	t->entered++;
	t->state = to;
	t->said = 0;
	t->deadline = to->timeout == PROFILE_NEVER ? CLOCK_NEVER : now + to->timeout;
	if (!same && t->c.ops->state)
		t->c.ops->state(t->c.arg, to->name, to->step);
	return ++t->tries[to->number] <= to->tries;
}

static void enter(struct talk *t, const struct profile_state *to, int64_t now)
{
	struct talk_groups g = { .text = "" };
	for (unsigned hops = 0; to && !t->ended; hops++) {
		if (hops == HOPS_MAX) {
			end_seen(t, SP_USAGE, "goes in circles");
			return;
		}
		enum profile_on on = arrive(t, to, now) ? ON_ENTER : ON_SPENT;
		const struct profile_row *r = find(t, on, "", &g);
		if (!r && on == ON_SPENT) {
			end_seen(t, SP_TIMEOUT, "not what was expected, however often it was tried,");
			return;
		}
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
	const struct profile *p = t->c.profile;
	char text[128];
	for (unsigned i = 0; i < p->nneed; i++)
		if (!talk_text_has(&t->text, p->need[i])) {
			snprintf(text, sizeof text, "the profile needs %.64s=, which the record has not", p->need[i]);
			end(t, SP_RECORD, p->start->step, text);
			return;
		}
	enter(t, p->start, now);
}

/* A line; or, of a device that does not echo, what stands behind our prompt. */
static void whole_line(struct talk *t, int64_t now)
{
	char copy[TALK_LINE + 1];
	size_t from = t->line.from;
	bool usable = !t->line.too_long && view_str(buf_view(&t->line.text), copy, sizeof copy);
	bool echo = talk_line_is_echo(&t->line);
	talk_line_next(&t->line);
	if (usable && !echo && !try_row(t, ON_LINE, copy, now) && from)
		try_row(t, ON_LINE, copy + from, now);
	explicit_bzero(copy, sizeof copy);
}

/* What stands at the end and is no whole line yet: a prompt? */
static void try_prompt(struct talk *t, int64_t now)
{
	char copy[TALK_LINE + 1];
	struct view v = talk_line_part(&t->line);
	struct talk_groups g;
	t->settle = CLOCK_NEVER;
	if (t->ended || t->line.too_long || v.n == 0 || talk_line_echoing(&t->line) || !view_str(v, copy, sizeof copy))
		return;
	const struct profile_row *r = find(t, ON_PROMPT, copy, &g);
	if (r) {
		t->line.from = t->line.text.len;
		follow(t, r, &g, now);
	}
	explicit_bzero(copy, sizeof copy);
}

void talk_input(struct talk *t, struct view bytes, int64_t now)
{
	if (t->ended || !t->state)
		return;
	blot_seen_add(&t->text.seen, bytes);
	for (size_t i = 0; i < bytes.n && !t->ended; i++) {
		t->said++;
		if (talk_line_byte(&t->line, bytes.p[i]))
			whole_line(t, now);
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
	if (!t->ended && t->state)
		try_row(t, ON_CLOSED, "", now);
	if (!t->ended)
		end_seen(t, SP_PEER, "the device closed the session");
}

void talk_renewed(struct talk *t, int64_t now)
{
	if (!t->ended && t->state)
		try_row(t, ON_RENEWED, "", now);
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

const struct blot *talk_blot(const struct talk *t)
{
	return &t->text.blot;
}
