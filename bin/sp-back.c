/* sp-back - holds the connections of service processors that nobody can call, for
 * the router beside it: TLS towards them, a unix socket towards sp-nas. */
#include "engine/back.h"
#include "engine/party.h"
#include "sys/sock.h"
#include "tool/spool.h"
#include "tool/tool.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char *listen_on, *cert, *key, *ca, *crl, *local = "unix:/run/sp/back.sock";
static uint64_t peers = 1000, strangers = 8;

static const struct opt options[] = {
	{ "listen", 'l', OPT_STR, &listen_on, "ADDRESS", "where service processors connect: tls:HOST:PORT" },
	{ "cert", 0, OPT_STR, &cert, "FILE", "own certificate" },
	{ "key", 0, OPT_STR, &key, "FILE", "own key" },
	{ "ca", 0, OPT_STR, &ca, "FILE", "authority that vouches for the service processors' certificates" },
	{ "crl", 0, OPT_STR, &crl, "FILE", "what that authority has revoked" },
	{ "socket", 0, OPT_STR, &local, "ADDRESS", "where callers ask (unix:/run/sp/back.sock)" },
	{ "peers", 0, OPT_NUM, &peers, "N", "connections of service processors at once (1000)" },
	{ "strangers", 0, OPT_NUM, &strangers, "N", "of them, from one address, not yet known by certificate (8)" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-back",
	.summary = "Holds connections that service processors make from behind their firewalls, to be called over.",
	.operands = "",
	.opt = options,
};

struct server {
	struct loop *loop;
	struct spool out;
	struct back *back;
	struct ssl_ctx_st *tls;
	struct addr local;
};

static void on_event(void *arg, struct record *r)
{
	struct server *s = arg;
#define FIELD(k) k, record_str(r, k)
	tool_log(0, record_str(r, "state"), FIELD("serial"), FIELD("peer"), FIELD("reason"), FIELD("seconds"), FIELD("detail"), NULL);
#undef FIELD
	spool_add(&s->out, r);
}

static void on_refused(void *arg, struct record *r)
{
	(void)arg;
#define FIELD(k) k, record_str(r, k)
	tool_log(0, "refused", FIELD("peer"), FIELD("role"), FIELD("name"), FIELD("certificate_id"), FIELD("count"), FIELD("detail"), NULL);
#undef FIELD
}

static void on_signal(void *arg, int signo)
{
	struct server *s = arg;
	(void)signo;
	loop_stop(s->loop);
}

static void check_options(void)
{
	tool_need(listen_on, "listen");
	tool_need(cert, "cert");
	tool_need(key, "key");
	tool_need(ca, "ca");
	if (peers < 1 || peers > 100000 || strangers < 1 || strangers > 100000)
		tool_die(SP_USAGE, "--peers and --strangers must be from 1 to 100000");
}

static int open_socket(const char *text, enum addr_kind kind, const char *option, struct addr *a, char *bound, size_t size)
{
	const char *why = "no such kind of address here";
	if (!addr_parse(text, a, &why) || a->kind != kind)
		tool_die(SP_USAGE, "--%s %s: %s", option, text, kind == ADDR_TLS ? "must be tls:" : "must be unix:");
	int fd = sock_listen(a, bound, size, &why);
	if (fd < 0)
		tool_die(SP_SYSTEM, "unable to listen on %s: %s: %s", text, why, strerror(errno));
	return fd;
}

static void open_all(struct server *s)
{
	char bound[320], path[320], *port;
	const char *why;
	struct addr a;
	struct back_conf conf = { .loop = s->loop, .peers = (unsigned)peers, .strangers = (unsigned)strangers,
		                  .event = on_event, .refused = on_refused, .arg = s };
	struct tls_conf tls = { .cert = cert, .key = key, .ca = ca, .crl = crl, .roles = ROLE_BIT(ROLE_PROCESSOR),
		                .own_roles = ROLE_BIT(ROLE_ROUTER) };
	s->tls = party_server(&tls, &why);
	if (!s->tls)
		tool_die(SP_SYSTEM, "unable to use %s, %s and %s: %s", cert, key, ca, why);
	int fd = open_socket(listen_on, ADDR_TLS, "listen", &a, bound, sizeof bound);
	int callers = open_socket(local, ADDR_UNIX, "socket", &s->local, path, sizeof path);
	s->back = back_new(&conf);
	if (!s->back || back_listen(s->back, fd, s->tls) != 0 || back_listen_local(s->back, callers) != 0)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	port = strrchr(bound, ':');
	*port = '\0';
	tool_ready(&s->out.out, "address", bound, "port", port + 1, "socket", path, NULL);
}

int main(int argc, char **argv)
{
	static struct server s;
	if (tool_options(&tool, argc, argv) != argc)
		tool_die(SP_USAGE, "no operands are known: see --help");
	check_options();
	tool_confine();
	signal(SIGPIPE, SIG_IGN);
	tool_descriptors(peers + BACK_CALLERS + 64, peers, "connections"); /* one each, and one for each caller */
	s.loop = loop_new();
	if (!s.loop)
		tool_die(SP_SYSTEM, "out of memory");
	spool_init(&s.out, s.loop, STDOUT_FILENO, tool_common.json);
	loop_signal(s.loop, SIGTERM, on_signal, &s);
	loop_signal(s.loop, SIGINT, on_signal, &s);
	open_all(&s);
	int rc = loop_run(s.loop);
	if (rc != 0)
		tool_say("unable to wait: %s", strerror(errno));
	back_free(s.back);
	unlink(s.local.path);
	spool_last(&s.out);
	bool lost = s.out.error && s.out.error != EPIPE;
	tls_free(s.tls);
	spool_clear(&s.out);
	loop_free(s.loop);
	return (int)(rc != 0 || lost ? SP_SYSTEM : SP_OK);
}
