/* paced.c - packets cannot be cut: each goes when what the one before it took is paid for. */
#include "engine/paced.h"

#include "base/num.h"
#include "wire/syn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define OUTER 76    /* bytes that the way has to carry besides: IP, UDP, DTLS, PPP's framing */
#define SHARE 97    /* of a hundred: what waits, waits here and not before the line */

static void pay(struct paced *p, int64_t now)
{
	size_t may = pace_may(&p->pace, now), n = p->owed < may ? p->owed : may;
	if (n)
		pace_took(&p->pace, n);
	p->owed -= n;
}

static void run(void *arg)
{
	struct paced *p = arg;
	int64_t now = clock_ms();
	uint8_t ip[QUEUE_PACKET];
	size_t n;
	pay(p, now);
	while (p->owed == 0 && (n = queue_next(&p->queue, now, ip)) > 0) {
		p->owed = p->send(p->arg, (struct view){ (const char *)ip, n }) + OUTER;
		pay(p, now);
	}
	if (p->owed)
		loop_at(p->loop, &p->timer, pace_next(&p->pace, p->owed), run, p);
}

void paced_add(struct paced *p, struct view ip)
{
	uint8_t b[QUEUE_PACKET];
	if (ip.n > sizeof b)
		return;
	memcpy(b, ip.p, ip.n);
	if (p->mss)
		syn_rewrite(b, ip.n, p->mss, true); /* with timestamps no header could be compressed */
	if (queue_add(&p->queue, clock_ms(), b, ip.n) && !p->timer.armed)
		run(p);
}

struct paced *paced_new(struct loop *l, uint64_t speed, size_t (*send)(void *arg, struct view ip), void *arg)
{
	uint8_t key[SIPHASH_KEY] = { 0 };
	struct paced *p = speed && speed < PACED_FAST ? calloc(1, sizeof *p) : NULL;
	if (!p)
		return NULL;
	*p = (struct paced){ .loop = l, .mss = syn_mss(speed), .send = send, .arg = arg };
	pace_init(&p->pace, speed * SHARE / 100, clock_ms());
	if (getrandom(key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key)
		key[0] = (uint8_t)clock_ms(); /* as good as there is */
	queue_init(&p->queue, p->pace.rate, key);
	return p;
}

void paced_free(struct paced *p)
{
	if (!p)
		return;
	loop_cancel(p->loop, &p->timer);
	queue_clear(&p->queue);
	free(p);
}
