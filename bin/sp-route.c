/* sp-route.c - gives our own address to the other side of the link and holds
 * the route that comes of it (steps 341, 343); with -l the side that is asked. */
#include "engine/chan.h"
#include "sys/sock.h"
#include "tool/hold.h"
#include "tool/routecmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT 4341
#define TRY_FIRST 250   /* ms that a try to connect may take; each later one twice that */
#define REFUSED_FOR 3000 /* ms: the link may be up before its route service listens */
#define PAUSE 10        /* ms between two tries */
#define FAREWELL 2000   /* ms for the other side to say that the route is gone */

static uint64_t port = PORT, table = PORT;

struct asker {
	struct hold_session *s;
	struct chan *chan;
	struct loop_timer timer; /* the next try; later the farewell */
	char address[128];       /* as chan_connect wants it */
	const char *list[1];
	int64_t began, share;
	bool open, stopping;
};

static void try_now(void *arg);

static void asker_free(struct asker *k)
{
	loop_cancel(k->s->loop, &k->timer);
	chan_free(k->chan);
	k->s->tool = NULL;
	free(k);
}

static void fail(struct asker *k, enum sp_exit status, int step, const char *why)
{
	struct hold_session *s = k->s;
	asker_free(k);
	hold_fail(s, status, step, "%s", why);
}

static void on_open(void *arg)
{
	struct asker *k = arg;
	static const char *const keys[] = { "session", "user" };
	char own[64];
	struct record r;
	k->open = true;
	sock_own_host(stream_fd(chan_stream(k->chan)), own, sizeof own);
	sock_keepalive(stream_fd(chan_stream(k->chan)));
	record_init(&r);
	int rc = record_set(&r, "op", "route");
	for (unsigned i = 0; i < 2 && rc == 0; i++)
		if (record_has(&k->s->rec, keys[i]))
			rc = record_set(&r, keys[i], record_str(&k->s->rec, keys[i]));
	if (rc == 0)
		rc = record_set(&r, "host", own);
	if (rc == 0)
		rc = chan_send(k->chan, &r);
	record_clear(&r);
	if (rc != 0) {
		fail(k, SP_SYSTEM, 341, strerror(errno));
		return;
	}
	tool_log(341, "sent", "session", record_str(&k->s->rec, "session"), "host", own, "to", k->address, NULL);
	hold_progress(k->s, 341, "host", own, NULL);
}

static void acknowledged(struct asker *k, struct record *r)
{
	struct hold_session *s = k->s;
	const char *host = record_str(r, "host");
	if (!host || record_set(&s->rec, "host", host) != 0 || record_set(&s->rec, "route", "acknowledged") != 0 ||
	    record_set(&s->rec, "state", "ready") != 0) {
		fail(k, SP_PEER, 343, "the answer names no host=");
		return;
	}
	tool_log(343, "acknowledged", "session", record_str(&s->rec, "session"), "host", host, NULL);
	hold_progress(s, 343, "route", "acknowledged", NULL);
	hold_ready(s);
}

static void on_record(void *arg, struct record *r)
{
	struct asker *k = arg;
	struct hold_session *s = k->s;
	struct view word = record_get(r, "route");
	if (k->stopping)
		return;
	if (record_has(r, "error")) {
		tool_log(343, "refused", "session", record_str(&s->rec, "session"), "error", record_str(r, "error"),
		         "detail", record_str(r, "detail"), NULL);
		hold_fail_as(s, r, 342);
		asker_free(k);
	} else if (view_is(word, "acknowledged")) {
		acknowledged(k, r);
	} else {
		fail(k, SP_PEER, 343, "the other side answers something else than asked");
	}
}

/* Not open yet: the link may be younger than its route service. */
static void again(struct asker *k, const char *why)
{
	int64_t now = clock_ms();
	bool slow = strcmp(why, "timed out") == 0;
	if (now >= k->s->deadline || (!slow && now - k->began > REFUSED_FOR)) {
		char text[256];
		snprintf(text, sizeof text, "no route service at %s: %s", k->address + 4, why);
		fail(k, slow ? SP_TIMEOUT : SP_PEER, 341, text);
		return;
	}
	if (slow)
		k->share *= 2;
	chan_free(k->chan);
	k->chan = NULL;
	loop_at(k->s->loop, &k->timer, now + PAUSE, try_now, k);
}

