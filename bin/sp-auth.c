/* sp-auth - who is this user, and in which groups? A record in, a record out,
 * by RADIUS; or, with --accounting, the records of sessions to a RADIUS server. With
 * --code it is on the RADIUS server's side: was this password made for that user? */
#include "sys/stream.h"
#include "tool/authcmd.h"
#include "tool/codecmd.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct auth_options self = { .step = 303, .dead_time = 60000 };
static const char *secret_file, *form = "plain", *ca, *cert, *key, *router;
static bool code;

static const struct opt options[] = {
	{ "server", 's', OPT_LIST, &self.server, "ADDRESS", "a RADIUS server: HOST[:PORT[:ACCT-PORT]] or tls:HOST[:PORT]" },
	{ "secret-file", 0, OPT_STR, &secret_file, "FILE", "the secret shared with the servers" },
	{ "ca", 0, OPT_STR, &ca, "FILE", "tls: certificate of the authority that vouches for the servers" },
	{ "cert", 0, OPT_STR, &cert, "FILE", "tls: our certificate" },
	{ "key", 0, OPT_STR, &key, "FILE", "tls: its key" },
	{ "accounting", 0, OPT_FLAG, &self.accounting, NULL, "send accounting records instead of asking" },
	{ "code", 0, OPT_FLAG, &code, NULL, "for FreeRADIUS: ask the security servers about a code" },
	{ "router", 0, OPT_STR, &router, "NAME", "--code: who asks the RADIUS server (NAS_IDENTIFIER)" },
	{ "nas-id", 0, OPT_STR, &self.nas_id, "NAME", "NAS-Identifier of records without router= (the host's name)" },
	{ "old-ports", 0, OPT_FLAG, &self.old_ports, NULL, "1645 and 1646 are the default ports" },
	{ "dead-time", 0, OPT_SECONDS, &self.dead_time, "SECONDS", "for which a server that was silent is passed over (60)" },
	{ "domain", 0, OPT_LIST, &self.domains, "NAME", "domain whose users the servers know by the plain name (again: another)" },
	{ "user-form", 0, OPT_STR, &form, "FORM", "User-Name as plain, domain (D\\u), realm (u@d) or given" },
	{ "groups-from", 0, OPT_LIST, &self.groups_from, "NAME", "attribute that names groups (Filter-Id, Class)" },
	{ "dictionary", 0, OPT_STR, &self.dictionary, "FILE", "attributes beside the common ones" },
	{ "step", 0, OPT_NUM, &self.step, "N", "handshake step that this is (303)" },
	{ NULL, 0, OPT_FLAG, NULL, NULL, NULL }
};

static bool over_tls(void)
{
	unsigned n = 0;
	for (unsigned i = 0; i < self.server.n; i++)
		n += strncmp(self.server.v[i], "tls:", 4) == 0;
	if (n && n < self.server.n)
		tool_die(SP_USAGE, "all servers are tls:, or none");
	return n > 0;
}

/* In TLS the certificates say who the server is, and who we are. */
static void trust_certificates(void)
{
	const char *why;
	tool_need(ca, "ca");
	tool_need(cert, "cert");
	tool_need(key, "key");
	if (secret_file)
		tool_die(SP_USAGE, "--secret-file is not for tls: servers");
	secret_set(&self.secret, view_of(RADIUS_TLS_SECRET));
	self.ctx = tls_filter(&(struct tls_conf){ .ca = ca, .cert = cert, .key = key }, NULL, &why);
	if (!self.ctx)
		tool_die(SP_SYSTEM, "--ca %s --cert %s --key %s: %s", ca, cert, key, why);
}

static void trust_secret(void)
{
	tool_need(secret_file, "secret-file");
	if (secret_read_file(&self.secret, secret_file) != 0)
		tool_die(SP_SYSTEM, "unable to read %s: %s", secret_file, strerror(errno));
}

static void settle(void)
{
	static char host[64];
	tool_need(self.server.n ? self.server.v : NULL, "server");
	int f = username_form_of(form);
	if (f < 0)
		tool_die(SP_USAGE, "--user-form %s: not plain, domain, realm or given", form);
	self.form = (enum username_form)f;
	if (self.dead_time < 0 || self.dead_time > 86400000)
		tool_die(SP_USAGE, "--dead-time must be from 0 to 86400");
	if (!self.nas_id && gethostname(host, sizeof host - 1) == 0)
		self.nas_id = host;
	if (over_tls())
		trust_certificates();
	else
		trust_secret();
}

static int check_code(struct loop *l)
{
	struct asker asker = { .address = self.server, .ca = ca, .cert = cert, .key = key,
	                       .role = ROLE_LOGIN, .client = party_filter };
	asker_check(&asker, "server");
	int rc = code_check(&asker, l, router, tool_common.timeout);
	asker_clear(&asker);
	return rc;
}

int main(int argc, char **argv)
{
	static const struct tool tool = { .name = "sp-auth",
		.summary = "checks who users are, and their groups, by RADIUS",
		.operands = "", .opt = options };
	tool_common.timeout = 10000;
	if (tool_options(&tool, argc, argv) != argc)
		tool_die(SP_USAGE, "sp-auth takes no operands");
	tool_confine();
	if (!code)
		settle();
	struct loop *l = loop_new();
	if (!l)
		tool_die(SP_SYSTEM, "out of memory");
	int status = code ? check_code(l) : (int)auth_run(l, &self);
	loop_free(l);
	tls_free(self.ctx);
	secret_clear(&self.secret);
	return status;
}
