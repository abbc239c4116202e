/* tunnel.c - which gateway, whether it is there, and what came from it: a packet, or a record. */
#include "engine/tunnel.h"

#include "sys/dtls.h"
#include "wire/squeeze.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUTER 28           /* bytes of IPv4 and UDP headers */
#define RECORD 37          /* of a DTLS record: header, nonce, tag (RFC 5288) */
#define ASK_MS 5000        /* of silence; then it is asked whether it is there */
#define AGAIN_MS 250       /* once none could be had; doubled */
#define AGAIN_MAX_MS 16000

struct tunnel {
	struct tunnel_conf conf;
	struct dtls *d;
	unsigned at;      /* which gateway */
	unsigned tried;   /* in a row, without success */
	bool up, busy, freed;
	unsigned asked;   /* and not answered */
	int64_t heard;
	struct loop_timer timer;
};

static void try(struct tunnel *t);

static void on_again(void *arg)
{
	try(arg);
}

/* The next one: at once, or later when each had its turn. */
static void next(struct tunnel *t)
{
	unsigned rounds = ++t->tried / t->conf.n;
	int64_t wait = 0;
	t->at = (t->at + 1) % t->conf.n;
	if (rounds)
		wait = AGAIN_MS << (rounds > 7 ? 7 : rounds);
	loop_at(t->conf.loop, &t->timer, clock_deadline(wait > AGAIN_MAX_MS ? AGAIN_MAX_MS : wait), on_again, t);
}

static void gone(struct tunnel *t, const char *why, bool denied)
{
	const struct gateway *g = &t->conf.gateway[t->at];
	dtls_free(t->d);
	t->d = NULL;
	t->up = false;
	loop_cancel(t->conf.loop, &t->timer);
	t->busy = true;
	t->conf.ops->down(t->conf.arg, g, why, denied);
	t->busy = false;
	if (t->freed)
		free(t);
	else
		next(t);
}

static void on_silence(void *arg)
{
	struct tunnel *t = arg;
	struct record q = { 0 };
	int64_t quiet = clock_ms() - t->heard, every = t->conf.patience / 3 < ASK_MS ? t->conf.patience / 3 : ASK_MS;
	if (quiet < every)
		t->asked = 0;
	if (t->asked >= 3) {
		gone(t, "the gateway answers no more", false);
		return;
	}
	if (quiet >= every && t->asked++ < 3 && record_set(&q, "op", "echo") == 0 && record_set(&q, "id", "echo") == 0)
		tunnel_record(t, &q);
	record_clear(&q);
	loop_at(t->conf.loop, &t->timer, clock_deadline(every), on_silence, t);
}

static void on_open(void *arg)
{
	struct tunnel *t = arg;
	const struct gateway *g = &t->conf.gateway[t->at];
	uint8_t key[CERT_KEY_HASH];
	if (g->pinned && (!cert_pin(dtls_peer(t->d), key) || CRYPTO_memcmp(key, g->key, sizeof key) != 0)) {
		gone(t, "the gateway has another key", true);
		return;
	}
	t->up = true;
	t->tried = t->asked = 0;
	t->heard = clock_ms();
	dtls_gather(t->d);
	loop_at(t->conf.loop, &t->timer, clock_ms(), on_silence, t);
	t->conf.ops->up(t->conf.arg, g);
}

static void on_datagram(void *arg, struct view v)
{
	struct tunnel *t = arg;
	struct record r = { 0 };
	const char *why;
	t->heard = clock_ms();
	if (v.n && ((uint8_t)v.p[0] >> 4 == 4 || squeeze_is((const uint8_t *)v.p, v.n))) {
		t->conf.ops->packet(t->conf.arg, v);
		return;
	}
	while (v.n && v.p[v.n - 1] == '\n')
		v.n--;
	if (record_parse(&r, v, &why) == 1 && !view_is(record_get(&r, "id"), "echo"))
		t->conf.ops->record(t->conf.arg, &r);
	record_clear(&r);
}

static void on_closed(void *arg, const char *why)
{
	struct tunnel *t = arg;
	gone(t, why ? why : "the gateway ended the tunnel", dtls_denied(t->d));
}

static void try(struct tunnel *t)
{
	static const struct dtls_ops ops = { on_open, on_datagram, on_closed };
	const struct gateway *g = &t->conf.gateway[t->at];
	const char *why;
	unsigned n = 0;
	int fd = sock_connect_over(&g->at, t->conf.device, &n, &why);
	if (fd < 0) {
		gone(t, why, false);
		return;
	}
	t->d = dtls_connect(t->conf.loop, fd, t->conf.ctx, clock_deadline(t->conf.patience), &ops, t);
	if (!t->d || !dtls_expect(t->d, g->name)) {
		gone(t, "out of memory", false);
		return;
	}
	dtls_path_mtu(t->d, t->conf.mtu - OUTER);
}

bool tunnel_up(const struct tunnel *t)
{
	return t->up;
}

void tunnel_packet(struct tunnel *t, struct view ip)
{
	if (t->up)
		dtls_send(t->d, ip);
}

int tunnel_record(struct tunnel *t, struct record *r)
{
	struct buf line;
	buf_init(&line, 2 * RECORD_LINE_MAX);
	int rc = t->up && record_write(r, &line) == 0 ? dtls_send(t->d, buf_view(&line)) : -1;
	buf_wipe(&line); /* it may have a permit */
	buf_clear(&line);
	return rc;
}

unsigned tunnel_room(const struct tunnel *t)
{
	return t->d ? (unsigned)dtls_room(t->d) : 0;
}

unsigned tunnel_inside_mtu(unsigned mtu)
{
	return mtu - OUTER - RECORD;
}

struct tunnel *tunnel_new(const struct tunnel_conf *conf)
{
	struct tunnel *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->conf = *conf;
	loop_at(conf->loop, &t->timer, clock_ms(), on_again, t); /* no callback before the caller has the pointer */
	return t;
}

void tunnel_free(struct tunnel *t)
{
	if (!t)
		return;
	loop_cancel(t->conf.loop, &t->timer);
	dtls_free(t->d);
	t->d = NULL;
	t->up = false;
	t->freed = true;
	if (!t->busy)
		free(t);
}

/* -- addresses of gateways */

static bool take_key(struct gateway *g, const char *hex)
{
	size_t n = strspn(hex, "0123456789abcdef");
	if (n != 2 * sizeof g->key || (hex[n] && hex[n] != '&'))
		return false;
	for (size_t i = 0; i < sizeof g->key; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		g->key[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return true;
}

bool gateway_parse(struct gateway *g, const char *text, const char **why)
{
	char *q;
	memset(g, 0, sizeof *g);
	if (!addr_parse(text, &g->at, why))
		return false;
	*why = "must be dtls:HOST:PORT";
	if (g->at.kind != ADDR_DTLS)
		return false;
	*why = "key= is 64 digits of 0-9a-f, and stands before name=";
	q = g->at.query;
	if (strncmp(q, "key=", 4) == 0) {
		if (!take_key(g, q + 4))
			return false;
		g->pinned = true;
		size_t skip = 4 + 2 * sizeof g->key;
		memmove(q, q + skip + (q[skip] == '&'), strlen(q + skip) + 1 - (q[skip] == '&'));
	}
	g->name = addr_peer(&g->at);
	*why = "behind ? stand key= and name= only";
	return g->name != NULL;
}
