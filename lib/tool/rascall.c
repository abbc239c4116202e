/* rascall.c - one call to the RAS, as a holder's session: line, link, verdict,
 * TUN device, and all of it undone. The link's own end is told to the hold only
 * when everything is written and closed. */
#include "sys/wall.h"
#include "tool/rascall_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void call_fails(struct call *c, enum sp_exit status, int step, const char *why)
{
	if (c->why)
		return; /* the first cause counts */
	c->status = status;
	c->step = step;
	c->why = why;
}

static void call_clear(struct call *c)
{
	loop_cancel(c->s->loop, &c->permit_end);
	pppio_stop(&c->io);
	tun_close(&c->tun);
	circuit_free(c->line);
	ppp_free(c->ppp);
	worker_free(c->check);
	c->line = NULL;
	c->ppp = NULL;
	c->check = NULL;
}

static const char *number(char text[24], uint64_t n)
{
	snprintf(text, 24, "%llu", (unsigned long long)n);
	return n ? text : NULL;
}

static void log_end(const struct call *c)
{
	char answered[24], unanswered[24], again[24], foreign[24];
	uint64_t n = c->inform.count[DHCP_ANSWER];
	tool_log(0, "ended", "user", c->caller.user, "router", c->caller.router, "detail", c->why,
	         "dhcp_answered", number(answered, n), "dhcp_unanswered", number(unanswered, inform_packets(&c->inform) - n),
	         "again", number(again, c->again), "dropped", number(foreign, c->foreign), NULL);
}

