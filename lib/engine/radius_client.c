/* radius_client.c - which server is asked, and for how long: fail-over, dead time,
 * for each that is still to be tried an equal share of the time that is left. And
 * the UDP exchange (RFC 2865 section 2.4, RFC 5080 section 2.2.1): retransmission
 * of the same packet after 1, 2, 4, 4... s. That over TLS is radius_tls.c's. */
#include "engine/radius_client.h"

#include "engine/radius_server.h"
#include "engine/radius_tls.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATAGRAMS_A_TURN 32 /* anybody may send some */
#define AGAIN_MS 1000
#define AGAIN_MAX_MS 4000

struct radius_client {
	struct loop *loop;
	const struct secret *secret;
	void (*dropped)(void *arg, const char *from, const char *why);
	void *arg;
	struct radius_server server[RADIUS_SERVERS];
	unsigned n;
	int64_t dead_ms;
	struct radius_ask *asks;
};

struct radius_ask {
	struct radius_ask *next;
	struct radius_client *client;
	struct radius_packet packet;
	struct radius_call call; /* over TLS */
	int64_t deadline, share_end, again_at, again;
	struct loop_timer timer;
	unsigned tried; /* a bit a server */
	int at;         /* the server being asked, -1: none yet */
	int fd;
	bool waiting;   /* for the server */
	bool silent;    /* a server that listens did not answer */
	const char *dropped;
	const char *lost; /* why TLS failed */
	radius_end_fn *fn;
	void *arg;
};

static bool server_add(struct radius_client *c, const char *text, const struct radius_client_conf *conf, const char **why)
{
	struct radius_server *s = &c->server[c->n];
	if (!radius_server_parse(s, text, conf->old_ports, why))
		return false;
	*why = "it is tls:, or others are";
	if (s->tls != (conf->ctx != NULL))
		return false;
	*why = "out of memory";
	if (s->tls && !(s->conn = radius_tls_new(c->loop, &s->addr, conf->ctx)))
		return false;
	c->n++;
	return true;
}

struct radius_client *radius_client_new(struct loop *l, const struct radius_client_conf *conf,
                                        const char **why, const char **bad)
{
	struct radius_client *c = calloc(1, sizeof *c);
	const char *last = "no server is named";
	*bad = "";
	*why = "out of memory";
	if (!c)
		return NULL;
	*c = (struct radius_client){ .loop = l, .secret = conf->secret, .dropped = conf->dropped, .arg = conf->arg, .dead_ms = conf->dead_ms };
	for (unsigned i = 0; i < conf->nserver && c->n < RADIUS_SERVERS; i++)
		if (!server_add(c, conf->server[i], conf, &last))
			*bad = conf->server[i];
	*why = last;
	if (c->n)
		return c;
	free(c);
	return NULL;
}

/* Ends the try at the server that is being asked. */
static void hang_up(struct radius_ask *a)
{
	if (a->waiting && a->client->server[a->at].tls)
		radius_tls_forget(a->client->server[a->at].conn, &a->call);
	a->waiting = false;
	if (a->fd < 0)
		return;
	loop_forget(a->client->loop, a->fd);
	close(a->fd);
	a->fd = -1;
}

void radius_forget(struct radius_ask *a)
{
	struct radius_ask **p = &a->client->asks;
	while (*p != a)
		p = &(*p)->next;
	*p = a->next;
	hang_up(a);
	loop_cancel(a->client->loop, &a->timer);
	radius_clear(&a->packet);
	free(a);
}

void radius_client_free(struct radius_client *c)
{
	if (!c)
		return;
	while (c->asks)
		radius_forget(c->asks);
	for (unsigned i = 0; i < c->n; i++)
		radius_tls_free(c->server[i].conn);
	free(c);
}

