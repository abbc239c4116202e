/* sp-auth - who is this user, and in which groups? A record in, a record out,
 * by RADIUS; or, with --accounting, the records of sessions to a RADIUS server. */
#include "engine/radius_client.h"
#include "tool/flow.h"
#include "wire/radius_challenge.h"
#include "wire/radius_dict.h"
#include "wire/radius_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

#define AT_ONCE 256 /* a socket each */
#define DENIED "user name, password or group not accepted"

static struct {
	struct opt_list server, groups_from, domains;
	const char *secret_file, *nas_id, *form, *dictionary;
	uint64_t step;
	bool accounting, old_ports;
	enum username_form username;
	struct secret secret;
	struct radius_dict *dict;
	int attribute[RADIUS_GROUP_ATTRIBUTES];
	unsigned nattribute;
	struct radius_client *client;
} self = { .step = 303, .form = "plain" };

static const struct opt options[] = {
	{ "server", 's', OPT_LIST, &self.server, "HOST[:PORT[:PORT]]", "a RADIUS server: its ports for access and accounting" },
	{ "secret-file", 0, OPT_STR, &self.secret_file, "FILE", "the secret shared with the servers" },
	{ "accounting", 0, OPT_FLAG, &self.accounting, NULL, "send accounting records instead of asking" },
	{ "nas-id", 0, OPT_STR, &self.nas_id, "NAME", "NAS-Identifier of records without router= (the host's name)" },
	{ "old-ports", 0, OPT_FLAG, &self.old_ports, NULL, "1645 and 1646 are the default ports" },
	{ "domain", 0, OPT_LIST, &self.domains, "NAME", "domain whose users the servers know by the plain name (again: another)" },
	{ "user-form", 0, OPT_STR, &self.form, "FORM", "User-Name as plain, domain (D\\u), realm (u@d) or given" },
	{ "groups-from", 0, OPT_LIST, &self.groups_from, "NAME", "attribute that names groups (Filter-Id, Class)" },
	{ "dictionary", 0, OPT_STR, &self.dictionary, "FILE", "attributes beside the common ones" },
	{ "step", 0, OPT_NUM, &self.step, "N", "handshake step that this is (303)" },
	{ NULL, 0, OPT_FLAG, NULL, NULL, NULL }
};

static void finish(struct flow_item *it, enum sp_exit status, const char *detail)
{
	if (status != SP_OK)
		tool_fail(&it->rec, status, (int)self.step, "%s", detail);
	tool_log(0, status == SP_OK ? "accepted" : sp_exit_name(status), "user", record_str(&it->rec, "user"),
	         "session", record_str(&it->rec, "session"), "acct", record_str(&it->rec, "acct"),
	         "groups", record_str(&it->rec, "groups"), NULL);
	flow_done(it, status);
}

