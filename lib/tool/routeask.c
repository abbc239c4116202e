/* routeask.c - tries until the route service is there, asks, and holds the connection. Through a
 * proxy the address that is told is the one that the gateway holds for us: nothing gets in
 * from there, as nobody here has it. */
#include "tool/routeask.h"

#include "engine/chan.h"
#include "engine/party.h"
#include "sys/sock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRY_FIRST 250   /* ms that a try to connect may take; each later one twice that */
#define REFUSED_FOR 3000 /* ms: the link may be up before its route service listens */
#define PAUSE 10        /* ms between two tries */
#define FAREWELL 2000   /* ms for the other side to say that the route is gone */
#define PROXY_TRY 5000  /* through a proxy: these two, instead; each try is a process and a handshake */
#define PROXY_PAUSE 250

struct routeask routeask = { .port = 4341 };

struct asker {
	struct hold_session *s;
	struct chan *chan;
	struct loop_timer timer; /* the next try; later the farewell */
	char address[128];       /* as chan_connect wants it */
	const char *list[1];
	struct ssl_ctx_st *ctx;  /* through a proxy */
	int64_t began, share;
	bool open, stopping;
};

static void try_now(void *arg);

static void asker_free(struct asker *k)
{
	loop_cancel(k->s->loop, &k->timer);
	chan_free(k->chan);
	tls_free(k->ctx);
	k->s->tool = NULL;
	free(k);
}

static void fail(struct asker *k, enum sp_exit status, int step, const char *why)
{
	struct hold_session *s = k->s;
	char text[512]; /* why may be the context's, which goes */
	snprintf(text, sizeof text, "%s", why);
	asker_free(k);
	hold_fail(s, status, step, "%s", text);
}

static void on_open(void *arg)
{
	struct asker *k = arg;
	static const char *const keys[] = { "session", "user" };
	char own[64];
	struct record r;
	k->open = true;
	if (k->ctx)
		snprintf(own, sizeof own, "%s", record_str(&k->s->rec, "workstation"));
	else
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
	if (!host || record_set(&s->rec, "host", host) != 0 ||
	    (k->ctx && record_set(&s->rec, "inbound", "no") != 0) || record_set(&s->rec, "route", "acknowledged") != 0 ||
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
	if (chan_denied(k->chan)) {
		fail(k, SP_DENIED, 341, why);
		return;
	}
	if (now >= k->s->deadline || (!slow && now - k->began > REFUSED_FOR)) {
		char text[256];
		snprintf(text, sizeof text, "no route service %s %s: %s", k->ctx ? "through" : "at", k->address + 4, why);
		fail(k, slow ? SP_TIMEOUT : SP_PEER, 341, text);
		return;
	}
	if (slow)
		k->share *= 2;
	chan_free(k->chan);
	k->chan = NULL;
	loop_at(k->s->loop, &k->timer, now + (k->ctx ? PROXY_PAUSE : PAUSE), try_now, k);
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
	static const struct chan_ops ops = { .open = on_open, .record = on_record, .closed = on_closed };
	struct asker *k = arg;
	int64_t until = clock_ms() + k->share;
	struct chan_conf conf = { k->list, 1, k->ctx, until < k->s->deadline ? until : k->s->deadline };
	k->chan = chan_connect(k->s->loop, &conf, &ops, k);
	if (!k->chan)
		fail(k, SP_SYSTEM, 341, "out of memory");
}

/* Through the record's proxy, or --proxy. NULL, or why not and *status. */
static const char *through(struct asker *k, const char *proxy, const char *address, enum sp_exit *status)
{
	struct record *r = &k->s->rec;
	const char *own = routeask.identity ? routeask.identity : record_str(r, "identity"), *why = NULL;
	char to[128];
	*status = SP_RECORD;
	if (!record_get(r, "workstation").n)
		return "no workstation= in the record: sp-alloc --proxy gives it";
	if (!own || !*own)
		return "no identity= in the record: sp-login gives it";
	*status = SP_USAGE;
	if (!routeask.ca)
		return "a proxy wants --ca";
	snprintf(to, sizeof to, strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, (unsigned)routeask.port);
	struct tls_conf conf = { .ca = routeask.ca, .crl = routeask.crl, .cert = own, .key = own, .roles = ROLE_BIT(ROLE_GATEWAY), .connect = to };
	k->ctx = party_filter(&conf, &why);
	k->share = PROXY_TRY;
	snprintf(k->address, sizeof k->address, "%s", proxy);
	*status = SP_SYSTEM;
	return k->ctx ? NULL : why;
}

void routeask_start(struct hold_session *s)
{
	const char *address = record_str(&s->rec, "address"), *why = NULL;
	const char *proxy = routeask.proxy ? routeask.proxy : record_str(&s->rec, "proxy");
	struct asker *k = calloc(1, sizeof *k);
	enum sp_exit status;
	if (!address || !k) {
		free(k);
		hold_fail(s, address ? SP_SYSTEM : SP_RECORD, 341, address ? "out of memory" : "no address= in the record: sp-addr gives it");
		return;
	}
	snprintf(k->address, sizeof k->address, strchr(address, ':') ? "tcp:[%s]:%u" : "tcp:%s:%u", address, (unsigned)routeask.port);
	k->s = s;
	k->list[0] = k->address;
	k->began = clock_ms();
	k->share = TRY_FIRST;
	s->tool = k;
	if (proxy && *proxy)
		why = through(k, proxy, address, &status);
	if (why)
		fail(k, status, 341, why);
	else
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
void routeask_stop(struct hold_session *s)
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
