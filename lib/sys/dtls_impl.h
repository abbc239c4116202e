/* dtls_impl.h - inside dtls.c (an association), dtls_listen.c (whose a datagram is),
 * dtls_wire.c (datagrams in and out), dtls_batch.c, dtls_cookie.c and dtls_hello.c. */
#ifndef SP_SYS_DTLS_IMPL_H
#define SP_SYS_DTLS_IMPL_H

#include "sys/dtls.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#define DTLS_MTU 1232       /* of IPv6's 1280, without its header and UDP's */
#define DTLS_SOCKET (4 << 20) /* bytes of the socket's buffers: batches of 64 KB are soon too many */
#define DTLS_RECEIVE 65536  /* others may send larger ones */

struct dtls_path {
	int fd;
	bool connected;
	struct sockaddr_storage peer;
	struct { int family; struct in_addr v4; struct in6_addr v6; unsigned index; } own; /* that it was sent to */
};

/* Records that go out together, as datagrams of one size but for the last (UDP_SEGMENT). */
#define DTLS_BATCH 65000 /* bytes */
#define DTLS_BATCH_RECORDS 64
struct dtls_batch {
	size_t n, record; /* bytes that wait; of each record */
	unsigned records;
	char b[DTLS_BATCH];
};

/* What an SSL's BIO reads of and writes to. */
struct dtls_wire {
	struct dtls_path path;
	struct view in; /* the datagram that is looked at */
	bool refused;   /* nobody is there: an ICMP error */
	struct dtls_batch *batch; /* while something waits; NULL: each goes at once */
};
void dtls_wire_flush(struct dtls_wire *w);

/* Asks for the addresses that datagrams are sent to. 0/-1. */
int dtls_path_prepare(int fd);
/* The next datagrams of one peer into p (of DTLS_RECEIVE): their size all together, or -1;
 * each has *each bytes, but the last. */
ssize_t dtls_path_receive(int fd, struct dtls_path *path, void *p, size_t *each);
/* Address and port, without anything that two equal ones may differ in. Its length. */
#define DTLS_NAME 24
size_t dtls_path_name(const struct dtls_path *path, uint8_t out[DTLS_NAME]);
/* An SSL that reads and writes there. NULL: out of memory. */
SSL *dtls_wire_ssl(SSL_CTX *ctx, struct dtls_wire *w);
/* From now on over another. */
void dtls_wire_move(SSL *ssl, struct dtls_wire *w);
struct dtls_wire *dtls_wire_of(const SSL *ssl);

/* The context's servers ask for cookies of ours. */
void dtls_cookies(SSL_CTX *ctx);

struct dtls {
	struct loop *loop;
	SSL *ssl;
	const char *unready;
	char name[TLS_NAME]; /* dtls_expect */
	unsigned long judged; /* tls_again */
	struct dtls_wire wire;
	const struct dtls_ops *ops;
	void *arg;
	struct loop_timer again, deadline, flush;
	bool gather;
	unsigned mtu; /* dtls_path_mtu; 0: none was said */
	size_t room;
	bool open, busy, closed, denied, freed;
	bool settled; /* open, and nothing of the handshake is left: no repeating, nothing that waits */
	/* a server's */
	struct dtls_listener *at;
	struct dtls *next;
	uint8_t random[DTLS_RANDOM];
	bool later; /* dtls_later: what it sends meanwhile is dropped */
};

/* A datagram of its peer, or none: goes on as far as can be. */
void dtls_take(struct dtls *d, struct view v);
void dtls_begin(struct dtls *d, int64_t deadline);
void dtls_shut(struct dtls *d, const char *why);
/* dtls_batch.c: before something is sent; what waits goes now. */
void dtls_batch_begin(struct dtls *d);
void dtls_batch_end(void *arg); /* struct dtls */
/* dtls_listen.c: its datagrams are nobody's any more. */
void dtls_unlink(struct dtls *d);

#endif
