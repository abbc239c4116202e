/* monitor_ops.c - who asks, and what: the table of operations, and what every answer is
 * made with. Refuses everything without a token that one of the keys signed. A token
 * that expires does not end the session that it began: it still keeps it,
 * watches it and gives it back. */
#include "engine/monitor_impl.h"

#include "wire/token.h"

struct op {
	const char *name;
	int step;            /* of a question that is not understood */
	bool manager, token; /* who may: with either, one of them is enough */
	bool gateway;        /* and a gateway */
	bool late;           /* also with a token that has expired, for what it began */
	void (*answer)(struct mon_ask *a);
};

void mon_log(struct mon_ask *a, int step, const char *event, struct record *fields)
{
	static const char *const keys[] = { "user", "domain" };
	struct record none = { 0 }, *r = fields ? fields : &none;
	const struct monitor_conf *conf = &a->c->m->conf;
	if (conf->log) {
		for (size_t i = 0; a->who && i < 2; i++)
			if (!record_has(r, keys[i]) && record_get(a->who, keys[i]).n &&
			    record_setv(r, view_of(keys[i]), record_get(a->who, keys[i])) != 0)
				break;
		conf->log(conf->arg, step, event, r);
	}
	record_clear(&none);
}

/* The last record of an answer. */
static void finish(struct mon_ask *a, struct record *answer)
{
	struct view id = record_get(a->q, "id");
	if (id.p && record_setv(answer, view_of("id"), id) != 0)
		return;
	if (a->later)
		mon_send_later(a->c, answer, a->later);
	else
		mon_send(a->c, answer);
}

/* Of a refusal: what was asked for, why not, whose session is in the way. */
static void refused_log(struct mon_ask *a, int step, struct record *answer)
{
	static const char *const asked[] = { "system", "session", "router", "line", "phone", "ticket" };
	static const char *const told[] = { "session", "error", "detail" };
	struct record r = { 0 };
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		if (record_get(a->q, asked[i]).n && record_setv(&r, view_of(asked[i]), record_get(a->q, asked[i])) != 0)
			break;
	for (size_t i = 0; i < 3; i++)
		if (record_get(answer, told[i]).n && record_setv(&r, view_of(told[i]), record_get(answer, told[i])) != 0)
			break;
	mon_log(a, step, "refused", &r);
	record_clear(&r);
}

void mon_refuse(struct mon_ask *a, enum sp_exit status, int step, struct record *answer, const char *detail)
{
	struct record r = { 0 };
	if (record_set(&r, "error", sp_exit_name(status)) == 0 && record_setf(&r, "step", "%d", step) == 0 &&
	    (!answer || record_merge(&r, answer) == 0) && (!detail || record_set(&r, "detail", detail) == 0)) {
		finish(a, &r);
		refused_log(a, step, &r);
	}
	record_clear(&r);
}

void mon_store_failed(struct mon_ask *a, int step)
{
	struct record r = { 0 };
	bool locked = store_locked(a->c->m->conf.store);
	if (locked && !a->begun && mon_ask_later(a))
		return;
	if (record_set(&r, "cause", store_why(a->c->m->conf.store)) == 0)
		mon_log(a, step, "store-failed", &r);
	record_clear(&r);
	mon_refuse(a, SP_SYSTEM, step, NULL, locked ? "another program has the monitor's store locked" : "the monitor's store failed");
}

void mon_done(struct mon_ask *a, struct record *answer)
{
	if (record_set(answer, "done", "1") == 0)
		finish(a, answer);
}

static const struct op table[] = {
	{ "search", 307, false, true, false, false, mon_search },
	{ "alloc", 312, false, true, false, false, mon_lease_alloc },
	{ "renew", 313, false, true, false, true, mon_lease_renew },
	{ "release", 313, false, true, false, true, mon_lease_release },
	{ "watch", 339, true, true, false, true, mon_watch },
	{ "state", 338, true, false, false, false, mon_state },
	{ "line", 338, true, false, false, false, mon_line },
	{ "tunnel", 338, true, false, true, false, mon_tunnel },
	{ "may", 308, true, false, false, false, mon_may },
	{ "ticket", 313, true, false, false, false, mon_ticket_closed },
};

static const struct op *op_of(struct view name)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (view_is(name, table[i].name))
			return &table[i];
	return NULL;
}

/* The last token that held is not computed again. */
static bool token_holds(struct monitor_client *c, struct view token, const char **why)
{
	const struct monitor_conf *conf = &c->m->conf;
	*why = "no token";
	if (token.n == 0)
		return false;
	if (view_eq(token, buf_view(&c->token)))
		return true;
	buf_wipe(&c->token);
	record_clear(&c->who);
	return token_check(token, conf->key, conf->nkey, 0, &c->who, why) == 1 &&
	       time_parse(record_get(&c->who, "until"), &c->until) && buf_addv(&c->token, token) == 0;
}

/* Whom the certificate, else the token, speaks of. */
static bool believe(struct mon_ask *a, bool late, const char **why)
{
	struct monitor_client *c = a->c;
	if (!c->certified && !token_holds(c, record_get(a->q, "token"), why))
		return false;
	c->known = true;
	a->late = a->now > c->until;
	*why = c->certified ? "the certificate has expired" : "the token has expired";
	if (a->late && !late)
		return false;
	a->who = &c->who;
	return true;
}

/* Who speaks another protocol is told so, once; without a token, no more than that
 * one is needed. */
static void unknown_op(struct mon_ask *a, bool trusted, const char *why)
{
	mon_refuse(a, trusted ? SP_PEER : SP_DENIED, 307, NULL,
	           trusted ? "op= must be search, alloc, renew, release, watch, state, line, tunnel, may or ticket" : why);
	if (a->c->chan)
		chan_hang_up(a->c->chan);
}

void mon_ask_since(struct monitor_client *c, struct record *q, int64_t since)
{
	struct mon_ask a = { .c = c, .q = q, .now = time(NULL), .since = since };
	(void)store_locked(c->m->conf.store); /* what was before is not this one's */
	const struct op *op = op_of(record_get(q, "op"));
	const char *why = "this needs a token";
	bool believed = (c->certified || record_has(q, "token")) && (!op || op->token) && believe(&a, op && op->late, &why);
	if (!op)
		unknown_op(&a, believed || c->manager || c->gateway, why);
	else if (!believed && !(op->manager && c->manager) && !(op->gateway && c->gateway)) {
		if (!a.late)
			mon_guessed_wrong(&a);
		mon_refuse(&a, SP_DENIED, op->token ? 307 : op->step, NULL, op->token ? why : "only for managers of this monitor");
	} else {
		op->answer(&a);
	}
}

void monitor_ask(struct monitor_client *c, struct record *q)
{
	if (!mon_ask_behind(c, q))
		mon_ask_since(c, q, 0);
}
