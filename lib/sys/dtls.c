/* dtls.c - an association: handshake, with what was lost sent again; then datagrams.
 * Refuses what tls_verify refuses; of records that do not decrypt nothing is heard. */
#include "sys/dtls_impl.h"

#include "sys/sock.h"
#include "sys/tls_impl.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#define DATAGRAMS_A_TURN 32

static void dispose(struct dtls *d)
{
	SSL_free(d->ssl);
	free(d);
}

/* Looking costs far less than clearing, and there is seldom any. */
static void forget_errors(void)
{
	if (ERR_peek_error())
		ERR_clear_error();
}

static bool enter(struct dtls *d)
{
	bool outer = !d->busy;
	d->busy = true;
	return outer;
}

static void leave(struct dtls *d, bool outer)
{
	if (!outer)
		return;
	d->busy = false;
	if (d->freed)
		dispose(d);
}

void dtls_shut(struct dtls *d, const char *why)
{
	if (d->closed)
		return;
	dtls_batch_end(d);
	d->closed = true;
	loop_cancel(d->loop, &d->again);
	loop_cancel(d->loop, &d->deadline);
	if (d->at)
		dtls_unlink(d);
	else
		loop_forget(d->loop, d->wire.path.fd);
	d->ops->closed(d->arg, why);
}

/* What a record takes besides is known with the cipher. */
static void measure(struct dtls *d)
{
	d->room = d->mtu ? DTLS_get_data_mtu(d->ssl) : DTLS_MAX;
}

static void handshake(struct dtls *d)
{
	ERR_clear_error();
	if (d->unready) {
		dtls_shut(d, tls_reason(d->ssl, d->unready, &d->denied));
		return;
	}
	int rc = SSL_do_handshake(d->ssl), e = SSL_get_error(d->ssl, rc);
	if (rc == 1) {
		d->open = true;
		loop_cancel(d->loop, &d->deadline);
		measure(d);
		d->ops->open(d->arg);
	} else if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE) {
		dtls_shut(d, tls_reason(d->ssl, NULL, &d->denied));
	}
}

/* Nothing of it is left behind: it may be a permit. */
static void deliver(struct dtls *d, char *text, size_t n)
{
	d->ops->datagram(d->arg, (struct view){ text, n });
	explicit_bzero(text, n);
}

/* Is there something to read? While the handshake may have left some, only SSL_read knows. */
static bool has_more(const struct dtls *d)
{
	return !d->settled || d->wire.in.n || SSL_has_pending(d->ssl);
}

/* The records of one datagram. */
static void read_all(struct dtls *d)
{
	char text[SSL3_RT_MAX_PLAIN_LENGTH];
	while (d->open && !d->closed && !d->freed && has_more(d)) {
		forget_errors();
		int n = SSL_read(d->ssl, text, sizeof text), e = n > 0 ? SSL_ERROR_NONE : SSL_get_error(d->ssl, n);
		if (n > 0)
			deliver(d, text, (size_t)n);
		else if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
			return;
		else
			dtls_shut(d, e == SSL_ERROR_ZERO_RETURN ? NULL : tls_reason(d->ssl, NULL, &d->denied));
	}
}

static void on_again(void *arg);

/* When it is time to send again what may be lost. */
static void arm(struct dtls *d)
{
	struct timeval left;
	if (d->closed || d->settled)
		return;
	if (DTLSv1_get_timeout(d->ssl, &left) == 1) {
		loop_at(d->loop, &d->again, clock_ms() + left.tv_sec * 1000 + left.tv_usec / 1000 + 1, on_again, d);
		return;
	}
	loop_cancel(d->loop, &d->again);
	d->settled = d->open; /* there is no other handshake */
}

/* As far as can be; the datagram, if there is one, is read then. */
static void advance(struct dtls *d, struct view v)
{
	if (v.n && !dtls_sound(v))
		return;
	d->wire.in = v;
	if (!d->open && !d->closed)
		handshake(d);
	read_all(d);
	if (!d->freed && !d->closed && d->wire.refused)
		dtls_shut(d, strerror(ECONNREFUSED));
	if (!d->freed)
		arm(d);
	d->wire.in = (struct view){ NULL, 0 };
}

static void on_again(void *arg)
{
	struct dtls *d = arg;
	bool outer = enter(d);
	d->later = false;
	ERR_clear_error();
	if (DTLSv1_handle_timeout(d->ssl) < 0)
		dtls_shut(d, "no answer");
	ERR_clear_error();
	if (!d->freed && !d->closed)
		advance(d, d->wire.in);
	leave(d, outer);
}

void dtls_later(struct dtls *d, int64_t ms)
{
	d->later = ms > 0;
	if (d->later)
		loop_at(d->loop, &d->again, clock_deadline(ms), on_again, d);
}

void dtls_take(struct dtls *d, struct view v)
{
	if (d->later)
		return; /* the hello is in its buffers, and comes again if need be */
	bool outer = enter(d);
	advance(d, v);
	leave(d, outer);
}

