/* nas_session.c - the terminal of a session: telnet bytes to typed lines and
 * text to telnet bytes; its deadlines and its end. Whoever goes first - the
 * telnet peer, the parent, a signal - the call is closed and told before the
 * process ends. */
#include "engine/nas_session.h"

#include "engine/party.h"
#include "sys/sock.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPED_MAX 65536
#define PEER_OUT_MAX (256u << 10)
#define HANDSHAKE_MS 10000 /* for TLS */
#define LAST_WORDS 1000 /* ms for what was said last to get out */

void nas_send(struct nas_session *s, const char *op, ...)
{
	struct record r = { 0 };
	va_list ap;
	record_set(&r, "op", op);
	va_start(ap, op);
	for (const char *key; (key = va_arg(ap, const char *));) {
		const char *value = va_arg(ap, const char *);
		if (value)
			record_set(&r, key, value);
	}
	va_end(ap);
	if (s->parent && chan_send(s->parent, &r) != 0)
		s->status = SP_SYSTEM;
	record_clear(&r);
}

void nas_log(struct nas_session *s, int step, const char *event, const char *key, const char *value)
{
	char number[8];
	snprintf(number, sizeof number, "%d", step);
	nas_send(s, "log", "step", number, "event", event, "session", s->session[0] ? s->session : NULL, "user",
	         s->name[0] ? s->name : NULL, "workstation", s->workstation, key, value, NULL);
}

static void out_of(void *arg)
{
	loop_stop(((struct nas_session *)arg)->loop);
}

static bool all_out(const struct nas_session *s)
{
	return (!s->peer || stream_queued(s->peer) == 0) && (!s->parent || chan_queued(s->parent) == 0);
}

static void leave_when_out(struct nas_session *s)
{
	if (all_out(s))
		loop_stop(s->loop);
	else
		loop_at(s->loop, &s->later, clock_deadline(LAST_WORDS), out_of, s);
}

void nas_end(struct nas_session *s, enum reason why)
{
	if (s->phase != NAS_ENDING) {
		s->phase = NAS_ENDING;
		s->ending = why;
		loop_cancel(s->loop, &s->quiet);
		if (s->hunting)
			nas_hunt_end(s, why);
		else if (s->call)
			nas_call_close(s->call, why);
	}
	if (!s->call)
		leave_when_out(s);
}

static void put(struct nas_session *s, struct view text)
{
	s->wire.len = 0;
	if (!s->peer || text.n == 0)
		return;
	if (nvt_send(s->nvt, text, &s->wire) == 0 && stream_write(s->peer, buf_view(&s->wire)) == 0)
		return;
	stream_free(s->peer); /* it does not read what we say */
	s->peer = NULL;
	nas_end(s, REASON_LOST_SERVICE);
}

static void vprint(struct nas_session *s, const char *before, const char *fmt, va_list ap)
{
	char text[2048];
	size_t n = (size_t)snprintf(text, sizeof text, "%s", before);
	vsnprintf(text + n, sizeof text - n, fmt, ap);
	put(s, view_of(text));
}

void nas_print(struct nas_session *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vprint(s, "", fmt, ap);
	va_end(ap);
	s->prompted = false;
}

void nas_tell(struct nas_session *s, const char *fmt, ...)
{
	va_list ap;
	bool prompted = s->prompted;
	va_start(ap, fmt);
	vprint(s, prompted ? "\n" : "", fmt, ap);
	va_end(ap);
	s->prompted = false;
	if (prompted)
		nas_prompt(s);
}

void nas_error(struct nas_session *s, enum sp_exit status, int step, const char *text)
{
	nas_print(s, "ERROR %s %d %s\n", sp_exit_name(status), step, text);
}

