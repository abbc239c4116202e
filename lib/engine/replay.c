/* replay.c - replays transcripts.
 * The deadlines of a talk pass where they did, by the times of the records: before
 * what the device said later, unless that record says that it was late. */
#include "engine/replay_impl.h"

#include "base/num.h"
#include "engine/talk.h"
#include "engine/transcript.h"

#include <stdio.h>
#include <stdlib.h>

#define TICKS_MAX 20000 /* in all, of one transcript */

static size_t following(const struct replay *r, size_t i)
{
	while (i < r->n && r->row[i].call != r->now)
		i++;
	return i;
}

static const char *value(struct replay *r, const char *key)
{
	const char *s = r->next < r->n ? record_str(&r->row[r->next].rec, key) : NULL;
	return s ? s : "";
}

static void differ(struct replay *r, const char *does, const char *what, const char *there)
{
	if (r->got.line)
		return;
	r->got.line = r->next < r->n ? r->row[r->next].line : r->row[r->n - 1].line;
	snprintf(r->got.why, sizeof r->got.why, "in state %s the profile %s%s%.300s%s; the transcript has %.400s", talk_state(r->talk),
	         does, *what ? " \"" : "", what, *what ? "\"" : "", there);
}

/* What the transcript has next, for people. */
static const char *there(struct replay *r)
{
	static const char *const keys[] = { "dir", "text", "event", "status", "step", "word" };
	size_t n = 0, size = sizeof r->there;
	if (r->next == r->n)
		return "no more";
	for (unsigned i = 0; i < 6 && n < size - 64; i++) {
		struct field *f = record_find(&r->row[r->next].rec, view_of(keys[i]));
		if (f) /* as it stands there, escapes and all */
			n += (size_t)snprintf(r->there + n, size - n, "%s%s=%.*s", n ? " " : "", keys[i],
			                      (int)(f->raw.n < size - n - 32 ? f->raw.n : size - n - 32), f->raw.p);
	}
	return r->there;
}

static void skip_states(struct replay *r)
{
	while (r->next < r->n && *value(r, "state"))
		r->next = following(r, r->next + 1);
}

/* The next record has to be this one; then it is taken. */
static void expect(struct replay *r, const char *does, const char *what, bool same)
{
	if (r->got.line)
		return;
	if (!same)
		differ(r, does, what, there(r));
	else
		r->next = following(r, r->next + 1);
}

static void on_send(void *arg, struct view text)
{
	struct replay *r = arg;
	struct buf want;
	char shown[512];
	skip_states(r);
	buf_init(&want, 2 * RECORD_LINE_MAX);
	transcript_bytes(view_of(value(r, "text")), &want);
	snprintf(shown, sizeof shown, "%.*s", (int)(text.n > 400 ? 400 : text.n), text.p);
	shown[strcspn(shown, "\n")] = '\0';
	expect(r, "sends", shown, strcmp(value(r, "dir"), "out") == 0 && view_eq(buf_view(&want), text));
	buf_clear(&want);
}

static bool event_is(struct replay *r, const char *event, int step)
{
	uint64_t n = 0;
	skip_states(r);
	num_u64(view_of(value(r, "step")), 0, 999, &n);
	return strcmp(value(r, "event"), event) == 0 && (int)n == step;
}

static void on_note(void *arg, int step, const char *word)
{
	struct replay *r = arg;
	expect(r, "notes", word, event_is(r, "note", step) && strcmp(value(r, "word"), word) == 0);
}

/* Are the fields those that the record has as f.KEY? detail= is for people. */
static bool same_fields(struct replay *r, struct record *fields)
{
	struct record *rec = r->next < r->n ? &r->row[r->next].rec : NULL;
	size_t there = 0, here = 0;
	bool same = rec != NULL;
	for (size_t i = 0; rec && i < rec->n; i++)
		there += view_starts(rec->field[i].key, "f.") && !view_is(rec->field[i].key, "f.detail");
	for (size_t i = 0; same && i < fields->n; i++) {
		if (view_is(fields->field[i].key, "detail"))
			continue;
		here++;
		char key[160];
		struct buf want;
		struct view k = fields->field[i].key;
		buf_init(&want, 2 * RECORD_LINE_MAX);
		snprintf(key, sizeof key, "f.%.*s", (int)(k.n > 100 ? 100 : k.n), k.p);
		transcript_bytes(view_of(value(r, key)), &want);
		same = record_has(rec, key) && view_eq(buf_view(&want), field_value(fields, &fields->field[i]));
		buf_clear(&want);
	}
	return same && there == here;
}

static void on_progress(void *arg, int step, struct record *f)
{
	struct replay *r = arg;
	const char *state = record_str(f, "state");
	expect(r, "tells progress", state ? state : "", event_is(r, "progress", step) && same_fields(r, f));
}

static void on_ready(void *arg, struct record *f)
{
	struct replay *r = arg;
	expect(r, "is ready", "", event_is(r, "ready", 0) && same_fields(r, f));
}

