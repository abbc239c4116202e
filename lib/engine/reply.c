/* reply.c - answers that are kept. Who asked is known by his certificate, the question by all
 * of its bytes. Refuses a question of several lines, or of none. */
#include "engine/reply.h"

#include <stdlib.h>
#include <sys/random.h>

int reply_question(struct record *r, struct view datagram, const char **why)
{
	struct view line = datagram;
	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	*why = "a datagram is one record line";
	if (line.n == 0 || memchr(line.p, '\n', line.n))
		return 0;
	return record_parse(r, line, why) == 1;
}

static uint64_t key_of(struct replies *all, const char *party, struct view question)
{
	struct buf b;
	uint64_t key = 0;
	if (!all->ready)
		all->ready = getrandom(all->secret, sizeof all->secret, 0) == (ssize_t)sizeof all->secret;
	buf_init(&b, CERT_ID + RECORD_LINE_MAX);
	if (all->ready && buf_adds(&b, party) == 0 && buf_addc(&b, '\n') == 0 && buf_addv(&b, question) == 0) {
		union { const char *c; const uint8_t *u; } p = { b.data };
		key = siphash(all->secret, p.u, b.len);
	}
	buf_clear(&b);
	return key;
}

static struct reply **at_of(struct replies *all, const struct reply *r)
{
	struct reply **p = &all->first;
	while (*p != r)
		p = &(*p)->next;
	return p;
}

static bool old(const struct reply *r, int64_t now)
{
	return !r->at && now - r->when > REPLY_KEEP_MS;
}

struct reply *reply_find(struct replies *all, const char *party, struct view question, int64_t now)
{
	uint64_t key = key_of(all, party, question);
	for (struct reply *r = key ? all->first : NULL; r; r = r->next)
		if (r->key == key && strcmp(r->party, party) == 0 && !old(r, now)) {
			*at_of(all, r) = r->next;
			r->next = all->first;
			return all->first = r;
		}
	return NULL;
}

void reply_drop(struct replies *all, struct reply *r)
{
	*at_of(all, r) = r->next;
	all->n--;
	buf_clear(&r->text);
	free(r);
}

/* Those that are too old, and the last ones where there are too many. Of this party, or of
 * all, one more has its place then: or false. */
static bool make_room(struct replies *all, const char *party, int64_t now)
{
	struct reply *last = NULL, *last_own = NULL, *next;
	unsigned own = 0;
	for (struct reply *r = all->first; r; r = next) {
		next = r->next;
		if (old(r, now)) {
			reply_drop(all, r);
			continue;
		}
		bool its = strcmp(r->party, party) == 0;
		own += its;
		if (!r->at)
			last = r;
		if (!r->at && its)
			last_own = r;
	}
	struct reply *go = own >= REPLIES_OF_ONE ? last_own : all->n >= REPLIES_MAX ? last : NULL;
	if (go)
		reply_drop(all, go);
	return all->n < REPLIES_MAX && (own < REPLIES_OF_ONE || go);
}

struct reply *reply_new(struct replies *all, const char *party, const char *id, struct view question, int64_t now)
{
	struct reply *r = make_room(all, party, now) ? calloc(1, sizeof *r) : NULL;
	if (!r || !view_str(view_of(id), r->id, sizeof r->id) || !view_str(view_of(party), r->party, sizeof r->party)) {
		free(r);
		return NULL;
	}
	r->key = key_of(all, party, question);
	r->when = now;
	buf_init(&r->text, 2 * RECORD_LINE_MAX);
	r->next = all->first;
	all->first = r;
	all->n++;
	return r;
}

struct reply *reply_under_way(struct replies *all, const void *at, struct view id)
{
	struct reply *r = all->first;
	while (r && (r->at != at || !view_is(id, r->id)))
		r = r->next;
	return r;
}

bool reply_any_under_way(const struct replies *all, const void *at)
{
	const struct reply *r = all->first;
	while (r && r->at != at)
		r = r->next;
	return r != NULL;
}

void reply_add(struct reply *r, const struct record *row)
{
	if (!r->large && record_write(row, &r->text) == 0 && r->text.len <= REPLY_MAX)
		return;
	r->large = true;
	buf_clear(&r->text);
}

void replies_clear(struct replies *all)
{
	while (all->first)
		reply_drop(all, all->first);
}
