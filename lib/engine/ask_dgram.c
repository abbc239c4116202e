/* ask_dgram.c - questions over dtls: a datagram each, sent again after 1, 2 and 4 seconds,
 * the last time in a new association, as the monitor may have forgotten the old one. An
 * answer more=tls is fetched over tls: from the same host, and the asker stays there until
 * that channel breaks. Refuses malformed records by closing. */
#include "engine/ask_impl.h"

#include "sys/dtls.h"
#include "sys/sock.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define AGAIN_MS 1000   /* doubled each time */
#define SENT_MAX 4
#define STALE_MS 60000  /* then a NAT on the way may have forgotten us, or the monitor */

static void try_address(struct ask *a);
static bool send_question(struct question *q);

static void hang_up(struct ask *a)
{
	dtls_free(a->d);
	a->d = NULL;
	for (struct question *q = a->list; q; q = q->next)
		loop_cancel(a->loop, &q->again);
}

static void doubt(struct ask *a)
{
	ask_hang_up(a);
	ask_wake(a);
}

static void on_again(void *arg)
{
	struct question *q = arg;
	struct ask *a = q->a;
	if (q->sent >= SENT_MAX) {
		ask_enter(a);
		ask_lost(a, SP_TIMEOUT, "no answer in time");
		ask_leave(a);
	} else if (q->sent == SENT_MAX - 1) {
		doubt(a);
	} else {
		send_question(q);
	}
}

static bool send_question(struct question *q)
{
	struct ask *a = q->a;
	struct buf line;
	if (clock_ms() - a->heard > STALE_MS) {
		doubt(a);
		return true;
	}
	buf_init(&line, 2 * RECORD_LINE_MAX);
	bool fits = record_write(&q->rec, &line) == 0 && line.len <= DTLS_MAX;
	if (fits) {
		dtls_send(a->d, buf_view(&line)); /* if it fails, it is lost as on the way */
		loop_at(a->loop, &q->again, clock_ms() + (AGAIN_MS << (q->sent < SENT_MAX ? q->sent : SENT_MAX - 1)), on_again, q);
		q->sent += q->sent < SENT_MAX;
	}
	buf_clear(&line);
	return fits;
}

static void on_open(void *arg)
{
	struct ask *a = arg;
	a->open = true;
	a->heard = clock_ms();
	for (struct question *q = a->list; q; q = q->next)
		question_send(q);
}

static void on_datagram(void *arg, struct view v)
{
	struct ask *a = arg;
	const struct dtls *d = a->d;
	struct record r = { 0 };
	struct view rest = v, line;
	const char *why;
	ask_enter(a);
	a->heard = clock_ms();
	while (!a->freed && a->d == d && view_split(&rest, '\n', &line)) {
		if (line.n == 0)
			continue;
		if (record_parse(&r, line, &why) == 1)
			ask_answer(a, &r);
		else
			ask_lost(a, SP_PEER, why);
	}
	record_clear(&r);
	ask_leave(a);
}

static void on_closed(void *arg, const char *why)
{
	struct ask *a = arg;
	bool denied = dtls_denied(a->d);
	ask_enter(a);
	if (!a->open && !denied) { /* the host may have another address */
		dtls_free(a->d);
		a->d = NULL;
		a->why = why ? why : "connection closed";
		try_address(a);
	} else {
		ask_lost(a, denied ? SP_DENIED : SP_PEER, why ? why : "connection closed");
	}
	ask_leave(a);
}

static const struct dtls_ops ops = { on_open, on_datagram, on_closed };

static void try_address(struct ask *a)
{
	struct addr at;
	const char *why = NULL;
	int fd = addr_parse(ask_address(a), &at, &why) ? sock_connect(&at, &a->next, &why) : -1;
	if (fd >= 0)
		a->d = dtls_connect(a->loop, fd, a->ctx, a->until, &ops, a);
	if (a->d && !dtls_expect(a->d, addr_peer(&at)))
		hang_up(a);
	if (!a->d)
		ask_lost(a, SP_PEER, a->why ? a->why : why ? why : strerror(errno));
}

static void open_association(struct ask *a, struct ssl_ctx_st *ctx, int64_t until)
{
	a->ctx = ctx;
	a->until = until;
	a->next = 0;
	a->why = NULL;
	ask_enter(a);
	try_address(a);
	ask_leave(a);
}

static bool over_tls(struct ask *a, struct record *r)
{
	struct addr at;
	const char *why, *from = a->conf.address[a->at];
	uint64_t port;
	if (!view_is(record_get(r, "more"), "tls") || !num_u64(record_get(r, "more_port"), 1, 65535, &port) ||
	    !addr_parse(from, &at, &why))
		return false;
	snprintf(a->over, sizeof a->over, strchr(at.host, ':') ? "tls:[%s]:%u%s%s" : "tls:%s:%u%s%s", at.host, (unsigned)port,
	         *at.query ? "?" : "", at.query);
	if (a->conf.moved)
		a->conf.moved(from, a->over);
	ask_hang_up(a);
	ask_wake(a);
	return true;
}

const struct ask_dgram ask_dgram = { .open = open_association, .send = send_question, .hang_up = hang_up,
	.doubt = doubt, .over_tls = over_tls };
