/* authcmd.c - sp-auth's filter. A record is asked about once; what it says of
 * itself that is the answer's to say is dropped first. Refuses, without asking,
 * users of domains that no server checks. */
#include "tool/authcmd.h"

#include "base/ration.h"
#include "tool/flow.h"
#include "wire/radius_challenge.h"
#include "wire/radius_dict.h"
#include "wire/radius_record.h"

#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define AT_ONCE 256 /* a socket, or an id of a connection, each */
#define DENIED "user name, password or group not accepted"

struct auth {
	const struct auth_options *o;
	struct radius_dict *dict;
	int attribute[RADIUS_GROUP_ATTRIBUTES]; /* that name groups */
	unsigned nattribute;
	struct radius_client *client;
	int64_t dropped; /* ration: of what is told of that */
};

static void finish(struct flow_item *it, enum sp_exit status, const char *detail)
{
	const struct auth *c = it->tool;
	if (status != SP_OK)
		tool_fail(&it->rec, status, (int)c->o->step, "%s", detail);
	tool_log(0, status == SP_OK ? "accepted" : sp_exit_name(status), "user", record_str(&it->rec, "user"),
	         "session", record_str(&it->rec, "session"), "acct", record_str(&it->rec, "acct"),
	         "groups", record_str(&it->rec, "groups"), NULL);
	flow_done(it, status);
}

static void on_accept(struct flow_item *it, const struct radius_end *end)
{
	const struct auth *c = it->tool;
	struct view group = record_get(&it->rec, "group");
	const char *why = NULL;
	struct buf groups;
	buf_init(&groups, RADIUS_MAX);
	int rc = radius_groups(c->dict, end->reply.attrs, c->attribute, c->nattribute, &groups, &why);
	enum sp_exit status = rc != 1 ? SP_PEER :
	                      group.n && !view_listed(buf_view(&groups), group) ? SP_DENIED : SP_OK;
	if (status == SP_OK && (record_set(&it->rec, "decision", "accept") != 0 ||
	                        record_setv(&it->rec, view_of("groups"), buf_view(&groups)) != 0)) {
		status = SP_RECORD;
		why = "the record has no room for the answer";
	}
	buf_clear(&groups);
	finish(it, status, why ? why : DENIED);
}

/* Not accepted yet, and who looks at the exit status only is told no more than that. */
static void on_challenge(struct flow_item *it, const struct radius_end *end)
{
	const char *why;
	if (radius_challenge(&it->rec, end->reply.attrs, &why) != 1) {
		finish(it, SP_PEER, why);
		return;
	}
	tool_log(0, "challenged", "user", record_str(&it->rec, "user"), NULL);
	flow_done(it, SP_DENIED);
}

static void on_end(void *arg, const struct radius_end *end)
{
	struct flow_item *it = arg;
	if (end->status != SP_OK) {
		finish(it, end->status, end->detail);
	} else if (end->reply.code == RADIUS_ACCESS_ACCEPT) {
		on_accept(it, end);
	} else if (end->reply.code == RADIUS_ACCOUNTING_RESPONSE) {
		record_set(&it->rec, "acct_done", "yes");
		finish(it, SP_OK, "");
	} else if (end->reply.code == RADIUS_ACCESS_CHALLENGE) {
		on_challenge(it, end);
	} else {
		finish(it, SP_DENIED, DENIED);
	}
}

static bool named_domain(const struct auth_options *o, struct view domain)
{
	for (unsigned i = 0; i < o->domains.n; i++)
		if (domain.n == strlen(o->domains.v[i]) && strncasecmp(domain.p, o->domains.v[i], domain.n) == 0)
			return true;
	return false;
}

/* With the plain form no server sees the domain: a user who claims one that
 * is not named here is nobody. A name within which there is a further domain
 * would be taken apart twice, and be somebody else the second time. */
static bool domain_claimed(const struct auth_options *o, struct record *r)
{
	struct view user = record_get(r, "user"), domain = record_get(r, "domain");
	struct username u = username_split(user);
	if (domain.n && u.domain.n)
		return true;
	if (username_split(u.user).domain.n)
		return true;
	domain = u.domain.n ? u.domain : domain;
	return o->form == USERNAME_PLAIN && domain.n && !named_domain(o, domain);
}