/* The line is hung up: undo the rest, then tell. */
static void line_done(struct call *c)
{
	struct hold_session *s = c->s;
	call_clear(c);
	log_end(c);
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

/* The link is down and everything written. */
static void link_done(void *arg)
{
	struct call *c = arg;
	c->over = true;
	pppio_stop(&c->io);
	tun_close(&c->tun);
	circuit_hangup(c->line);
}

static void refuse(struct call *c, enum sp_exit status, const char *why)
{
	call_fails(c, status, RAS_VERDICT, why);
	tool_log(RAS_VERDICT, "refused", "user", c->caller.user, "router", c->caller.router, "detail", why, NULL);
	ppp_verdict(c->ppp, clock_ms(), false, "refused");
}

/* Who gave us the line may want to know what we know of the caller: strangers share its calls. */
static void tell_answer(const struct call *c, const char *record)
{
	const char *fd = getenv("SP_CALLER");
	uint64_t n;
	if (strncmp(c->conf->line, "fd:", 3) != 0 || !fd || !num_u64(view_of(fd), 3, 1 << 20, &n))
		return;
	if (write((int)n, record, strlen(record)) < 0)
		unsetenv("SP_CALLER"); /* nobody is there */
}

/* Who it is is proven: may it come in? */
static void authenticated(struct call *c)
{
	const char *user = c->caller.user, *router = c->caller.router;
	bool logged = c->again <= CALL_AGAIN_LOGGED;
	if (logged)
		tool_log(RAS_AUTHENTICATED, "authenticated", "user", user, "router", router, "session",
		         c->permit.p.sequence ? c->permit.p.session : NULL, NULL);
	const char *why = ras_refusal(&c->conf->rules, &c->caller);
	if (why) {
		refuse(c, SP_DENIED, why);
		return;
	}
	if (logged) {
		tool_log(RAS_AUTHORISED, "authorised", "user", user, "router", router, NULL);
		tool_log(RAS_VERDICT, "accepted", "user", user, "router", router, NULL);
	}
	tell_answer(c, "caller=known\n");
	ppp_verdict(c->ppp, clock_ms(), true, c->proof[0] ? c->proof : "welcome");
}

/* The filter's answer; only decision=accept without error= lets in. */
static void on_answer(void *arg, struct record *r, const char *why)
{
	struct call *c = arg;
	const char *error = r ? record_str(r, "error") : NULL, *detail = r ? record_str(r, "detail") : why;
	if (!ppp_verdict_due(c->ppp)) { /* the caller has begun anew: it will be asked about again */
		ppp_verdict(c->ppp, clock_ms(), false, NULL);
	} else if (r && !error && view_is(record_get(r, "decision"), "accept")) {
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
		rc = record_set(&r, "calling", circuit_peer(c->line));
	if (rc == 0)
		rc = record_set(&r, "line", circuit_name(c->line));
	if (rc == 0)
		rc = worker_ask(c->check, &r, c->ready ? clock_deadline(tool_common.timeout) : c->s->deadline, on_answer, c);
	record_clear(&r);
	if (rc != 0)
		refuse(c, SP_SYSTEM, "unable to ask the filter of --check");
}

static void check_permit(struct call *c, struct view text)
{
	const char *why;
	enum sp_exit status = call_permit(c, text, &why);
	if (status == SP_OK)
		authenticated(c);
	else
		refuse(c, status, why);
}

static void on_check(void *arg, const struct ppp_check *k)
{
	struct call *c = arg;
	if (!ras_caller(k->name, &c->caller))
		refuse(c, SP_DENIED, "wrong name or secret");
	else if (call_is_permit(c, k))
		check_permit(c, k->password);
	else if (c->check)
		ask_filter(c, k);
	else if (c->conf->secret.n && ras_secret(&c->conf->secret, k, c->proof))
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

/* Nothing comes in from it but what a security client lets in. */
static bool shut(struct call *c)
{
	const char *why;
	if (!c->conf->wall)
		return true;
	if (wall_prove(&(struct wall_session){ .link = c->tun.name }, c->tun.fd, -1, &why) == 0) {
		tool_log(RAS_WALL, "wall proven", "interface", c->tun.name, NULL);
		return true;
	}
	snprintf(c->detail, sizeof c->detail, "the wall does not hold: %s", why);
	tool_log(RAS_WALL, "no wall", "interface", c->tun.name, "detail", why, NULL);
	call_fails(c, SP_SYSTEM, RAS_WALL, c->detail);
	return false;
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
	if (!shut(c)) {
		ppp_close(c->ppp, clock_ms(), PPP_CLOSED);
		return;
	}
	c->peer = ev->peer;
	pppio_tun(&c->io, c->tun.fd);
	if (!c->conf->no_dhcp)
		inform_begin(&c->inform, ev, c->conf->ppp.mru);
	tool_log(RAS_ADDRESS, "address given", "address", own, "peer_address", peer, "user", c->caller.user, NULL);
	record_set(r, "interface", c->tun.name);
	record_set(r, "address", own);
	record_set(r, "peer_address", peer);
	record_set(r, "user", c->caller.user);
	record_set(r, "router", c->caller.router);
	if (c->permit.p.sequence)
		ras_permit_record(&c->conf->permit, &c->permit, r);
	if (c->speed)
		record_setf(r, "speed", "%llu", (unsigned long long)c->speed);
	if (c->bits && c->bits != PACE_BITS_A_BYTE)
		record_setf(r, "bits", "%llu", (unsigned long long)c->bits);
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

static void link_anew(struct call *c, const struct ppp_event *ev)
{
	bool resumed = ev->kind == PPP_EV_RESUMED;
	c->again++;
	if (resumed) {
		tun_mtu(&c->tun, ev->mtu);
		c->inform.link.mtu = ev->mtu;
	}
	if (c->again <= CALL_AGAIN_LOGGED)
		tool_log(resumed ? RAS_ADDRESS : RAS_ASK, resumed ? "resumed" : "negotiates anew", "user", c->caller.user, NULL);
}

static void on_event(void *arg, const struct ppp_event *ev)
{
	struct call *c = arg;
	if (ev->kind == PPP_EV_LCP_UP)
		tool_log(RAS_ASK, "asks who is calling", "line", circuit_name(c->line), "peer", circuit_peer(c->line), NULL);
	else if (ev->kind == PPP_EV_IP_UP)
		link_up(c, ev);
	else if (ev->kind == PPP_EV_ANEW || ev->kind == PPP_EV_RESUMED)
		link_anew(c, ev);
	else if (ev->kind == PPP_EV_DOWN)
		link_down(c, ev->reason);
}

/* What the line does not know, because it was given to us as a descriptor, is in the
 * environment where sp-answer knew it. */
static void line_speed(struct call *c)
{
	const char *speed = getenv("SP_SPEED"), *bits = getenv("SP_BITS");
	bool given = strncmp(c->conf->line, "fd:", 3) == 0;
	c->speed = circuit_speed(c->line);
	c->bits = circuit_bits(c->line);
	if (given && speed && !c->speed)
		num_u64(view_of(speed), 1, 1000000000, &c->speed);
	if (given && bits)
		num_u64(view_of(bits), 8, 10, &c->bits);
}

static void line_up(struct call *c)
{
	static const struct ppp_ops ops = { .event = on_event, .packet = call_packet, .check = on_check, .again = call_permit_again };
	if (c->conf->check) {
		c->check = worker_new(c->s->loop, c->conf->check);
		if (!c->check || worker_start(c->check) != 0) {
			int e = errno;
			call_clear(c);
			hold_fail(c->s, SP_SYSTEM, RAS_ASK, "unable to run %s: %s", c->conf->check, strerror(e));
			return;
		}
	}
	struct ppp_conf ppp = c->conf->ppp;
	line_speed(c);
	tell_answer(c, "caller=stranger\n");
	ppp.speed = c->speed;
	c->ppp = ppp_new(&ppp, &ops, c);
	if (c->ppp) {
		pppio_begin(&c->io, &(struct pppio_conf){ .loop = c->s->loop, .ppp = c->ppp, .line = circuit_fd(c->line), .speed = c->speed,
		                                          .bits = (unsigned)c->bits, .done = link_done, .arg = c });
		return;
	}
	call_clear(c);
	hold_fail(c->s, SP_SYSTEM, RAS_ASK, "out of memory");
}

static void on_circuit(void *arg, const struct circuit_event *ev)
{
	struct call *c = arg;
	char detail[256];
	if (ev->what == CIRCUIT_UP) {
		line_up(c);
	} else if (ev->what == CIRCUIT_DOWN && c->over) {
		line_done(c);
	} else if (ev->what == CIRCUIT_DOWN) {
		snprintf(detail, sizeof detail, "%s", ev->detail);
		call_clear(c);
		hold_fail(c->s, reason_exit(ev->reason), RAS_ASK, "%s: %s", c->conf->line, detail);
	}
}

void rascall_start(struct hold_session *s)
{
	static const struct circuit_ops ops = { on_circuit };
	static struct call call; /* one call a process */
	const char *why;
	call = (struct call){ .s = s, .conf = s->config, .tun.fd = -1 };
	s->tool = &call;
	call.line = circuit_call(s->loop, &(struct circuit_conf){ call.conf->line, NULL, s->deadline, &ops, &call, NULL }, &why);
	if (!call.line)
		hold_fail(s, errno == EBUSY ? SP_BUSY : SP_SYSTEM, RAS_ASK, "unable to use %s: %s", call.conf->line, why);
}

void rascall_stop(struct hold_session *s)
{
	struct call *c = s->tool;
	if (c->stopping || !c->ppp) { /* undone already, or nothing is to be said */
		call_clear(c);
		hold_done(s);
		return;
	}
	c->stopping = true;
	if (c->over) /* its end is being told */
		return;
	ppp_close(c->ppp, clock_ms(), PPP_CLOSED);
	pppio_touch(&c->io);
}