void nas_prompt(struct nas_session *s)
{
	char echo[EDIT_MAX];
	struct buf b = { .data = echo, .cap = sizeof echo, .max = sizeof echo };
	if (s->phase == NAS_COMMAND)
		nas_print(s, "%s> ", s->conf->name);
	else if (s->phase < NAS_VERDICT)
		nas_print(s, "%s", nas_login_prompt(s));
	else
		return;
	if (nvt_echo(s->nvt))
		edit_redraw(&s->edit, &b);
	put(s, buf_view(&b));
	s->prompted = true;
}

static void too_quiet(void *arg)
{
	struct nas_session *s = arg;
	if (s->call) {
		nas_quiet_in(s, s->conf->idle);
		return;
	}
	nas_print(s, "\nERROR timeout %d nothing was typed for too long\n", s->phase < NAS_COMMAND ? 316 : 324);
	nas_end(s, REASON_IDLE);
}

void nas_quiet_in(struct nas_session *s, int64_t ms)
{
	loop_at(s->loop, &s->quiet, clock_deadline(ms), too_quiet, s);
}

static void line(struct nas_session *s)
{
	char text[EDIT_MAX + 1];
	memcpy(text, s->edit.line, s->edit.n + 1);
	edit_reset(&s->edit);
	s->prompted = false;
	if (s->phase < NAS_VERDICT) {
		nas_login_line(s, text);
	} else {
		nas_quiet_in(s, s->conf->idle);
		nas_command_line(s, text);
	}
	explicit_bzero(text, sizeof text);
	nas_prompt(s);
}

static void typed(struct nas_session *s, enum edit_event ev)
{
	switch (ev) {
	case EDIT_MORE: break;
	case EDIT_LINE: line(s); break;
	case EDIT_LONG:
		edit_reset(&s->edit);
		nas_error(s, SP_USAGE, 324, "that line was too long");
		nas_prompt(s);
		break;
	case EDIT_BREAK:
		if (s->phase < NAS_VERDICT)
			nas_end(s, REASON_USER_REQUEST);
		else
			nas_prompt(s);
		break;
	case EDIT_END: nas_end(s, REASON_USER_REQUEST); break;
	}
}

/* What was typed, as far as somebody waits for it: the rest stays. */
static void take_typed(struct nas_session *s)
{
	char echo[16];
	size_t at = 0;
	while (at < s->user.len && s->phase != NAS_VERDICT && s->phase != NAS_WAIT && s->phase != NAS_ENDING) {
		struct buf b = { .data = echo, .cap = sizeof echo, .max = sizeof echo };
		s->edit.hidden = s->phase == NAS_PASSWORD;
		enum edit_event ev = edit_key(&s->edit, s->user.data[at++], nvt_echo(s->nvt) ? &b : NULL);
		put(s, buf_view(&b));
		typed(s, ev);
	}
	buf_consume(&s->user, at);
}

/* TLS is done: who it is needs not be asked. */
static void on_open(void *arg)
{
	struct nas_session *s = arg;
	struct party p;
	if (!s->conf->tls)
		return;
	if (!party_of(s->peer, &p)) {
		nas_end(s, REASON_DENIED);
		return;
	}
	nas_login_certified(s, &p.who);
	nas_prompt(s);
}

static void peer_lost(struct nas_session *s, const char *why)
{
	if (why && s->conf->tls && !s->certified)
		nas_login_denied(s, why);
	else if (why)
		nas_log(s, s->phase < NAS_COMMAND ? 316 : 326, "telnet-lost", "detail", why);
	if (s->peer)
		stream_free(s->peer);
	s->peer = NULL;
	nas_end(s, why ? REASON_LOST_SERVICE : REASON_USER_REQUEST);
}

static void on_data(void *arg, struct buf *in)
{
	struct nas_session *s = arg;
	const char *why = NULL;
	s->wire.len = 0;
	int rc = nvt_recv(s->nvt, buf_view(in), &s->user, &s->wire, &why);
	buf_consume(in, in->len);
	if (rc != 0 || (s->wire.len && stream_write(s->peer, buf_view(&s->wire)) != 0))
		peer_lost(s, why ? why : "it does not read");
	else
		take_typed(s);
}

