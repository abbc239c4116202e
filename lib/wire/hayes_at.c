/* hayes_at.c - the command line: what stands between AT and CR, commands one
 * behind the other, each a row of a table. The first that is wrong ends the line
 * with ERROR; those before it have been done (V.250 5.2). */
#include "wire/hayes_impl.h"

#include <stdio.h>
#include <string.h>

/* ---- commands of one letter ---- */

struct letter {
	char prefix, letter;
	uint8_t max, initial, par; /* par: where it is kept; PAR_COUNT: nowhere */
	enum went (*act)(struct line *l, unsigned value);
};

static enum went do_answer(struct line *l, unsigned v);
static enum went do_reset(struct line *l, unsigned v);
static enum went do_factory(struct line *l, unsigned v);
static enum went do_hook(struct line *l, unsigned v);
static enum went do_online(struct line *l, unsigned v);
static enum went do_identify(struct line *l, unsigned v);
static enum went do_view(struct line *l, unsigned v);
static enum went do_store(struct line *l, unsigned v);

#define KEPT(n) (uint8_t)(PAR_OTHER + (n))
static const struct letter letters[] = {
	{ 0, 'E', 1, 1, PAR_E, NULL },    { 0, 'Q', 2, 0, PAR_Q, NULL },    { 0, 'V', 1, 1, PAR_V, NULL },
	{ 0, 'X', 4, 4, PAR_X, NULL },    { 0, 'W', 2, 2, PAR_W, NULL },    { '&', 'A', 3, 1, PAR_A, NULL },
	{ '&', 'C', 1, 1, PAR_C, NULL },  { '&', 'D', 3, 2, PAR_D, NULL },  { 0, 'M', 3, 1, KEPT(0), NULL },
	{ 0, 'L', 3, 2, KEPT(1), NULL },  { 0, 'N', 1, 1, KEPT(2), NULL },  { 0, 'Y', 1, 0, KEPT(3), NULL },
	{ 0, 'B', 99, 0, KEPT(4), NULL }, { '&', 'K', 6, 3, KEPT(5), NULL }, { '&', 'G', 2, 0, KEPT(6), NULL },
	{ '&', 'H', 3, 1, KEPT(7), NULL }, { '&', 'I', 5, 0, KEPT(8), NULL }, { '&', 'M', 9, 4, KEPT(9), NULL },
	{ '&', 'Q', 9, 5, KEPT(10), NULL }, { '&', 'R', 2, 1, KEPT(11), NULL }, { '&', 'S', 1, 0, KEPT(12), NULL },
	{ '&', 'B', 2, 1, KEPT(13), NULL }, { '&', 'Y', 1, 0, KEPT(14), NULL }, { '\\', 'N', 7, 3, KEPT(15), NULL },
	{ '\\', 'G', 1, 0, KEPT(16), NULL }, { '\\', 'J', 1, 0, KEPT(17), NULL }, { '\\', 'Q', 3, 3, KEPT(18), NULL },
	{ '\\', 'V', 9, 1, KEPT(19), NULL }, { '%', 'C', 3, 0, KEPT(20), NULL }, { '%', 'E', 2, 1, KEPT(21), NULL },
	{ '&', 'L', 1, 0, KEPT(22), NULL }, { '&', 'P', 3, 0, KEPT(23), NULL },
	{ 0, 'T', 0, 0, PAR_COUNT, NULL }, { 0, 'P', 0, 0, PAR_COUNT, NULL }, { '&', 'T', 9, 0, PAR_COUNT, NULL },
	{ 0, 'A', 0, 0, PAR_COUNT, do_answer }, { 0, 'Z', 1, 0, PAR_COUNT, do_reset },
	{ '&', 'F', 3, 0, PAR_COUNT, do_factory }, { 0, 'H', 1, 0, PAR_COUNT, do_hook },
	{ 0, 'O', 3, 0, PAR_COUNT, do_online }, { 0, 'I', 11, 0, PAR_COUNT, do_identify },
	{ '&', 'V', 1, 0, PAR_COUNT, do_view }, { '&', 'W', 1, 0, PAR_COUNT, do_store },
	{ '&', 'Z', 3, 0, PAR_COUNT, hayes_book },
};
#define LETTERS (sizeof letters / sizeof *letters)

static const struct { uint8_t reg, initial; } sregs[] = {
	{ 2, '+' }, { 3, '\r' }, { 4, '\n' }, { 5, '\b' }, { 6, 2 }, { 7, 50 }, { 8, 2 }, { 9, 6 }, { 10, 14 },
	{ 11, 95 }, { 12, 50 }, { 25, 5 }, { 30, 0 }, { 37, 0 }, { 38, 20 },
};

