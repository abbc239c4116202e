/* rascall.c - one call to the RAS, as a holder's session: line, link, verdict,
 * TUN device, and all of it undone. The link's own end is told to the hold only
 * when everything is written and closed. */
#include "tool/rascall.h"

#include "engine/pppio.h"
#include "engine/worker.h"
#include "sys/line.h"
#include "sys/tun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct call {
	struct hold_session *s;
	const struct rascall_conf *conf;
	struct line line;
	struct tun tun;
	struct ppp *ppp;
	struct pppio io;
	struct worker *check;
	struct ras_caller caller;
	enum sp_exit status; /* what it ends with */
	int step;
	const char *why;
	char detail[256]; /* what the filter said, for why */
	bool ready, stopping;
};

static void call_fails(struct call *c, enum sp_exit status, int step, const char *why)
{
	if (c->why)
		return; /* the first cause counts */
	c->status = status;
	c->step = step;
	c->why = why;
}

static void call_clear(struct call *c)
{
	pppio_stop(&c->io);
	tun_close(&c->tun);
	if (c->line.fd >= 0)
		loop_forget(c->s->loop, c->line.fd);
	line_close(&c->line);
	ppp_free(c->ppp);
	worker_free(c->check);
	c->ppp = NULL;
	c->check = NULL;
}

/* The link is down and everything written: undo, then tell. */
static void link_done(void *arg)
{
	struct call *c = arg;
	struct hold_session *s = c->s;
	call_clear(c);
	tool_log(0, "ended", "user", c->caller.user, "router", c->caller.router, "detail", c->why, NULL);
	if (c->stopping) {
		hold_done(s);
		return;
	}
	c->stopping = true;
	if (c->status == SP_OK)
		hold_ended(s);
	else
		hold_lost(s, c->status, c->step, "%s", c->why);
}

static void refuse(struct call *c, enum sp_exit status, const char *why)
{
	call_fails(c, status, RAS_VERDICT, why);
	tool_log(RAS_VERDICT, "refused", "user", c->caller.user, "router", c->caller.router, "detail", why, NULL);
	ppp_verdict(c->ppp, clock_ms(), false, "refused");
}

/* Who it is is proven: may it come in? */
static void authenticated(struct call *c)
{
	const char *user = c->caller.user, *router = c->caller.router;
	tool_log(RAS_AUTHENTICATED, "authenticated", "user", user, "router", router, NULL);
	const char *why = ras_refusal(&c->conf->rules, &c->caller);
	if (why) {
		refuse(c, SP_DENIED, why);
		return;
	}
	tool_log(RAS_AUTHORISED, "authorised", "user", user, "router", router, NULL);
	tool_log(RAS_VERDICT, "accepted", "user", user, "router", router, NULL);
	ppp_verdict(c->ppp, clock_ms(), true, "welcome");
}

/* The filter's answer; only decision=accept without error= lets in. */
static void on_answer(void *arg, struct record *r, const char *why)
{
	struct call *c = arg;
	const char *error = r ? record_str(r, "error") : NULL, *detail = r ? record_str(r, "detail") : why;
	if (r && !error && view_is(record_get(r, "decision"), "accept")) {
		authenticated(c);
	} else {
		snprintf(c->detail, sizeof c->detail, "%s", detail ? detail : "not accepted");
		refuse(c, !r ? SP_TIMEOUT : error ? sp_exit_of(error) : SP_DENIED, c->detail);
	}
	pppio_touch(&c->io);
}

static void ask_filter(struct call *c, const struct ppp_check *k)
{
	struct record r;
	record_init(&r);
	int rc = ras_question(&r, &c->caller, k);
	if (rc == 0)
		rc = record_set(&r, "calling", c->line.peer);
	if (rc == 0)
		rc = record_set(&r, "line", c->line.name);
	if (rc == 0)
		rc = worker_ask(c->check, &r, c->s->deadline, on_answer, c);
	record_clear(&r);
	if (rc != 0)
		refuse(c, SP_SYSTEM, "unable to ask the filter of --check");
}

static void on_check(void *arg, const struct ppp_check *k)
{
	struct call *c = arg;
	if (!ras_caller(k->name, &c->caller))
		refuse(c, SP_DENIED, "wrong name or secret");
	else if (c->check)
		ask_filter(c, k);
	else if (ras_secret(&c->conf->secret, k))
		authenticated(c);
	else
		refuse(c, SP_DENIED, "wrong name or secret");
}

