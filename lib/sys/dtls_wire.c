/* dtls_wire.c - datagrams in and out: a socket that is shared by all peers, or connected to
 * one, and the BIO by which an SSL uses it. An answer comes from the address that was asked.
 * What the kernel does not take is lost, as on the way. */
#include "sys/dtls_impl.h"

#include <errno.h>
#include <netinet/udp.h>
#include <openssl/bio.h>

union control {
	char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int dtls_path_prepare(int fd)
{
	int yes = 1, family = 0, omit = IP_PMTUDISC_OMIT, room = DTLS_SOCKET;
	socklen_t n = sizeof family;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &n) != 0)
		return -1;
	/* What anybody says of the path does not matter: all that we send is small enough. */
	setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &omit, sizeof omit);
	setsockopt(fd, IPPROTO_UDP, UDP_GRO, &yes, sizeof yes); /* else they come one by one */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) != 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	if (family != AF_INET6)
		return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
	omit = IPV6_PMTUDISC_OMIT;
	setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &omit, sizeof omit);
	return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof yes);
}

static void own_of(struct msghdr *m, struct dtls_path *path, size_t *each)
{
	int size;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo at;
			memcpy(&at, CMSG_DATA(c), sizeof at);
			path->own.family = AF_INET;
			path->own.v4 = at.ipi_spec_dst;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo at;
			memcpy(&at, CMSG_DATA(c), sizeof at);
			path->own.family = AF_INET6;
			path->own.v6 = at.ipi6_addr;
			path->own.index = IN6_IS_ADDR_LINKLOCAL(&at.ipi6_addr) ? (unsigned)at.ipi6_ifindex : 0;
		} else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&size, CMSG_DATA(c), sizeof size);
			*each = size > 0 ? (size_t)size : *each;
		}
	}
}

ssize_t dtls_path_receive(int fd, struct dtls_path *path, void *p, size_t *each)
{
	union control control;
	struct iovec v = { p, DTLS_RECEIVE };
	*path = (struct dtls_path){ .fd = fd };
	struct msghdr m = { .msg_name = &path->peer, .msg_namelen = sizeof path->peer, .msg_iov = &v, .msg_iovlen = 1,
		                .msg_control = &control, .msg_controllen = sizeof control };
	ssize_t n = recvmsg(fd, &m, 0);
	*each = DTLS_RECEIVE;
	if (n >= 0)
		own_of(&m, path, each);
	return n;
}

/* One more control message. */
static void control(struct msghdr *m, union control *room, int level, int type, const void *p, size_t n)
{
	size_t at = m->msg_controllen;
	if (at == 0)
		memset(room, 0, sizeof *room);
	m->msg_control = room;
	m->msg_controllen = at + CMSG_SPACE(n);
	struct cmsghdr *c = (struct cmsghdr *)(void *)(room->room + at);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), p, n);
}

static void own_to(const struct dtls_path *path, struct msghdr *m, union control *room)
{
	struct in_pktinfo v4 = { .ipi_spec_dst = path->own.v4 };
	struct in6_pktinfo v6 = { .ipi6_addr = path->own.v6, .ipi6_ifindex = path->own.index };
	if (path->own.family == AF_INET6)
		control(m, room, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof v6);
	else if (path->own.family)
		control(m, room, IPPROTO_IP, IP_PKTINFO, &v4, sizeof v4);
}

/* n bytes, as datagrams of `each`, which the last may have less of. */
static ssize_t path_send(const struct dtls_path *path, const char *p, size_t n, size_t each)
{
	union control room;
	uint16_t segment = (uint16_t)each;
	union { const char *c; void *v; } data = { p };
	union { const struct sockaddr_storage *c; void *v; } name = { &path->peer };
	struct iovec v = { data.v, n };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	if (!path->connected) {
		m.msg_name = name.v;
		m.msg_namelen = path->peer.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
		own_to(path, &m, &room);
	}
	if (each < n)
		control(&m, &room, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment);
	return sendmsg(path->fd, &m, MSG_NOSIGNAL);
}