static void on_drained(void *arg)
{
	struct nas_session *s = arg;
	if (s->phase == NAS_ENDING && !s->call && all_out(s))
		loop_stop(s->loop);
}

static void on_closed(void *arg, const char *why)
{
	peer_lost(arg, why);
}

static void from_parent(void *arg, struct record *r)
{
	struct nas_session *s = arg;
	struct view op = record_get(r, "op");
	if (view_is(op, "verdict") && s->phase == NAS_VERDICT)
		nas_login_verdict(s, r);
	else if (view_is(op, "line") && s->phase == NAS_WAIT)
		s->hunting ? nas_hunt_given(s, r) : nas_command_line_given(s, r);
	else if ((view_is(op, "row") || view_is(op, "rows")) && s->phase == NAS_WAIT && !s->hunting)
		nas_command_row(s, r);
	else
		return;
	take_typed(s);
}

static void parent_gone(void *arg, const char *why)
{
	struct nas_session *s = arg;
	(void)why;
	chan_free(s->parent);
	s->parent = NULL;
	nas_end(s, REASON_NAS_ERROR);
}

static void on_signal(void *arg, int signo)
{
	(void)signo;
	nas_end(arg, REASON_NAS_REBOOT);
}

static bool open_all(struct nas_session *s, int peer, int control)
{
	const int yes = 1;
	static const struct stream_ops peer_ops = { .open = on_open, .data = on_data, .drained = on_drained, .closed = on_closed };
	static const struct chan_ops parent_ops = { .record = from_parent, .drained = on_drained, .closed = parent_gone };
	buf_init(&s->user, TYPED_MAX);
	buf_init(&s->wire, TYPED_MAX);
	sock_keepalive(peer);
	setsockopt(peer, SOL_SOCKET, SO_OOBINLINE, &yes, sizeof yes); /* telnet's data mark */
	sock_nonblock(control, true);
	s->loop = loop_new();
	s->nvt = s->loop ? nvt_new(NVT_SERVER, &s->wire) : NULL;
	if (!s->nvt || loop_signal(s->loop, SIGTERM, on_signal, s) != 0 || loop_signal(s->loop, SIGINT, on_signal, s) != 0 ||
	    loop_signal(s->loop, SIGHUP, on_signal, s) != 0)
		return false;
	s->parent = chan_accept(s->loop, control, NULL, CLOCK_NEVER, &parent_ops, s);
	s->peer = stream_new(s->loop, peer, false, s->conf->tls, NULL,
	                     s->conf->tls ? clock_deadline(HANDSHAKE_MS) : CLOCK_NEVER, &peer_ops, s);
	if (!s->parent || !s->peer)
		return false;
	stream_limits(s->peer, TYPED_MAX, PEER_OUT_MAX);
	return stream_write(s->peer, buf_view(&s->wire)) == 0;
}

int nas_session(const struct nas_conf *conf, int peer, int control, const char *workstation, int64_t later)
{
	static const char *const hidden[] = { "secret ", "permit ", NULL };
	struct nas_session *s = calloc(1, sizeof *s);
	if (!s)
		return SP_SYSTEM;
	s->conf = conf;
	s->edit.hide = hidden;
	snprintf(s->workstation, sizeof s->workstation, "%s", workstation);
	if (!open_all(s, peer, control))
		return SP_SYSTEM;
	stream_later(s->peer, later);
	nas_log(s, 315, "connection", NULL, NULL);
	nas_quiet_in(s, conf->login);
	if (!conf->tls)
		nas_prompt(s);
	if (loop_run(s->loop) != 0)
		s->status = SP_SYSTEM;
	nas_call_free(s->call);
	secret_clear(&s->password);
	secret_clear(&s->secret);
	secret_clear(&s->permit_text);
	stream_free(s->peer);
	chan_free(s->parent);
	return s->status;
}
