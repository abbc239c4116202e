/* dtls_listen.c - one UDP socket, many peers: whose a datagram is, by the address that it is
 * from. So no descriptor is spent on a peer, and no datagram can come to the wrong socket.
 * A ClientHello of nobody, or one that begins anew, is answered with a cookie and forgotten;
 * with the cookie it makes a peer, in the place of one that was there (RFC 6347, 4.2.8).
 * All other datagrams of nobody are dropped in silence. */
#include "sys/dtls_impl.h"

#include "base/siphash.h"
#include "sys/tls_impl.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <unistd.h>

#define BUCKETS 1024
#define DATAGRAMS_A_TURN 32 /* then others have their turn */

struct dtls_listener {
	struct dtls_conf conf;
	int fd;
	SSL *hello; /* answers who is not known; becomes a peer's when the cookie is there */
	BIO_ADDR *none;
	struct dtls_wire wire;
	uint8_t key[SIPHASH_KEY];
	struct dtls *peer[BUCKETS];
	struct dtls *from; /* whose the datagrams at hand are; NULL: to be found */
	char in[DTLS_RECEIVE];
};

static struct dtls **bucket(struct dtls_listener *l, const struct dtls_path *path)
{
	uint8_t name[DTLS_NAME];
	size_t n = dtls_path_name(path, name);
	return &l->peer[siphash(l->key, name, n) % BUCKETS];
}

static struct dtls *find(struct dtls_listener *l, const struct dtls_path *path)
{
	uint8_t name[DTLS_NAME], its[DTLS_NAME];
	size_t n = dtls_path_name(path, name);
	struct dtls *d = *bucket(l, path);
	while (d && (dtls_path_name(&d->wire.path, its) != n || memcmp(name, its, n) != 0))
		d = d->next;
	return d;
}

void dtls_unlink(struct dtls *d)
{
	struct dtls **p = bucket(d->at, &d->wire.path);
	if (d->at->from == d)
		d->at->from = NULL;
	while (*p && *p != d)
		p = &(*p)->next;
	if (*p)
		*p = d->next;
}

/* The cookie is right: hello is a peer's now, and there is a new one. */
static struct dtls *promote(struct dtls_listener *l)
{
	struct dtls *d = calloc(1, sizeof *d);
	SSL *fresh = d ? dtls_wire_ssl(l->conf.ctx, &l->wire) : NULL;
	if (!fresh) {
		free(d);
		return NULL;
	}
	*d = (struct dtls){ .loop = l->conf.loop, .at = l, .ssl = l->hello, .ops = l->conf.ops, .wire.path = l->wire.path };
	dtls_wire_move(d->ssl, &d->wire);
	if (l->conf.mtu)
		dtls_path_mtu(d, l->conf.mtu);
	l->hello = fresh;
	return d;
}

static void begin(struct dtls_listener *l, const uint8_t random[DTLS_RANDOM])
{
	struct dtls *old = find(l, &l->wire.path);
	if (old)
		dtls_shut(old, "the peer began anew");
	const char *unready = tls_refresh(l->conf.ctx);
	struct dtls *d = promote(l);
	void *owner = d ? l->conf.accept(l->conf.arg, d) : NULL;
	if (!owner) {
		if (d)
			SSL_free(d->ssl);
		free(d);
		return;
	}
	d->arg = owner;
	d->unready = unready;
	d->judged = tls_own_of(l->conf.ctx)->turn;
	memcpy(d->random, random, DTLS_RANDOM);
	d->next = *bucket(l, &d->wire.path);
	*bucket(l, &d->wire.path) = d;
	dtls_begin(d, clock_deadline(l->conf.handshake_ms));
	dtls_take(d, (struct view){ NULL, 0 }); /* the hello is in its buffers */
}

static void take(struct dtls_listener *l, const struct dtls_path *path, struct view v)
{
	uint8_t random[DTLS_RANDOM];
	struct dtls *d = l->from ? l->from : (l->from = find(l, path));
	bool hello = dtls_hello(v, random);
	if (d && (!hello || memcmp(random, d->random, DTLS_RANDOM) == 0)) {
		dtls_take(d, v);
		return;
	}
	if (!hello)
		return;
	l->wire = (struct dtls_wire){ .path = *path, .in = v };
	ERR_clear_error();
	if (DTLSv1_listen(l->hello, l->none) == 1)
		begin(l, random);
	l->wire.in = (struct view){ NULL, 0 };
	ERR_clear_error();
}

static void on_fd(void *arg, int fd, short revents)
{
	struct dtls_listener *l = arg;
	struct dtls_path path;
	size_t each;
	(void)revents;
	for (unsigned n = 0; n < DATAGRAMS_A_TURN; n++) {
		ssize_t got = dtls_path_receive(fd, &path, l->in, &each);
		l->from = NULL;
		for (size_t at = 0; got > 0 && at < (size_t)got; at += each)
			take(l, &path, (struct view){ l->in + at, (size_t)got - at < each ? (size_t)got - at : each });
		if (got < 0 && errno == EAGAIN)
			return;
	}
}

struct dtls_listener *dtls_listen(const struct dtls_conf *conf, int fd)
{
	struct dtls_listener *l = calloc(1, sizeof *l);
	if (!l) {
		close(fd);
		return NULL;
	}
	l->conf = *conf;
	l->fd = fd;
	dtls_cookies(conf->ctx);
	l->hello = dtls_wire_ssl(conf->ctx, &l->wire);
	l->none = BIO_ADDR_new();
	if (l->hello && l->none && RAND_bytes(l->key, sizeof l->key) == 1 && dtls_path_prepare(fd) == 0 &&
	    loop_fd(conf->loop, fd, POLLIN, on_fd, l) == 0)
		return l;
	dtls_listener_free(l);
	errno = ENOMEM;
	return NULL;
}

void dtls_listener_free(struct dtls_listener *l)
{
	if (!l)
		return;
	loop_forget(l->conf.loop, l->fd);
	close(l->fd);
	SSL_free(l->hello);
	BIO_ADDR_free(l->none);
	free(l);
}
