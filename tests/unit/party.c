/* Two ends of TLS that look at each other's certificates: who gets in, who does not, and
 * what either is told. */
#include "engine/ca.h"
#include "engine/party.h"
#include "sys/files.h"
#include "sys/key.h"
#include "unit/tap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static char dir[] = "/tmp/sp-unit.XXXXXX";
static struct loop *loop;

static const char *at(const char *name)
{
	static char text[8][64];
	static unsigned n;
	char *p = text[n++ % 8];
	snprintf(p, 64, "%s/%s", dir, name);
	return p;
}

/* NAME.crt and NAME.key, by the authority in the folder `from`. */
static void issue(const char *from, const char *name, const char *line)
{
	char why[CA_WHY] = "", file[64];
	const char *fault;
	struct ca *ca = ca_open(at(from), why);
	struct ca_ask ask = { .until = time(NULL) + 1000, .key = cert_key_new() };
	struct record row = { 0 };
	struct buf crt, key;
	buf_init(&crt, CERT_PEM_MAX);
	buf_init(&key, CERT_PEM_MAX);
	bool ok = ca && who_parse(&ask.who, view_of(line), &fault) == 1 && ca_issue(ca, &ask, &crt, &row, why) == 0 &&
	          cert_key_write(ask.key, true, &key) == 0;
	snprintf(file, sizeof file, "%s.crt", name);
	ok = ok && file_replace(at(file), buf_view(&crt), 0600) == 0;
	snprintf(file, sizeof file, "%s.key", name);
	ok = ok && file_replace(at(file), buf_view(&key), 0600) == 0;
	check(ok, "%s is issued (%s)", line, why);
	ca_close(ca);
	key_free(ask.key);
	record_clear(&row);
	buf_clear(&crt);
	buf_clear(&key);
}

static void authority(const char *name, const char *cert, const char *key)
{
	char why[CA_WHY] = "";
	struct ca_new with = { .dir = at(name), .until = time(NULL) + 2000,
		                   .who = { .role = ROLE_NONE, .issues = ROLES_ALL, .name = "root" }, .cert = cert, .key = key };
	check(ca_create(&with, why) == 0, "an authority %s (%s)", name, why);
}

struct end {
	struct stream *s;
	bool open, closed, got, denied;
	char why[128];
	struct party party;
};

static void on_open(void *arg)
{
	struct end *e = arg;
	e->open = true;
	party_of(e->s, &e->party);
	stream_write(e->s, view_of("x"));
}

static void on_data(void *arg, struct buf *in)
{
	struct end *e = arg;
	buf_consume(in, in->len);
	e->got = true;
	loop_stop(loop);
}

static void on_closed(void *arg, const char *why)
{
	struct end *e = arg;
	e->closed = true;
	e->denied = stream_denied(e->s);
	snprintf(e->why, sizeof e->why, "%s", why ? why : "end");
	loop_stop(loop);
}

static const struct stream_ops ops = { .open = on_open, .data = on_data, .closed = on_closed };

/* Until both have heard of the other. */
static void meet(struct ssl_ctx_st *server, struct ssl_ctx_st *client, struct end *a, struct end *b)
{
	int sv[2];
	*a = *b = (struct end){ 0 };
	if (!server || !client || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sv) != 0) {
		check(false, "two contexts and a pair of sockets");
		return;
	}
	loop = loop_new();
	a->s = stream_new(loop, sv[0], false, server, NULL, clock_ms() + 5000, &ops, a);
	b->s = stream_new(loop, sv[1], false, client, "there", clock_ms() + 5000, &ops, b);
	while (!(a->got || a->closed) || !(b->got || b->closed)) {
		if (a->closed && a->s)
			stream_free(a->s), a->s = NULL;
		loop_run(loop);
	}
	if (a->s)
		stream_free(a->s);
	stream_free(b->s);
	loop_free(loop);
}

static struct ssl_ctx_st *end_of(bool server, const char *name, unsigned roles, const char *peer)
{
	char cert[64], key[64];
	const char *why;
	snprintf(cert, sizeof cert, "%s/%s.crt", dir, name ? name : "");
	snprintf(key, sizeof key, "%s/%s.key", dir, name ? name : "");
	struct tls_conf conf = { .cert = name ? cert : NULL, .key = name ? key : NULL, .ca = at("ca/ca.crt"), .roles = roles,
		                 .crl = server ? at("crl") : NULL, .name = peer };
	struct ssl_ctx_st *ctx = server ? party_server(&conf, &why) : party_client(&conf, &why);
	if (!ctx)
		check(false, "%s: %s", name ? name : "nobody", why);
	return ctx;
}

/* A server that lets in users; the client is `name`. want: what the server says, NULL: in. */
static void client_is(struct ssl_ctx_st *server, const char *name, const char *want, const char *told)
{
	struct end a, b;
	struct ssl_ctx_st *client = end_of(false, name, ROLE_BIT(ROLE_MONITOR), NULL);
	meet(server, client, &a, &b);
	check(a.got == !want && b.got == !want, "%s is %s", name ? name : "nobody", want ? "refused" : "let in");
	if (want) {
		check_str(a.why, want, "the server's reason");
		check_str(b.why, told, "what the client is told");
		check(a.denied && b.denied && !a.got, "both know that it was the certificate");
	}
	tls_free(client);
}