size_t dtls_path_name(const struct dtls_path *path, uint8_t out[DTLS_NAME])
{
	union { const struct sockaddr_storage *any; const struct sockaddr_in *v4; const struct sockaddr_in6 *v6; } a = { &path->peer };
	memset(out, 0, DTLS_NAME);
	if (path->peer.ss_family == AF_INET6) {
		memcpy(out, &a.v6->sin6_port, 2);
		memcpy(out + 2, &a.v6->sin6_addr, 16);
		memcpy(out + 18, &a.v6->sin6_scope_id, 4);
		return 22;
	}
	memcpy(out, &a.v4->sin_port, 2);
	memcpy(out + 2, &a.v4->sin_addr, 4);
	return 6;
}

static void send_now(struct dtls_wire *w, const char *p, size_t n, size_t each)
{
	if (path_send(&w->path, p, n, each) >= 0)
		return;
	if (errno == ECONNREFUSED)
		w->refused = true;
	for (size_t at = 0; each < n && errno != EAGAIN && at < n; at += each) /* no device takes them so, or not this one */
		if (path_send(&w->path, p + at, n - at < each ? n - at : each, each) < 0 && errno == EAGAIN)
			return;
}

void dtls_wire_flush(struct dtls_wire *w)
{
	struct dtls_batch *t = w->batch;
	if (t && t->n)
		send_now(w, t->b, t->n, t->record);
	if (t)
		t->n = t->records = 0;
}

/* A shorter one is the last. */
static void add(struct dtls_wire *w, const char *p, size_t n)
{
	struct dtls_batch *t = w->batch;
	if (t->n && (n > t->record || t->n + n > sizeof t->b || t->records == DTLS_BATCH_RECORDS))
		dtls_wire_flush(w);
	if (t->n == 0)
		t->record = n;
	memcpy(t->b + t->n, p, n);
	t->n += n;
	t->records++;
	if (n < t->record)
		dtls_wire_flush(w);
}

static int wire_write(BIO *b, const char *p, int n)
{
	struct dtls_wire *w = BIO_get_data(b);
	BIO_clear_retry_flags(b);
	if (w->batch && (size_t)n <= sizeof w->batch->b)
		add(w, p, (size_t)n);
	else
		send_now(w, p, (size_t)n, (size_t)n);
	return n;
}

static int wire_read(BIO *b, char *p, int n)
{
	struct dtls_wire *w = BIO_get_data(b);
	BIO_clear_retry_flags(b);
	if (w->in.n == 0) {
		BIO_set_retry_read(b);
		return -1;
	}
	int got = (size_t)n < w->in.n ? n : (int)w->in.n;
	memcpy(p, w->in.p, (size_t)got);
	w->in.n = 0; /* the rest of one that is too long is lost, as by recv(2) */
	return got;
}

static long wire_ctrl(BIO *b, int cmd, long num, void *p)
{
	(void)b, (void)num, (void)p;
	switch (cmd) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return DTLS_MTU;
	default:
		return 0;
	}
}

static int wire_create(BIO *b)
{
	BIO_set_init(b, 1);
	return 1;
}

static BIO_METHOD *method(void)
{
	static BIO_METHOD *m;
	if (m)
		return m;
	m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
	if (m && BIO_meth_set_create(m, wire_create) == 1 && BIO_meth_set_write(m, wire_write) == 1 &&
	    BIO_meth_set_read(m, wire_read) == 1 && BIO_meth_set_ctrl(m, wire_ctrl) == 1)
		return m;
	BIO_meth_free(m);
	return m = NULL;
}

SSL *dtls_wire_ssl(SSL_CTX *ctx, struct dtls_wire *w)
{
	BIO *b = method() ? BIO_new(method()) : NULL;
	SSL *ssl = b ? SSL_new(ctx) : NULL;
	if (!ssl) {
		BIO_free(b);
		return NULL;
	}
	BIO_set_data(b, w);
	SSL_set_bio(ssl, b, b);
	SSL_set_mtu(ssl, DTLS_MTU);
	return ssl;
}

void dtls_wire_move(SSL *ssl, struct dtls_wire *w)
{
	BIO_set_data(SSL_get_rbio(ssl), w);
}

struct dtls_wire *dtls_wire_of(const SSL *ssl)
{
	return BIO_get_data(SSL_get_rbio(ssl));
}