void hayes_defaults(struct hayes_set *s)
{
	memset(s, 0, sizeof *s);
	for (size_t i = 0; i < LETTERS; i++)
		if (letters[i].par < PAR_COUNT)
			s->par[letters[i].par] = letters[i].initial;
	for (size_t i = 0; i < sizeof sregs / sizeof *sregs; i++)
		s->s[sregs[i].reg] = sregs[i].initial;
	hayes_ext_defaults(s);
}

static enum went do_answer(struct line *l, unsigned v)
{
	struct hayes *h = l->h;
	(void)v;
	if (h->state != HAYES_COMMAND)
		return BAD;
	h->state = HAYES_ANSWERING;
	h->began = l->now;
	hayes_post(h, HAYES_ANSWER);
	return SILENT;
}

static void on_hook(struct hayes *h)
{
	bool was = h->state != HAYES_COMMAND || h->off_hook;
	hayes_down(h);
	if (was)
		hayes_post(h, HAYES_HANGUP);
}

static enum went do_reset(struct line *l, unsigned v)
{
	(void)v;
	on_hook(l->h);
	l->h->set = l->h->stored;
	return OVER; /* V.250 6.1.1: what follows on the line is ignored */
}

static enum went do_factory(struct line *l, unsigned v)
{
	uint8_t rung = l->h->set.s[1];
	(void)v;
	hayes_defaults(&l->h->set);
	l->h->set.s[1] = rung;
	return NEXT;
}

static enum went do_hook(struct line *l, unsigned v)
{
	if (v == 0)
		on_hook(l->h);
	else if (l->h->state == HAYES_COMMAND)
		l->h->off_hook = true;
	return NEXT;
}

static enum went do_online(struct line *l, unsigned v)
{
	struct hayes *h = l->h;
	(void)v;
	if (h->state != HAYES_ESCAPED)
		return BAD;
	hayes_say_connect(h);
	h->state = HAYES_ONLINE;
	h->heard = l->now;
	h->plus = 0;
	return SILENT;
}

static enum went do_identify(struct line *l, unsigned v)
{
	static const char *const text[] = { "56000", "000", NULL, "sp-pstn " SP_VERSION, "V.34 V.42 data modem" };
	if (v < sizeof text / sizeof *text && text[v])
		hayes_info(l->h, text[v]);
	return NEXT;
}

static enum went do_view(struct line *l, unsigned v)
{
	struct hayes *h = l->h;
	char text[1024];
	size_t n = 0;
	(void)v;
	for (size_t i = 0; i < LETTERS; i++)
		if (letters[i].par < PAR_COUNT)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%c%u ", letters[i].prefix == '&' ? "&" :
			                      letters[i].prefix == '%' ? "%" : letters[i].prefix ? "\\" : "",
			                      letters[i].letter, h->set.par[letters[i].par]);
	hayes_info(h, "ACTIVE PROFILE:");
	hayes_info(h, text);
	n = (size_t)snprintf(text, sizeof text, "S00:%03u S01:%03u ", h->set.s[0], h->set.s[1]);
	for (size_t i = 0; i < sizeof sregs / sizeof *sregs; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "S%02u:%03u ", sregs[i].reg, h->set.s[sregs[i].reg]);
	hayes_info(h, text);
	return NEXT;
}

static enum went do_store(struct line *l, unsigned v)
{
	(void)v;
	l->h->stored = l->h->set;
	l->h->stored.s[1] = 0;
	return NEXT;
}

static enum went one(struct line *l)
{
	char c = hayes_next(l), prefix = 0;
	switch (c) {
	case ';': return NEXT; /* between + commands */
	case 'D': return hayes_dial(l);
	case 'S': return hayes_sreg(l, hayes_peek(l));
	case '=': case '?': return hayes_sreg(l, c); /* of the register named last */
	case '+': return hayes_ext(l);
	case '&': case '\\': case '%': prefix = c; c = hayes_next(l); break;
	default: break;
	}
	for (size_t i = 0; i < LETTERS; i++) {
		const struct letter *k = &letters[i];
		if (k->prefix != prefix || k->letter != c)
			continue;
		unsigned v = hayes_number(l);
		if (v > k->max)
			return BAD;
		if (k->par < PAR_COUNT)
			l->h->set.par[k->par] = (uint8_t)v;
		return k->act ? k->act(l, v) : NEXT;
	}
	return BAD;
}

void hayes_run(struct hayes *h, int64_t now)
{
	struct line l = { h, cur_of(h->cmd, h->n), now };
	enum went w = h->too_long ? BAD : NEXT;
	h->n = 0;
	while (w == NEXT && cur_left(&l.c))
		w = one(&l);
	if (w != SILENT)
		hayes_say(h, w == BAD ? HAYES_ERROR : HAYES_OK);
}