static void end(struct radius_ask *a, enum sp_exit status, const struct radius_reply *reply, const char *detail)
{
	struct radius_end e = { .status = status, .detail = detail };
	radius_end_fn *fn = a->fn;
	void *arg = a->arg;
	if (reply)
		e.reply = *reply;
	radius_forget(a);
	fn(arg, &e);
}

/* The next server to ask: the first that is not dead, else the first that is. */
static int choose(const struct radius_ask *a, unsigned *left)
{
	const struct radius_client *c = a->client;
	int64_t now = clock_ms();
	int alive = -1, any = -1;
	*left = 0;
	for (int i = (int)c->n - 1; i >= 0; i--) {
		if (a->tried & 1u << i)
			continue;
		(*left)++;
		any = i;
		if (c->server[i].dead_until <= now)
			alive = i;
	}
	return alive >= 0 ? alive : any;
}

static void try_next(struct radius_ask *a);
static void on_timer(void *arg);

static void wait_on(struct radius_ask *a)
{
	int64_t at = a->again_at < a->share_end ? a->again_at : a->share_end;
	loop_at(a->client->loop, &a->timer, at, on_timer, a);
}

static int port_of(const struct radius_ask *a)
{
	return a->packet.b[0] == RADIUS_ACCOUNTING_REQUEST ? RADIUS_ACCT : RADIUS_AUTH;
}

static void transmit(struct radius_ask *a)
{
	const struct radius_server *s = &a->client->server[a->at];
	int port = port_of(a);
	if (sendto(a->fd, a->packet.b, a->packet.n, 0, (const struct sockaddr *)&s->to[port], s->size[port]) < 0 &&
	    (errno == ECONNREFUSED || errno == ENETUNREACH)) {
		try_next(a);
		return;
	}
	a->again_at = clock_deadline(a->again);
	a->again = a->again * 2 < AGAIN_MAX_MS ? a->again * 2 : AGAIN_MAX_MS;
	wait_on(a);
}

static void on_timer(void *arg)
{
	struct radius_ask *a = arg;
	if (a->fd >= 0 && clock_ms() < a->share_end) {
		transmit(a);
		return;
	}
	if (a->waiting) {
		a->client->server[a->at].dead_until = clock_deadline(a->client->dead_ms);
		a->silent = true;
	}
	try_next(a);
}

static bool is_server(const struct sockaddr_storage *from, const struct sockaddr_storage *to)
{
	const struct sockaddr_in *f4 = (const void *)from, *t4 = (const void *)to;
	const struct sockaddr_in6 *f6 = (const void *)from, *t6 = (const void *)to;
	if (from->ss_family != to->ss_family)
		return false;
	if (to->ss_family == AF_INET)
		return f4->sin_port == t4->sin_port && f4->sin_addr.s_addr == t4->sin_addr.s_addr;
	return f6->sin6_port == t6->sin6_port && memcmp(&f6->sin6_addr, &t6->sin6_addr, sizeof t6->sin6_addr) == 0;
}