static void take_back(const char *from, const char *id)
{
	char why[CA_WHY] = "", cmd[200];
	struct ca *ca = ca_open(at(from), why);
	check(ca && ca_revoke(ca, id, time(NULL) + 100, why) == 1, "%s is revoked (%s)", id, why);
	ca_close(ca);
	snprintf(cmd, sizeof cmd, "cat %s/ca/ca.crl %s/sec/ca.crl >%s/crl.new 2>/dev/null; mv %s/crl.new %s/crl", dir, dir, dir, dir, dir);
	check(system(cmd) == 0, "the list is there");
}

static void clients(void)
{
	struct ssl_ctx_st *server = end_of(true, "mon", ROLE_BIT(ROLE_USER), NULL);
	struct end a, b;
	client_is(server, "alice", NULL, NULL);
	client_is(server, NULL, "no certificate", "the other side wants a certificate");
	client_is(server, "router", "the role in the certificate is not one that is let in here", "the other side does not accept our certificate");
	client_is(server, "forged", "unable to get local issuer certificate", "the other side does not accept our certificate");
	struct ssl_ctx_st *client = end_of(false, "alice", ROLE_BIT(ROLE_MONITOR), "mon");
	meet(server, client, &a, &b);
	check(a.party.who.role == ROLE_USER && b.party.who.role == ROLE_MONITOR, "each knows the other's role");
	check_str(a.party.who.user, "alice", "the user's name");
	check_str(a.party.who.groups, "support", "and groups");
	char id[CERT_ID];
	memcpy(id, a.party.id, sizeof id);
	take_back("sec", id);
	client_is(server, "alice", "certificate revoked", "the other side says that our certificate is revoked");
	client_is(server, "bob", NULL, NULL);
	take_back("ca", "sec");
	client_is(server, "bob", "certificate revoked", "the other side says that our certificate is revoked");
	check(unlink(at("crl")) == 0, "the list is lost");
	meet(server, client, &a, &b);
	check(!a.open && strcmp(a.why, "unable to read the list of what is revoked") == 0, "without it nobody is let in (%s)", a.why);
	tls_free(client);
	tls_free(server);
}

/* The security server's key makes a monitor. */
static void stolen(void)
{
	const char *why = "";
	struct x509_st *sec = cert_load(at("secret.crt"), 0, &why);
	struct evp_pkey_st *sec_key = token_key(at("secret.key"), true, &why), *key = cert_key_new();
	struct cert_ask ask = { .cn = "mon", .statement = "role=monitor\tname=mon", .until = time(NULL) + 100 };
	struct x509_st *x = cert_issue(&ask, key, sec, sec_key, &why);
	struct buf pem;
	buf_init(&pem, CERT_PEM_MAX);
	bool ok = x && cert_write(x, &pem) == 0 && cert_write(sec, &pem) == 0 && cert_key_write(key, true, &pem) == 0 &&
	          file_replace(at("stolen.crt"), buf_view(&pem), 0600) == 0 &&
	          file_replace(at("stolen.key"), buf_view(&pem), 0600) == 0;
	check(ok, "a stolen key signs what it may not (%s)", why ? why : "");
	buf_clear(&pem);
	cert_free(x);
	cert_free(sec);
	key_free(key);
	key_free(sec_key);
}

static void servers(void)
{
	struct end a, b;
	struct ssl_ctx_st *wrong = end_of(false, "bob", ROLE_BIT(ROLE_LOGIN), NULL), *name = end_of(false, "bob", ROLE_BIT(ROLE_MONITOR), "mon2");
	struct tls_conf conf = { .cert = at("mon.crt"), .key = at("mon.key") };
	const char *why;
	struct ssl_ctx_st *server = party_server(&conf, &why);
	meet(server, wrong, &a, &b);
	check_str(b.why, "the role in the certificate is not one that is let in here", "a server of another role is refused");
	check(a.denied && b.denied && !b.open, "by its certificate");
	meet(server, name, &a, &b);
	check_str(b.why, "the name in the certificate is another one", "and one of another name");
	tls_free(server);
	conf = (struct tls_conf){ .cert = at("stolen.crt"), .key = at("stolen.key") };
	server = party_server(&conf, &why);
	meet(server, name, &a, &b);
	check_str(b.why, "an authority may not vouch for that role", "and one that the security server made");
	tls_free(wrong);
	tls_free(name);
	tls_free(server);
}

int main(void)
{
	char cmd[100];
	signal(SIGPIPE, SIG_IGN);
	check(mkdtemp(dir) != NULL, "a folder");
	authority("ca", NULL, NULL);
	authority("other", NULL, NULL);
	issue("ca", "mon", "role=monitor\tname=mon");
	issue("ca", "router", "role=router\tname=r1");
	issue("ca", "secret", "role=login\tissues=user,login\tname=sec");
	authority("sec", at("secret.crt"), at("secret.key"));
	issue("sec", "alice", "role=user\tuser=alice\tgroups=support");
	issue("sec", "bob", "role=user\tuser=bob");
	issue("other", "forged", "role=user\tuser=alice");
	stolen();
	snprintf(cmd, sizeof cmd, "cat %s/ca/ca.crl >%s/crl 2>/dev/null", dir, dir);
	check(system(cmd) != 0, "nothing is revoked yet");
	take_back("ca", "00000000000000000000000000000000");
	servers();
	clients();
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	check(system(cmd) == 0, "removed");
	return tap_done();
}