static void on_accept(struct flow_item *it, const struct radius_end *end)
{
	struct view group = record_get(&it->rec, "group");
	const char *why = NULL;
	struct buf groups;
	buf_init(&groups, RADIUS_MAX);
	int rc = radius_groups(self.dict, end->reply.attrs, self.attribute, self.nattribute, &groups, &why);
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

static bool named_domain(struct view domain)
{
	for (unsigned i = 0; i < self.domains.n; i++)
		if (domain.n == strlen(self.domains.v[i]) &&
		    strncasecmp(domain.p, self.domains.v[i], domain.n) == 0)
			return true;
	return false;
}

/* With the plain form no server sees the domain: a user who claims one that
 * is not named here is nobody. A name within which there is a further domain
 * would be taken apart twice, and be somebody else the second time. */
static bool domain_claimed(struct record *r)
{
	struct view user = record_get(r, "user"), domain = record_get(r, "domain");
	struct username u = username_split(user);
	if (domain.n && u.domain.n)
		return true;
	if (username_split(u.user).domain.n)
		return true;
	domain = u.domain.n ? u.domain : domain;
	return self.username == USERNAME_PLAIN && domain.n && !named_domain(domain);
}

static void start(void *arg, struct flow_item *it)
{
	static const char *const ours[] = { "decision", "groups", "acct_done", "prompt", "echo", "state" }; /* to say */
	uint8_t random[RADIUS_RANDOM];
	struct radius_record_conf conf = { .secret = &self.secret, .nas_id = self.nas_id,
	                                   .form = self.username, .now = time(NULL), .random = random };
	struct radius_packet packet;
	const char *why;
	(void)arg;
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		tool_die(SP_SYSTEM, "no random numbers");
	int rc = self.accounting ? radius_accounting(&packet, &it->rec, &conf, &why)
	                         : radius_access(&packet, &it->rec, &conf, &why);
	radius_record_strip(&it->rec);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		record_drop(&it->rec, ours[i]);
	if (rc != 1) {
		finish(it, SP_RECORD, why);
	} else if (!self.accounting && domain_claimed(&it->rec)) {
		finish(it, SP_DENIED, DENIED);
	} else {
		tool_log((int)self.step, "asked", "user", record_str(&it->rec, "user"), "group",
		         record_str(&it->rec, "group"), "acct", record_str(&it->rec, "acct"), "session",
		         record_str(&it->rec, "session"), "calling", record_str(&it->rec, "calling"), NULL);
		if (!radius_ask(self.client, &packet, clock_deadline(tool_common.timeout), on_end, it))
			finish(it, SP_SYSTEM, "out of memory");
	}
	radius_clear(&packet);
}

static void load(void)
{
	static const char *const common[] = { "Filter-Id", "Class" };
	const char *const *name = self.groups_from.n ? self.groups_from.v : common;
	unsigned n = self.groups_from.n ? self.groups_from.n : 2;
	const char *why;
	self.dict = radius_dict_new(self.dictionary, &why);
	if (!self.dict)
		tool_die(SP_SYSTEM, "%s: %s", self.dictionary ? self.dictionary : "dictionary", why);
	if (n > RADIUS_GROUP_ATTRIBUTES)
		tool_die(SP_USAGE, "at most %d times --groups-from", RADIUS_GROUP_ATTRIBUTES);
	for (; self.nattribute < n; self.nattribute++) {
		int number = radius_dict_find(self.dict, name[self.nattribute]);
		if (number < 0)
			tool_die(SP_USAGE, "--groups-from %s: the dictionary has no such attribute",
			         name[self.nattribute]);
		self.attribute[self.nattribute] = number;
	}
}

static void connect_to(struct loop *l)
{
	struct radius_client_conf conf = { self.server.v, self.server.n, self.old_ports, &self.secret };
	const char *why, *bad;
	if (self.server.n > RADIUS_SERVERS)
		tool_die(SP_USAGE, "at most %d servers", RADIUS_SERVERS);
	self.client = radius_client_new(l, &conf, &why, &bad);
	if (!self.client)
		tool_die(SP_USAGE, "unable to use server %s: %s", bad, why);
	if (*bad)
		tool_say("server %s is left out: %s", bad, why);
}

int main(int argc, char **argv)
{
	static const struct tool tool = { .name = "sp-auth",
		.summary = "checks who users are, and their groups, by RADIUS",
		.operands = "", .opt = options };
	static char host[64];
	struct flow flow = { .start = start, .max = AT_ONCE };
	tool_common.timeout = 10000;
	if (tool_options(&tool, argc, argv) != argc)
		tool_die(SP_USAGE, "sp-auth takes no operands");
	tool_need(self.server.n ? self.server.v : NULL, "server");
	tool_need(self.secret_file, "secret-file");
	int form = username_form_of(self.form);
	if (form < 0)
		tool_die(SP_USAGE, "--user-form %s: not plain, domain, realm or given", self.form);
	self.username = (enum username_form)form;
	if (!self.nas_id && gethostname(host, sizeof host - 1) == 0)
		self.nas_id = host;
	tool_confine();
	if (secret_read_file(&self.secret, self.secret_file) != 0)
		tool_die(SP_SYSTEM, "unable to read %s: %s", self.secret_file, strerror(errno));
	struct loop *l = loop_new();
	if (!l)
		tool_die(SP_SYSTEM, "out of memory");
	load();
	connect_to(l);
	enum sp_exit status = flow_run(l, &flow);
	radius_client_free(self.client);
	radius_dict_free(self.dict);
	loop_free(l);
	secret_clear(&self.secret);
	return (int)status;
}
