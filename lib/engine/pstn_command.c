/* pstn_command.c - command records: op= says what; each is answered by rows with
 * its id=, the last of which has done= or error= and detail=. */
#include "engine/pstn_call.h"

#include "base/exit.h"
#include "base/num.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct command {
	struct pstn *x;
	struct record *in;
	struct record out; /* id= and op= of the answer */
	struct modem *m;   /* number= */
	unsigned rows;
};

static void row(struct command *k, struct record *r)
{
	k->x->conf.tell(k->x->conf.arg, r);
	k->rows++;
}

static const char *op_modem(struct command *k)
{
	const char *number = record_str(k->in, "number"), *why;
	uint64_t speed = 0;
	if (record_has(k->in, "speed") && !num_u64(record_get(k->in, "speed"), PSTN_SPEED_MIN, PSTN_SPEED_MAX, &speed))
		return "speed= is 300 to 1000000000";
	return pstn_modem(k->x, number, record_str(k->in, "name"), speed, &why) == 0 ? NULL : why;
}

static const char *op_remove(struct command *k)
{
	pstn_remove(k->m);
	return NULL;
}

static const char *op_hangup(struct command *k)
{
	if (k->m->call)
		call_end(k->m->call, "admin-reset");
	return NULL;
}

static void show(struct command *k, const struct modem *m)
{
	struct record r = { 0 };
	char faults[128] = "";
	for (unsigned i = 0; i < FAULTS; i++)
		if (m->fault[i].set) {
			if (*faults)
				strcat(faults, ",");
			strcat(faults, fault_name((enum fault_kind)i));
		}
	record_copy(&r, &k->out);
	record_set(&r, "number", m->number);
	record_set(&r, "name", m->name);
	record_setf(&r, "speed", "%llu", (unsigned long long)m->speed);
	record_set(&r, "state", call_phase(m));
	if (m->call && m->call->number)
		record_setf(&r, "call", "%lu", m->call->number);
	record_set(&r, "dtr", port_able(m) ? "yes" : "no");
	if (*faults)
		record_set(&r, "fault", faults);
	row(k, &r);
	record_clear(&r);
}

static const char *op_show(struct command *k)
{
	for (const struct modem *m = k->x->modems; m; m = m->next)
		if (!k->m || k->m == m)
			show(k, m);
	return NULL;
}

/* Unknown, or wrong, is told; nothing has changed then. */
static const char *fault_values(struct record *r, enum fault_kind k, struct fault *f)
{
	uint64_t ms = 0, count = 0;
	char *end;
	if (record_has(r, "after") && !num_u64(record_get(r, "after"), 0, UINT64_MAX / 2, &f->after))
		return "after= is a number of bytes";
	if (record_has(r, "bytes") && !num_u64(record_get(r, "bytes"), 1, 4096, &f->bytes))
		return "bytes= is 1 to 4096";
	if (record_has(r, "ms") && !num_u64(record_get(r, "ms"), 1, 3600000, &ms))
		return "ms= is 1 to 3600000";
	if (record_has(r, "count") && !num_u64(record_get(r, "count"), 1, UINT64_MAX, &count))
		return "count= is 1 or more";
	f->ms = (int64_t)ms;
	f->count = count;
	f->forever = count == 0;
	if (k != FAULT_ERRORS)
		return NULL;
	const char *rate = record_str(r, "rate");
	f->rate = rate ? strtod(rate, &end) : 0;
	return rate && end != rate && !*end && f->rate > 0 && f->rate <= 1 ? NULL : "rate= is over 0 and at most 1 (1e-5)";
}

static void no_faults(struct modem *m)
{
	memset(m->fault, 0, sizeof m->fault);
	if (m->call)
		memset(m->call->armed[m->side], 0, sizeof m->call->armed[m->side]);
}

static const char *op_fault(struct command *k)
{
	struct view word = record_get(k->in, "fault");
	struct fault f = { .set = true };
	const char *why;
	unsigned i = 0;
	if (view_is(word, "none")) {
		no_faults(k->m);
		return NULL;
	}
	while (i < FAULTS && !view_is(word, fault_name((enum fault_kind)i)))
		i++;
	if (i == FAULTS)
		return word.p ? "no such fault" : "fault= is needed";
	why = fault_values(k->in, (enum fault_kind)i, &f);
	if (why)
		return why;
	k->m->fault[i] = f;
	struct call *c = k->m->call;
	if (c && c->phase == CALL_CONNECTED) {
		c->armed[k->m->side][i].on = false;
		fault_arm(c, k->m->side);
		call_pump(c);
	}
	return NULL;
}

static const struct op {
	const char *name;
	const char *(*run)(struct command *k); /* NULL, or what is wrong */
	bool number, known; /* number= is needed; must be a modem's */
} ops[] = {
	{ "modem", op_modem, true, false }, { "remove", op_remove, true, true }, { "hangup", op_hangup, true, true },
	{ "show", op_show, false, true },   { "fault", op_fault, true, true },
};

static const char *run(struct command *k)
{
	struct view word = record_get(k->in, "op");
	const char *number = record_str(k->in, "number");
	size_t i = 0, n = sizeof ops / sizeof *ops;
	while (i < n && !view_is(word, ops[i].name))
		i++;
	if (i == n)
		return word.p ? "no such op" : "op= is needed";
	if (!number && ops[i].number)
		return "number= is needed";
	k->m = number ? pstn_find(k->x, number) : NULL;
	if (number && !k->m && ops[i].known)
		return "no modem has this number";
	return ops[i].run(k);
}

void pstn_command(struct pstn *x, struct record *r)
{
	struct command k = { .x = x, .in = r };
	if (record_has(r, "id"))
		record_setv(&k.out, view_of("id"), record_get(r, "id"));
	const char *why = run(&k);
	if (why) {
		record_set(&k.out, "error", sp_exit_name(SP_USAGE));
		record_set(&k.out, "detail", why);
	} else {
		record_setf(&k.out, "done", "%u", k.rows ? k.rows : 1);
	}
	x->conf.tell(x->conf.arg, &k.out);
	record_clear(&k.out);
}
