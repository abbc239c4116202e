/* dial.c - a telnet connection under a profile's dialogue.
 * Tries every address of the router's name, or has the proxy find it. A router that closes is told to the
 * talk, which knows whether that was expected. */
#include "engine/dial.h"

#include "engine/proxied.h"
#include "engine/transcript.h"
#include "sys/stream.h"
#include "wire/telnet.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP_CONNECT 315
#define DATA_MAX 65536

struct dial {
	struct loop *loop;
	struct dial_conf c;
	struct addr addr;
	unsigned tried;
	struct proxied *way; /* that leads to the router */
	struct stream *s;
	struct nvt *nvt;
	struct talk *talk;
	struct transcript *tr;
	struct buf user, wire;
	struct loop_timer timer;
	struct record none;
	unsigned busy;
	int64_t now; /* of what goes on */
	bool ended, freed;
	bool denied; /* one end does not accept the other's certificate */
};

static void leave(struct dial *d)
{
	if (--d->busy || !d->freed)
		return;
	transcript_free(d->tr);
	talk_free(d->talk);
	nvt_free(d->nvt);
	if (d->user.data)
		explicit_bzero(d->user.data, d->user.cap);
	buf_clear(&d->user);
	if (d->wire.data)
		explicit_bzero(d->wire.data, d->wire.cap);
	buf_clear(&d->wire);
	record_clear(&d->none);
	free(d);
}

static void on_talk_end(void *arg, enum sp_exit status, int step, const char *detail, struct record *fields)
{
	struct dial *d = arg;
	if (d->ended)
		return;
	d->ended = true;
	loop_cancel(d->loop, &d->timer);
	transcript_end(d->tr, d->now, sp_exit_name(status), step, detail);
	if (!d->freed)
		d->c.ops->end(d->c.arg, status, step, detail, fields);
}

static void fail(struct dial *d, int step, const char *what, const char *why)
{
	char text[512];
	snprintf(text, sizeof text, "%s %s:%s: %s", what, d->addr.host, d->addr.port, why);
	if (!d->ended)
		transcript_met(d->tr, d->now, "lost", text, false);
	enum sp_exit status = d->denied ? SP_DENIED : strcmp(why, STREAM_TIMED_OUT) == 0 ? SP_TIMEOUT : SP_PEER;
	on_talk_end(d, status, step, text, &d->none);
}

static void on_send(void *arg, struct view text)
{
	struct dial *d = arg;
	transcript_out(d->tr, d->now, text);
	if (!d->s || nvt_send(d->nvt, text, &d->wire) != 0 || stream_write(d->s, buf_view(&d->wire)) != 0)
		fail(d, STEP_CONNECT, "unable to write to", "it does not read");
	buf_wipe(&d->wire);
}

static void on_state(void *arg, const char *name, int step)
{
	struct dial *d = arg;
	transcript_state(d->tr, d->now, name, step);
}

static void on_note(void *arg, int step, const char *word)
{
	struct dial *d = arg;
	transcript_event(d->tr, d->now, "note", step, word, NULL);
	if (!d->freed)
		d->c.ops->note(d->c.arg, step, word);
}

static void on_progress(void *arg, int step, struct record *fields)
{
	struct dial *d = arg;
	transcript_event(d->tr, d->now, "progress", step, NULL, fields);
	if (!d->freed)
		d->c.ops->progress(d->c.arg, step, fields);
}

static void on_ready(void *arg, struct record *fields)
{
	struct dial *d = arg;
	transcript_event(d->tr, d->now, "ready", 0, NULL, fields);
	if (!d->freed)
		d->c.ops->ready(d->c.arg, fields);
}

static const struct talk_ops talk_ops = { on_send, on_state, on_note, on_progress, on_ready, on_talk_end };

static void on_timer(void *arg);

static void arm(struct dial *d)
{
	int64_t at = talk_deadline(d->talk);
	if (at == CLOCK_NEVER || d->ended || d->freed)
		loop_cancel(d->loop, &d->timer);
	else
		loop_at(d->loop, &d->timer, at, on_timer, d);
}

static void on_timer(void *arg)
{
	struct dial *d = arg;
	d->busy++;
	d->now = clock_ms();
	talk_tick(d->talk, d->now);
	arm(d);
	leave(d);
}

/* Something came from outside, perhaps while a deadline passed. */
static void heard(struct dial *d, struct view bytes)
{
	d->now = clock_ms();
	while (bytes.n && !d->ended && !d->freed) {
		struct view piece = { bytes.p, bytes.n < TRANSCRIPT_PIECE ? bytes.n : TRANSCRIPT_PIECE };
		transcript_in(d->tr, d->now, piece, d->now >= talk_deadline(d->talk));
		talk_input(d->talk, piece, d->now);
		transcript_heard(d->tr);
		bytes = (struct view){ bytes.p + piece.n, bytes.n - piece.n };
	}
}

static void met(struct dial *d, const char *event)
{
	d->now = clock_ms();
	if (!d->ended)
		transcript_met(d->tr, d->now, event, NULL, d->now >= talk_deadline(d->talk));
}

