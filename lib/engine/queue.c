/* queue.c - FQ-CoDel, RFC 8290, after its text and RFC 8289's; times in milliseconds.
 * Made for slow lines: the target is as long as one and a half of the largest packets
 * take, below which no row can be kept (RFC 8289, 4.4). A row with one packet in it is
 * never told that it is long. */
#include "engine/queue.h"

#include "wire/sum.h"

#include <stdlib.h>
#include <string.h>

#define TARGET 5         /* ms: on a line that is fast enough */
#define INTERVAL 100     /* ms: a round trip, over the target */
#define MTU 1500
#define SECONDS 2        /* of the line, that may wait */
#define RECENT 16        /* intervals: dropping goes on where it was */

enum { IP_HEADER = 20, IP_TOS = 1, IP_FRAGMENT = 6, IP_PROTOCOL = 9, IP_SUM = 10, IP_SOURCE = 12 };
enum { TCP = 6, UDP = 17, DCCP = 33, SCTP = 132, UDPLITE = 136 };
enum { ECN = 3 }; /* 0: no marks, please; 3: marked */

struct queue_packet {
	struct queue_packet *next;
	int64_t since;
	size_t n;
	uint8_t b[];
};

void queue_init(struct queue *q, uint64_t rate, const uint8_t key[SIPHASH_KEY])
{
	*q = (struct queue){ .limit = QUEUE_BYTES_MAX, .interval = INTERVAL };
	memcpy(q->key, key, sizeof q->key);
	for (size_t i = 0; i < QUEUE_FLOWS; i++)
		q->flow[i].tail = &q->flow[i].head;
	if (rate < QUEUE_BYTES_MAX / SECONDS)
		q->limit = (size_t)rate * SECONDS;
	if (q->limit < QUEUE_BYTES_MIN)
		q->limit = QUEUE_BYTES_MIN;
	q->target = (int64_t)(MTU * 1500 / (rate ? rate : 1));
	if (q->target < TARGET)
		q->target = TARGET;
	q->interval += q->target;
}

/* -- rows */

static struct queue_packet *take(struct queue *q, struct queue_flow *f)
{
	struct queue_packet *k = f->head;
	if (!k)
		return NULL;
	f->head = k->next;
	if (!f->head)
		f->tail = &f->head;
	f->bytes -= k->n;
	q->bytes -= k->n;
	q->packets--;
	return k;
}

void queue_clear(struct queue *q)
{
	for (size_t i = 0; i < QUEUE_FLOWS; i++)
		while (q->flow[i].head)
			free(take(q, &q->flow[i]));
	q->fresh = q->old = (struct queue_list){ 0 };
	for (size_t i = 0; i < QUEUE_FLOWS; i++)
		q->flow[i].listed = false;
}

static void list_add(struct queue_list *l, struct queue_flow *f)
{
	f->next = NULL;
	if (l->tail)
		l->tail->next = f;
	else
		l->head = f;
	l->tail = f;
}

static void list_drop_head(struct queue_list *l)
{
	l->head = l->head->next;
	if (!l->head)
		l->tail = NULL;
}

/* Its addresses, protocol and, where every packet of it has them, ports. */
static struct queue_flow *flow_of(struct queue *q, const uint8_t *p, size_t n)
{
	uint8_t id[13] = { 0 };
	if (n < IP_HEADER || p[0] >> 4 != 4)
		return &q->flow[0];
	size_t header = (size_t)(p[0] & 15) * 4;
	uint8_t protocol = p[IP_PROTOCOL];
	bool whole = (get16(p, IP_FRAGMENT) & 0x3fff) == 0;
	memcpy(id, &p[IP_SOURCE], 8);
	id[8] = protocol;
	if (whole && n >= header + 4 &&
	    (protocol == TCP || protocol == UDP || protocol == DCCP || protocol == SCTP || protocol == UDPLITE))
		memcpy(&id[9], &p[header], 4);
	return &q->flow[siphash(q->key, id, sizeof id) % QUEUE_FLOWS];
}

/* No room: the first of the longest row goes, since its sender learns of that soonest. */
static void make_room(struct queue *q)
{
	struct queue_flow *longest = NULL;
	for (int i = 0; i < 2; i++)
		for (struct queue_flow *f = i ? q->old.head : q->fresh.head; f; f = f->next)
			if (!longest || f->bytes > longest->bytes)
				longest = f;
	if (!longest)
		return;
	free(take(q, longest));
	q->stats.overflow++;
}

