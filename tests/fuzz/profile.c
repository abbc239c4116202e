/* profile.c - any text as a profile; a profile that is read is followed, with the
 * same bytes as what the device says. */
#include "fuzz/fuzz.h"

#include "base/num.h"
#include "engine/talk.h"

#include <stdlib.h>

static void on_send(void *arg, struct view v)
{
	*(size_t *)arg += v.n;
}

static void on_note(void *arg, int step, const char *word)
{
	*(size_t *)arg += (size_t)step + strlen(word);
}

static void on_fields(void *arg, int step, struct record *f)
{
	*(size_t *)arg += (size_t)step + f->n;
}

static void on_ready(void *arg, struct record *f)
{
	*(size_t *)arg += f->n;
}

static void on_end(void *arg, enum sp_exit status, int step, const char *detail, struct record *f)
{
	*(size_t *)arg += (size_t)status + (size_t)step + strlen(detail) + f->n;
}

static void follow(const struct profile *p, const uint8_t *b, size_t n)
{
	static const struct talk_ops ops = { on_send, NULL, on_note, on_fields, on_ready, on_end };
	const char *why;
	struct record vars = { 0 };
	size_t sum = 0;
	record_parse(&vars, view_of("user=alice\tlogin=alice\tsession=S1\tsecret=topsecret\tdial=tcp:h:1"), &why);
	struct talk *t = talk_new(&(struct talk_conf){ p, &vars, NULL, &ops, &sum });
	if (!t)
		abort();
	talk_start(t, 0);
	talk_input(t, view_of("Username: \r\nPassword: \r\nGroup: \r\nPermission granted.\r\nrouter1> "), 0);
	talk_input(t, (struct view){ (const char *)b, n }, 1);
	talk_tick(t, 20);
	talk_hangup(t, 30);
	talk_closed(t, 40);
	talk_free(t);
	record_clear(&vars);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	unsigned long line = 0;
	const char *why = NULL;
	struct profile *f = profile_parse((struct view){ (const char *)p, n }, &line, &why);
	if (!f && !why)
		abort();
	if (f)
		follow(f, p, n);
	profile_free(f);
}