static bool tun_make(struct call *c, const struct ppp_event *ev, const char **why)
{
	if (tun_open(&c->tun, c->conf->interface ? c->conf->interface : "ras%d", why) != 0)
		return false;
	*why = "unable to configure the TUN device";
	return tun_address(&c->tun, ev->local, &ev->peer) == 0 && tun_mtu(&c->tun, ev->mtu) == 0 && tun_up(&c->tun) == 0;
}

static void link_up(struct call *c, const struct ppp_event *ev)
{
	char own[INET_ADDRSTRLEN], peer[INET_ADDRSTRLEN];
	struct record *r = &c->s->rec;
	const char *why;
	inet_ntop(AF_INET, &ev->local, own, sizeof own);
	inet_ntop(AF_INET, &ev->peer, peer, sizeof peer);
	if (!tun_make(c, ev, &why)) {
		tool_say("%s: %s", why, strerror(errno));
		call_fails(c, SP_SYSTEM, RAS_ADDRESS, why);
		ppp_close(c->ppp, clock_ms(), PPP_CLOSED);
		return;
	}
	pppio_tun(&c->io, c->tun.fd);
	tool_log(RAS_ADDRESS, "address given", "address", own, "peer_address", peer, "user", c->caller.user, NULL);
	record_set(r, "interface", c->tun.name);
	record_set(r, "address", own);
	record_set(r, "peer_address", peer);
	record_set(r, "user", c->caller.user);
	record_set(r, "router", c->caller.router);
	if (c->line.speed)
		record_setf(r, "speed", "%llu", (unsigned long long)c->line.speed);
	record_set(r, "state", "up");
	c->ready = true;
	hold_ready(c->s);
}

static void link_down(struct call *c, enum ppp_reason reason)
{
	struct ras_end e = ras_end(reason, c->ready);
	if (e.why)
		call_fails(c, e.status, e.step, e.why);
}

static void on_event(void *arg, const struct ppp_event *ev)
{
	struct call *c = arg;
	if (ev->kind == PPP_EV_LCP_UP)
		tool_log(RAS_ASK, "asks who is calling", "line", c->line.name, "peer", c->line.peer, NULL);
	else if (ev->kind == PPP_EV_IP_UP)
		link_up(c, ev);
	else if (ev->kind == PPP_EV_DOWN)
		link_down(c, ev->reason);
}

static void on_packet(void *arg, const uint8_t *ip, size_t n)
{
	struct call *c = arg;
	pppio_packet(&c->io, ip, n);
}

static void line_up(struct call *c)
{
	static const struct ppp_ops ops = { on_event, on_packet, on_check, NULL };
	if (c->conf->check) {
		c->check = worker_new(c->s->loop, c->conf->check);
		if (!c->check || worker_start(c->check) != 0) {
			hold_fail(c->s, SP_SYSTEM, RAS_ASK, "unable to run %s: %s", c->conf->check, strerror(errno));
			return;
		}
	}
	c->ppp = ppp_new(&c->conf->ppp, &ops, c);
	if (c->ppp)
		pppio_begin(&c->io, &(struct pppio_conf){ .loop = c->s->loop, .ppp = c->ppp, .line = c->line.fd, .done = link_done, .arg = c });
	else
		hold_fail(c->s, SP_SYSTEM, RAS_ASK, "out of memory");
}

static void on_connect(void *arg, int fd, short revents)
{
	struct call *c = arg;
	const char *why;
	(void)revents;
	loop_forget(c->s->loop, fd);
	int rc = line_connected(&c->line, &why);
	if (rc > 0)
		line_up(c);
	else if (rc == 0)
		loop_fd(c->s->loop, c->line.fd, POLLOUT, on_connect, c);
	else
		hold_fail(c->s, SP_PEER, RAS_ASK, "%s: %s", c->conf->line, why);
}

void rascall_start(struct hold_session *s)
{
	static struct call call; /* one call a process */
	const char *why;
	call = (struct call){ .s = s, .conf = s->config, .line.fd = -1, .tun.fd = -1 };
	s->tool = &call;
	if (line_call(&call.line, call.conf->line, &why) != 0)
		hold_fail(s, SP_SYSTEM, RAS_ASK, "unable to use %s: %s", call.conf->line, why);
	else if (call.line.up)
		line_up(&call);
	else
		loop_fd(s->loop, call.line.fd, POLLOUT, on_connect, &call);
}

void rascall_stop(struct hold_session *s)
{
	struct call *c = s->tool;
	if (c->stopping || !c->ppp) { /* undone already */
		call_clear(c);
		hold_done(s);
		return;
	}
	c->stopping = true;
	ppp_close(c->ppp, clock_ms(), PPP_CLOSED);
	pppio_touch(&c->io);
}