/* What is ours to say; in accounting a state= is the session's. */
static void drop_answers(struct record *r, bool accounting)
{
	static const char *const ours[] = { "decision", "groups", "acct_done", "prompt", "echo", "state" };
	for (size_t i = 0; i < (accounting ? 3 : sizeof ours / sizeof *ours); i++)
		record_drop(r, ours[i]);
}

static void start(void *arg, struct flow_item *it)
{
	struct auth *c = arg;
	uint8_t random[RADIUS_RANDOM];
	struct radius_record_conf conf = { .secret = &c->o->secret, .nas_id = c->o->nas_id,
	                                   .form = c->o->form, .now = time(NULL), .random = random };
	struct radius_packet packet;
	const char *why;
	it->tool = c;
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		tool_die(SP_SYSTEM, "no random numbers");
	int rc = c->o->accounting ? radius_accounting(&packet, &it->rec, &conf, &why)
	                          : radius_access(&packet, &it->rec, &conf, &why);
	radius_record_strip(&it->rec);
	drop_answers(&it->rec, c->o->accounting);
	if (rc != 1) {
		finish(it, SP_RECORD, why);
	} else if (!c->o->accounting && domain_claimed(c->o, &it->rec)) {
		finish(it, SP_DENIED, DENIED);
	} else {
		tool_log((int)c->o->step, "asked", "user", record_str(&it->rec, "user"), "group",
		         record_str(&it->rec, "group"), "acct", record_str(&it->rec, "acct"), "session",
		         record_str(&it->rec, "session"), "calling", record_str(&it->rec, "calling"), NULL);
		if (!radius_ask(c->client, &packet, clock_deadline(tool_common.timeout), on_end, it))
			finish(it, SP_SYSTEM, "out of memory");
	}
	radius_clear(&packet);
}

static void load(struct auth *c)
{
	static const char *const common[] = { "Filter-Id", "Class" };
	const char *const *name = c->o->groups_from.n ? c->o->groups_from.v : common;
	unsigned n = c->o->groups_from.n ? c->o->groups_from.n : 2;
	const char *why;
	c->dict = radius_dict_new(c->o->dictionary, &why);
	if (!c->dict)
		tool_die(SP_SYSTEM, "%s: %s", c->o->dictionary ? c->o->dictionary : "dictionary", why);
	if (n > RADIUS_GROUP_ATTRIBUTES)
		tool_die(SP_USAGE, "at most %d times --groups-from", RADIUS_GROUP_ATTRIBUTES);
	for (; c->nattribute < n; c->nattribute++) {
		int number = radius_dict_find(c->dict, name[c->nattribute]);
		if (number < 0)
			tool_die(SP_USAGE, "--groups-from %s: the dictionary has no such attribute",
			         name[c->nattribute]);
		c->attribute[c->nattribute] = number;
	}
}

/* Ten a second at most: anybody can send, and must not fill a disk. */
static void on_dropped(void *arg, const char *from, const char *why)
{
	struct auth *c = arg;
	if (ration_take(&c->dropped, clock_ms(), 100, 10))
		tool_log((int)c->o->step, "dropped", "from", from, "detail", why, NULL);
}

static void connect_to(struct auth *c, struct loop *l)
{
	struct radius_client_conf conf = { c->o->server.v, c->o->server.n, c->o->old_ports, &c->o->secret, c->o->dead_time, c->o->ctx, on_dropped, c };
	const char *why, *bad;
	if (c->o->server.n > RADIUS_SERVERS)
		tool_die(SP_USAGE, "at most %d servers", RADIUS_SERVERS);
	c->client = radius_client_new(l, &conf, &why, &bad);
	if (!c->client)
		tool_die(SP_USAGE, "unable to use server %s: %s", bad, why);
	if (*bad)
		tool_say("server %s is left out: %s", bad, why);
}

enum sp_exit auth_run(struct loop *l, const struct auth_options *o)
{
	struct auth c = { .o = o };
	struct flow flow = { .start = start, .arg = &c, .max = AT_ONCE };
	load(&c);
	connect_to(&c, l);
	enum sp_exit status = flow_run(l, &flow);
	radius_client_free(c.client);
	radius_dict_free(c.dict);
	return status;
}