static void on_end(void *arg, enum sp_exit status, int step, const char *detail, struct record *f)
{
	struct replay *r = arg;
	char what[512];
	(void)f;
	snprintf(what, sizeof what, "%s, step %d: %.400s", sp_exit_name(status), step, detail);
	expect(r, "ends with", what, event_is(r, "end", step) && strcmp(value(r, "status"), sp_exit_name(status)) == 0);
	r->ended = true;
}

static const struct talk_ops ops = { on_send, NULL, on_note, on_progress, on_ready, on_end };

/* Deadlines up to this time pass: at theirs, or at it. */
static void ticks(struct replay *r, int64_t to, bool at_theirs)
{
	while (!r->ended && !r->got.line && talk_deadline(r->talk) <= to && r->ticks++ < TICKS_MAX)
		talk_tick(r->talk, at_theirs ? talk_deadline(r->talk) : to);
}

static void said(struct replay *r, struct row *row)
{
	struct buf b;
	buf_init(&b, 2 * RECORD_LINE_MAX);
	transcript_bytes(record_get(&row->rec, "text"), &b);
	talk_input(r->talk, buf_view(&b), row->at);
	buf_clear(&b);
}

static bool from_outside(struct row *row)
{
	static const char *const events[] = { "open", "hangup", "closed", "lost", "renewed" };
	const char *dir = record_str(&row->rec, "dir"), *event = record_str(&row->rec, "event");
	for (unsigned i = 0; event && i < 5; i++)
		if (strcmp(event, events[i]) == 0)
			return true;
	return dir && strcmp(dir, "in") == 0;
}

/* What happened to the talk from outside: true when the record is such a thing. */
static bool happened(struct replay *r, struct row *row)
{
	bool in = strcmp(value(r, "dir"), "in") == 0, hangup = strcmp(value(r, "event"), "hangup") == 0;
	bool lost = strcmp(value(r, "event"), "lost") == 0, open = strcmp(value(r, "event"), "open") == 0;
	bool renewed = strcmp(value(r, "event"), "renewed") == 0;
	if (!from_outside(row))
		return false;
	if (!*value(r, "late"))
		ticks(r, row->at, true);
	if (r->got.line)
		return true;
	r->next = following(r, r->next + 1);
	if (lost)
		r->next = r->n; /* the network's end is not the profile's */
	else if (r->ended)
		return true;
	else if (open && strcmp(talk_state(r->talk), "none") == 0)
		talk_start(r->talk, row->at);
	else if (in)
		said(r, row);
	else if (hangup)
		talk_hangup(r->talk, row->at);
	else if (renewed)
		talk_renewed(r->talk, row->at);
	else if (!open)
		talk_closed(r->talk, row->at);
	return true;
}

/* The profile has to do something: now, or when its next deadline passes, if that
 * is before anything else happens. */
static void wait_for_it(struct replay *r, struct row *row)
{
	size_t was = r->next, i = was;
	ticks(r, row->at, false);
	while (i < r->n && !from_outside(&r->row[i]))
		i = following(r, i + 1);
	int64_t until = i < r->n ? r->row[i].at : INT64_MAX / 2;
	while (r->next == was && !r->ended && !r->got.line && talk_deadline(r->talk) <= until && r->ticks++ < TICKS_MAX)
		talk_tick(r->talk, talk_deadline(r->talk));
}

static void follow(struct replay *r)
{
	r->next = following(r, r->next + 1); /* behind the one that begins it */
	while (!r->got.line && r->next < r->n) {
		struct row *row = &r->row[r->next];
		size_t was = r->next;
		if (happened(r, row))
			continue;
		if (*value(r, "state")) {
			ticks(r, row->at, false);
			r->next = r->next == was ? following(r, was + 1) : r->next;
			continue;
		}
		wait_for_it(r, row);
		if (r->next != was || r->got.line)
			continue;
		if (!r->ended)
			differ(r, "does nothing", "", there(r));
		else
			differ(r, "has ended", "", there(r));
	}
}

static bool one_call(struct replay *r, const struct profile *p, unsigned call)
{
	struct record vars;
	r->now = call;
	r->next = following(r, 0);
	r->ended = false;
	r->got = (struct replay_call){ .call = r->call[call] };
	for (size_t i = 0; i < r->n; i++)
		r->got.records += r->row[i].call == call;
	replay_vars(&r->row[r->next].rec, &vars);
	r->talk = talk_new(&(struct talk_conf){ p, &vars, NULL, &ops, r });
	if (r->talk)
		follow(r);
	talk_free(r->talk);
	record_clear(&vars);
	return r->talk != NULL;
}

int replay(const struct profile *p, struct view text, void (*each)(void *arg, const struct replay_call *c), void *arg,
           unsigned long *line, const char **why)
{
	struct replay r = { .row = NULL };
	int rc = 0;
	*line = 0;
	*why = "over 16 MiB";
	if (text.n > REPLAY_MAX || (rc = replay_read(&r, text, line, why)) < 0)
		rc = -1;
	for (unsigned i = 0; rc == 0 && i < r.calls; i++) {
		if (one_call(&r, p, i)) {
			each(arg, &r.got);
		} else {
			*line = 0;
			*why = "out of memory";
			rc = -1;
		}
	}
	for (size_t i = 0; i < r.n; i++)
		record_clear(&r.row[i].rec);
	free(r.row);
	return rc;
}