static void on_closed(void *arg, const char *why)
{
	struct asker *k = arg;
	struct hold_session *s = k->s;
	if (k->stopping) {
		asker_free(k);
		hold_done(s);
	} else if (!k->open) {
		again(k, why ? why : "connection closed");
	} else {
		k->open = false;
		hold_lost(s, SP_PEER, 343, "the route service has ended the connection%s%s", why ? ": " : "", why ? why : "");
		if (s->tool) /* it had not answered yet: nothing was to be stopped */
			asker_free(k);
	}
}

static void try_now(void *arg)
{
	static const struct chan_ops ops = { on_open, on_record, NULL, on_closed };
	struct asker *k = arg;
	int64_t until = clock_ms() + k->share;
	struct chan_conf conf = { k->list, 1, NULL, until < k->s->deadline ? until : k->s->deadline };
	k->chan = chan_connect(k->s->loop, &conf, &ops, k);
	if (!k->chan)
		fail(k, SP_SYSTEM, 341, "out of memory");
}

static void start(struct hold_session *s)
{
	const char *address = record_str(&s->rec, "address");
	struct asker *k = calloc(1, sizeof *k);
	if (!address || !k) {
		free(k);
		hold_fail(s, address ? SP_SYSTEM : SP_RECORD, 341, address ? "out of memory" : "no address= in the record: sp-addr gives it");
		return;
	}
	snprintf(k->address, sizeof k->address, strchr(address, ':') ? "tcp:[%s]:%u" : "tcp:%s:%u", address, (unsigned)port);
	k->s = s;
	k->list[0] = k->address;
	k->began = clock_ms();
	k->share = TRY_FIRST;
	s->tool = k;
	try_now(k);
}

static void gone(void *arg)
{
	struct asker *k = arg;
	struct hold_session *s = k->s;
	asker_free(k);
	hold_done(s);
}

/* Our end of the connection closes; the other side's end says that the route
 * is gone. */
static void stop(struct hold_session *s)
{
	struct asker *k = s->tool;
	if (!k || !k->open || !k->chan || shutdown(stream_fd(chan_stream(k->chan)), SHUT_WR) != 0) {
		if (k)
			asker_free(k);
		hold_done(s);
		return;
	}
	k->stopping = true;
	loop_at(s->loop, &k->timer, clock_deadline(FAREWELL), gone, k);
}

static enum sp_exit serve(const struct opt_list *prefixes)
{
	struct routecmd c = { .table = (uint32_t)table, .port = (uint16_t)port };
	const char *why;
	tool_need(prefixes->n ? prefixes : NULL, "prefix");
	for (; c.nprefix < prefixes->n; c.nprefix++)
		if (!prefix_parse(prefixes->v[c.nprefix], &c.prefix[c.nprefix], &why))
			tool_die(SP_USAGE, "--prefix %s: %s", prefixes->v[c.nprefix], why);
	if (table < 256 || table > UINT32_MAX)
		tool_die(SP_USAGE, "--table must be 256 or more: it is to be no other's");
	tool_confine();
	return routecmd_serve(&c);
}

int main(int argc, char **argv)
{
	bool answering = false;
	struct opt_list prefixes = { .n = 0 };
	const struct opt opts[] = {
		{ "listen", 'l', OPT_FLAG, &answering, NULL, "be the route service: links come on standard input" },
		{ "port", 0, OPT_NUM, &port, "N", "TCP port of the route service (4341)" },
		{ "prefix", 0, OPT_LIST, &prefixes, "NET/BITS", "-l: hosts that routes may lead to; several" },
		{ "table", 0, OPT_NUM, &table, "N", "-l: the routing table (4341)" },
		{ 0 },
	};
	const struct tool t = { "sp-route", "give our address to the other side of the link, hold the route", "[-- COMMAND ...]", opts, true };
	tool_common.timeout = 15000;
	int i = tool_options(&t, argc, argv);
	if (port < 1 || port > 65535)
		tool_die(SP_USAGE, "--port must be 1 to 65535");
	if (answering)
		return (int)serve(&prefixes);
	tool_hide();
	struct hold h = { .name = "route", .step = 341, .start = start, .stop = stop, .command = argv[i] ? argv + i : NULL };
	return (int)hold_run(&h);
}