static void on_open(void *arg)
{
	struct dial *d = arg;
	int on = 1;
	setsockopt(stream_fd(d->s), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(stream_fd(d->s), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	d->busy++;
	met(d, "open");
	talk_start(d->talk, d->now);
	arm(d);
	leave(d);
}

static void on_data(void *arg, struct buf *in)
{
	struct dial *d = arg;
	const char *why = NULL;
	d->busy++;
	buf_wipe(&d->user);
	buf_wipe(&d->wire);
	int rc = nvt_recv(d->nvt, buf_view(in), &d->user, &d->wire, &why);
	buf_consume(in, in->len);
	if (rc == 0 && d->wire.len && stream_write(d->s, buf_view(&d->wire)) != 0)
		why = "it does not read";
	if (why)
		fail(d, STEP_CONNECT, "telnet with", why);
	else if (!d->ended)
		heard(d, buf_view(&d->user));
	arm(d);
	leave(d);
}

static void try_next(struct dial *d, const char *why);

static void on_closed(void *arg, const char *why)
{
	struct dial *d = arg;
	d->busy++;
	d->denied = stream_denied(d->s);
	stream_free(d->s);
	d->s = NULL;
	if (d->denied) {
		fail(d, STEP_CONNECT, "not let in by certificate at", why);
	} else if (strcmp(talk_state(d->talk), "none") == 0) {
		try_next(d, why ? why : "closed at once");
	} else {
		met(d, "closed");
		talk_closed(d->talk, d->now);
	}
	arm(d);
	leave(d);
}

static const struct stream_ops stream_ops = { .open = on_open, .data = on_data, .closed = on_closed };

static void take(struct dial *d, int fd, bool connecting)
{
	d->s = stream_new(d->loop, fd, connecting, d->c.tls, d->c.tls ? d->addr.host : NULL, d->c.deadline, &stream_ops, d);
	if (!d->s)
		fail(d, STEP_CONNECT, "unable to reach", "out of memory");
	else
		stream_limits(d->s, DATA_MAX, DATA_MAX);
}

static void try_next(struct dial *d, const char *why)
{
	const char *ignored;
	int fd = d->c.proxy ? -1 : sock_connect(&d->addr, &d->tried, &ignored);
	if (fd < 0)
		fail(d, STEP_CONNECT, "unable to reach", why);
	else
		take(d, fd, true);
}

static void on_way(void *arg, int fd)
{
	struct dial *d = arg;
	d->busy++;
	take(d, fd, false);
	leave(d);
}

static void on_no_way(void *arg, enum sp_exit status, const char *why)
{
	struct dial *d = arg;
	d->busy++;
	d->denied = status == SP_DENIED;
	fail(d, STEP_CONNECT, "unable to reach", why);
	leave(d);
}

static const char *begin_way(struct dial *d)
{
	const struct dial_proxy *p = d->c.proxy;
	struct proxied_conf conf = { .proxy = p->at, .ctx = p->ctx, .deadline = d->c.deadline, .open = on_way, .failed = on_no_way, .arg = d };
	char to[sizeof d->addr.host + sizeof d->addr.port + 2];
	const char *why = "its address or session is none that a proxy could be told";
	snprintf(to, sizeof to, "%s:%s", d->addr.host, strcmp(d->addr.port, "telnet") == 0 ? "23" : d->addr.port);
	if (proxied_parse(&conf.to, to) && view_str(view_of(p->session), conf.to.session, sizeof conf.to.session))
		d->way = proxied_new(d->loop, &conf, &why);
	return d->way ? NULL : why;
}

static void begin(void *arg)
{
	struct dial *d = arg;
	d->busy++;
	const char *why = d->c.proxy ? begin_way(d) : "no address";
	if (why)
		try_next(d, why);
	leave(d);
}

struct dial *dial_new(struct loop *l, const struct dial_conf *conf, const char **why)
{
	struct dial *d = calloc(1, sizeof *d);
	*why = "out of memory";
	if (!d)
		return NULL;
	d->loop = l;
	d->c = *conf;
	d->now = clock_ms();
	d->addr.kind = ADDR_TCP;
	buf_init(&d->user, 4 * DATA_MAX);
	buf_init(&d->wire, 4 * DATA_MAX);
	record_init(&d->none);
	struct talk_conf tc = { conf->profile, conf->vars, conf->password, &talk_ops, d };
	d->talk = talk_new(&tc);
	d->nvt = nvt_new(NVT_CLIENT, &d->wire);
	bool named = view_str(view_of(conf->host), d->addr.host, sizeof d->addr.host) &&
	             view_str(view_of(conf->port), d->addr.port, sizeof d->addr.port);
	struct transcript_conf tr = { conf->transcript, conf->call, conf->profile, d->talk ? talk_blot(d->talk) : NULL, conf->vars,
		                      d->now, conf->unwritten, conf->arg };
	bool written = conf->transcript < 0 || (d->talk && (d->tr = transcript_new(&tr)));
	if (d->talk && d->nvt && named && written) {
		loop_at(l, &d->timer, clock_ms(), begin, d);
		return d;
	}
	if (!named)
		*why = "address or port is too long";
	errno = named ? ENOMEM : EINVAL;
	d->busy++;
	d->freed = true;
	leave(d);
	return NULL;
}

void dial_renewed(struct dial *d)
{
	d->busy++;
	met(d, "renewed");
	if (d->s)
		talk_renewed(d->talk, d->now);
	arm(d);
	leave(d);
}

void dial_hangup(struct dial *d)
{
	d->busy++;
	met(d, "hangup");
	if (d->s)
		talk_hangup(d->talk, d->now);
	else
		on_talk_end(d, SP_OK, 0, "", &d->none);
	arm(d);
	leave(d);
}

bool dial_ended(const struct dial *d)
{
	return d->ended;
}

void dial_free(struct dial *d)
{
	if (!d || d->freed)
		return;
	d->busy++;
	d->freed = true;
	if (!d->ended)
		transcript_met(d->tr, clock_ms(), "lost", "given up", false);
	loop_cancel(d->loop, &d->timer);
	stream_free(d->s);
	proxied_free(d->way);
	d->s = NULL;
	d->way = NULL;
	leave(d);
}