static void too_late(void *arg)
{
	struct dtls *d = arg;
	bool outer = enter(d);
	dtls_shut(d, "timed out");
	leave(d, outer);
}

void dtls_begin(struct dtls *d, int64_t deadline)
{
	if (deadline != CLOCK_NEVER)
		loop_at(d->loop, &d->deadline, deadline, too_late, d);
}

static void take_all(struct dtls *d, const char *p, size_t n, size_t each)
{
	for (size_t at = 0; at < n && !d->closed && !d->freed; at += each)
		advance(d, (struct view){ p + at, n - at < each ? n - at : each });
}

static void on_fd(void *arg, int fd, short revents)
{
	static char in[DTLS_RECEIVE];
	struct dtls *d = arg;
	struct dtls_path from;
	size_t each;
	(void)revents;
	bool outer = enter(d);
	for (unsigned n = 0; n < DATAGRAMS_A_TURN && !d->closed && !d->freed; n++) {
		ssize_t got = dtls_path_receive(fd, &from, in, &each);
		if (got >= 0)
			take_all(d, in, (size_t)got, each);
		else if (errno == ECONNREFUSED)
			dtls_shut(d, strerror(errno));
		else
			break;
	}
	leave(d, outer);
}

static void start(void *arg)
{
	dtls_take(arg, (struct view){ NULL, 0 });
}

struct dtls *dtls_connect(struct loop *l, int fd, SSL_CTX *ctx, int64_t deadline, const struct dtls_ops *ops, void *arg)
{
	struct dtls *d = calloc(1, sizeof *d);
	if (!d)
		goto out;
	*d = (struct dtls){ .loop = l, .ops = ops, .arg = arg, .wire.path = { .fd = fd, .connected = true } };
	d->unready = tls_refresh(ctx);
	d->judged = tls_own_of(ctx)->turn;
	d->ssl = dtls_wire_ssl(ctx, &d->wire);
	dtls_path_prepare(fd);
	if (!d->ssl || loop_fd(l, fd, POLLIN, on_fd, d) != 0)
		goto out;
	SSL_set_connect_state(d->ssl);
	dtls_begin(d, deadline);
	loop_at(l, &d->again, clock_ms(), start, d); /* no callback before the caller has the pointer */
	return d;
out:
	if (d)
		dispose(d);
	close(fd);
	errno = ENOMEM;
	return NULL;
}

bool dtls_expect(struct dtls *d, const char *name)
{
	return name && (!*name || (view_str(view_of(name), d->name, sizeof d->name) && tls_expect(d->ssl, d->name)));
}

void dtls_path_mtu(struct dtls *d, unsigned mtu)
{
	d->mtu = mtu;
	SSL_set_mtu(d->ssl, mtu);
	measure(d);
}

size_t dtls_room(const struct dtls *d)
{
	return d->room ? d->room : DTLS_MAX;
}

int dtls_send(struct dtls *d, struct view v)
{
	errno = v.n > dtls_room(d) ? EMSGSIZE : EPIPE;
	if (v.n == 0 || v.n > dtls_room(d) || !d->open || d->closed)
		return -1;
	dtls_batch_begin(d);
	forget_errors();
	int n = SSL_write(d->ssl, v.p, (int)v.n);
	if (n <= 0)
		ERR_clear_error();
	return n > 0 ? 0 : -1;
}

X509 *dtls_peer(const struct dtls *d)
{
	X509 *x = SSL_get0_peer_certificate(d->ssl);
	return x && SSL_get_verify_result(d->ssl) == X509_V_OK ? x : NULL;
}

X509 *dtls_shown(const struct dtls *d)
{
	return tls_shown(d->ssl);
}

const char *dtls_still(struct dtls *d)
{
	return d->open && !d->closed ? tls_again(d->ssl, &d->judged) : NULL;
}

void dtls_peer_host(const struct dtls *d, char *out, size_t size)
{
	union { const struct sockaddr_storage *any; const struct sockaddr *sa; } a = { &d->wire.path.peer };
	socklen_t n = a.any->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	if (getnameinfo(a.sa, n, out, (socklen_t)size, NULL, 0, NI_NUMERICHOST) != 0)
		*out = '\0';
}

bool dtls_denied(const struct dtls *d)
{
	return d->denied;
}

void dtls_free(struct dtls *d)
{
	if (!d || d->freed)
		return;
	dtls_batch_end(d);
	if (d->open && !d->closed)
		SSL_shutdown(d->ssl); /* one datagram, which may be lost */
	ERR_clear_error();
	loop_cancel(d->loop, &d->again);
	loop_cancel(d->loop, &d->deadline);
	if (d->at && !d->closed)
		dtls_unlink(d);
	if (!d->at && !d->closed)
		loop_forget(d->loop, d->wire.path.fd);
	if (!d->at)
		close(d->wire.path.fd);
	d->closed = d->freed = true;
	if (!d->busy)
		dispose(d);
}