bool queue_add(struct queue *q, int64_t now, const uint8_t *p, size_t n)
{
	struct queue_packet *k = n && n <= QUEUE_PACKET ? malloc(sizeof *k + n) : NULL;
	if (!k) {
		q->stats.overflow++;
		return false;
	}
	struct queue_flow *f = flow_of(q, p, n);
	*k = (struct queue_packet){ .since = now, .n = n };
	memcpy(k->b, p, n);
	*f->tail = k;
	f->tail = &k->next;
	f->bytes += n;
	q->bytes += n;
	q->packets++;
	q->stats.queued++;
	q->largest = n > q->largest ? n : q->largest;
	if (!f->listed) {
		f->listed = true;
		f->credit = QUEUE_QUANTUM;
		list_add(&q->fresh, f);
	}
	while (q->bytes > q->limit || q->packets > QUEUE_PACKETS)
		make_room(q);
	return true;
}

/* -- CoDel */

/* Newton's, whole: libm would be loaded for nothing else. */
static int64_t root(int64_t n)
{
	int64_t x = n, y = (n + 1) / 2;
	while (y < x) {
		x = y;
		y = (x + n / x) / 2;
	}
	return x;
}

/* The interval over the root of count. */
static int64_t control_law(const struct queue *q, int64_t t, uint32_t count)
{
	return t + root(q->interval * q->interval / count);
}

/* The next packet of a row; *late: it and those before it have waited over the target
 * for an interval. */
static struct queue_packet *look(struct queue *q, struct queue_flow *f, int64_t now, bool *late)
{
	struct queue_packet *k = take(q, f);
	*late = false;
	if (!k || now - k->since < q->target || f->bytes <= q->largest)
		f->above = 0;
	else if (f->above == 0)
		f->above = now + q->interval;
	else
		*late = now >= f->above;
	return k;
}

static bool mark(struct queue *q, struct queue_packet *k)
{
	if (k->n < IP_HEADER || k->b[0] >> 4 != 4 || (k->b[IP_TOS] & ECN) == 0)
		return false;
	uint16_t was = get16(k->b, 0);
	k->b[IP_TOS] |= ECN;
	put16(k->b, IP_SUM, sum_carry(get16(k->b, IP_SUM), was, get16(k->b, 0)));
	q->stats.marked++;
	return true;
}

/* Tells the sender. What goes out instead; *late as of that. */
static struct queue_packet *tell(struct queue *q, struct queue_flow *f, struct queue_packet *k, int64_t now, bool *late)
{
	if (mark(q, k)) {
		*late = false;
		return k;
	}
	free(k);
	q->stats.dropped++;
	return look(q, f, now, late);
}

static struct queue_packet *codel(struct queue *q, struct queue_flow *f, int64_t now)
{
	bool late;
	struct queue_packet *k = look(q, f, now, &late);
	if (!late) {
		f->dropping = false;
	} else if (!f->dropping) {
		uint32_t more = f->count - f->last_count;
		f->dropping = true;
		f->count = more > 1 && now - f->drop_next < RECENT * q->interval ? more : 1;
		f->last_count = f->count;
		f->drop_next = control_law(q, now, f->count);
		k = tell(q, f, k, now, &late);
	} else {
		while (late && now >= f->drop_next) {
			f->count++;
			f->drop_next = control_law(q, f->drop_next, f->count);
			k = tell(q, f, k, now, &late);
			f->dropping = late || (k && f->above);
		}
	}
	return k;
}

/* -- turns */

size_t queue_next(struct queue *q, int64_t now, uint8_t *to)
{
	for (;;) {
		bool fresh = q->fresh.head != NULL;
		struct queue_list *l = fresh ? &q->fresh : &q->old;
		struct queue_flow *f = l->head;
		if (!f)
			return 0;
		struct queue_packet *k = NULL;
		bool turn = f->credit > 0;
		if (turn)
			k = codel(q, f, now);
		if (k) {
			size_t n = k->n;
			int64_t waited = now - k->since;
			memcpy(to, k->b, n);
			free(k);
			f->credit -= (int64_t)n;
			q->stats.sent++;
			if (waited > q->stats.sojourn_max)
				q->stats.sojourn_max = waited;
			return n;
		}
		list_drop_head(l);
		if (!turn)
			f->credit += QUEUE_QUANTUM;
		/* An empty one that was new waits one turn, or it would be new again at once. */
		if (!turn || (fresh && q->old.head))
			list_add(&q->old, f);
		else
			f->listed = false;
	}
}