static void tell_dropped(const struct radius_client *c, const struct sockaddr_storage *from, socklen_t size, const char *why)
{
	char host[64], port[8], text[sizeof host + sizeof port + 1];
	if (!c->dropped || getnameinfo((const struct sockaddr *)from, size, host, sizeof host, port, sizeof port,
	                               NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	snprintf(text, sizeof text, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	c->dropped(c->arg, text, why);
}

/* One that the server did not send says nothing of the server. */
static bool dropped(struct radius_ask *a, const struct sockaddr_storage *from, socklen_t size, const uint8_t *b, size_t n,
                    struct radius_reply *reply)
{
	const char *why = "it comes from elsewhere";
	if (is_server(from, &a->client->server[a->at].to[port_of(a)])) {
		if (radius_check(&a->packet, a->client->secret, b, n, reply, &why) == 1)
			return false;
		a->dropped = why;
	}
	tell_dropped(a->client, from, size, why);
	return true;
}

static void on_reply(void *arg, int fd, short revents)
{
	struct radius_ask *a = arg;
	uint8_t b[RADIUS_MAX + 1];
	struct sockaddr_storage from;
	socklen_t size = sizeof from;
	struct radius_reply reply;
	ssize_t n;
	(void)revents;
	for (unsigned i = 0; (n = recvfrom(fd, b, sizeof b, 0, (struct sockaddr *)&from, &size)) >= 0; i++, size = sizeof from) {
		if (!dropped(a, &from, size, b, (size_t)n, &reply)) {
			a->client->server[a->at].dead_until = 0;
			end(a, SP_OK, &reply, "");
			return;
		}
		if (i == DATAGRAMS_A_TURN)
			return;
	}
	if (errno == ECONNREFUSED)
		try_next(a);
	else
		while (recv(fd, b, sizeof b, MSG_ERRQUEUE) >= 0) /* what may pass: a router that knows no way now */
			continue;
}

/* A connection that fails is, like a port where nobody listens, left at once. */
static void on_tls_reply(void *arg, const struct radius_reply *reply, const char *why)
{
	struct radius_ask *a = arg;
	a->waiting = a->call.silent; /* still: on_timer sees to that */
	if (reply) {
		a->client->server[a->at].dead_until = 0;
		end(a, SP_OK, reply, "");
		return;
	}
	a->lost = why;
	loop_at(a->client->loop, &a->timer, clock_ms(), on_timer, a);
}

static void give_up(struct radius_ask *a)
{
	if (a->dropped)
		end(a, SP_TIMEOUT, NULL, "no RADIUS server gave an answer that our secret holds for");
	else if (a->silent)
		end(a, SP_TIMEOUT, NULL, "no RADIUS server answered in time");
	else
		end(a, SP_PEER, NULL, a->lost ? a->lost : "no RADIUS server can be reached");
}

/* The socket is not connected, so that what others send is seen; told is what comes back of
 * our own all the same. */
static int open_socket(int family)
{
	static const int on = 1;
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
	else if (fd >= 0)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
	return fd;
}

static bool dial(struct radius_ask *a, const struct radius_server *s)
{
	a->again_at = CLOCK_NEVER;
	if (s->tls) {
		a->call = (struct radius_call){ .packet = &a->packet, .fn = on_tls_reply, .arg = a };
		return radius_tls_ask(s->conn, &a->call) == 0;
	}
	a->fd = open_socket(s->to[port_of(a)].ss_family);
	return a->fd >= 0 && loop_fd(a->client->loop, a->fd, POLLIN, on_reply, a) == 0;
}

static void try_next(struct radius_ask *a)
{
	int64_t now = clock_ms();
	unsigned left;
	hang_up(a);
	a->at = choose(a, &left);
	if (a->at < 0 || now >= a->deadline) {
		give_up(a);
		return;
	}
	a->tried |= 1u << a->at;
	a->again = AGAIN_MS;
	a->share_end = now + (a->deadline - now) / left;
	if (dial(a, &a->client->server[a->at])) {
		a->waiting = true;
		if (a->fd >= 0)
			transmit(a);
		else
			wait_on(a);
		return;
	}
	hang_up(a);
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
		end(a, SP_SYSTEM, NULL, "no more sockets");
		return;
	}
	loop_at(a->client->loop, &a->timer, now, on_timer, a); /* no route: the next one, from the loop */
}

struct radius_ask *radius_ask(struct radius_client *c, const struct radius_packet *p, int64_t deadline,
                              radius_end_fn *fn, void *arg)
{
	struct radius_ask *a = calloc(1, sizeof *a);
	if (!a)
		return NULL;
	a->next = c->asks;
	c->asks = a;
	a->client = c;
	a->packet = *p;
	a->deadline = deadline;
	a->at = a->fd = -1;
	a->fn = fn;
	a->arg = arg;
	loop_at(c->loop, &a->timer, clock_ms(), on_timer, a);
	return a;
}
