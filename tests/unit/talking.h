/* talking.h - a dialogue under test: a profile, a record and what they make of each other. */
#ifndef SP_TESTS_TALKING_H
#define SP_TESTS_TALKING_H

#include "engine/talk.h"
#include "unit/tap.h"

struct it {
	struct profile *p;
	struct record vars;
	struct talk *t;
};

static void talking(struct it *i, const char *text, const char *record, const struct talk_ops *ops)
{
	unsigned long line = 0;
	const char *why = "";
	memset(i, 0, sizeof *i);
	i->p = profile_parse(view_of(text), &line, &why);
	if (!i->p)
		check(false, "line %lu: %s", line, why);
	record_parse(&i->vars, view_of(record), &why);
	i->t = talk_new(&(struct talk_conf){ i->p, &i->vars, NULL, ops, NULL });
	talk_start(i->t, 0);
}

static void end(struct it *i)
{
	talk_free(i->t);
	record_clear(&i->vars);
	profile_free(i->p);
}

#endif
