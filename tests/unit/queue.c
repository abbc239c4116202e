/* queue.c - the queue before a slow line, on a clock of the test's. */
#include "unit/tap.h"

#include "engine/queue.h"

#include <stdlib.h>

#define RATE 3360u /* bytes a second: 33600 bit/s */

static const uint8_t key[SIPHASH_KEY] = { 7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
static struct queue q;
static uint8_t out[QUEUE_PACKET];

static uint16_t header_sum(const uint8_t *p)
{
	uint32_t s = 0;
	for (size_t i = 0; i < 20; i += 2)
		s += (uint32_t)p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

/* n bytes of TCP from this port, a number in its first byte of data; its header right. */
static bool add(int64_t now, uint16_t port, size_t n, uint8_t tos, uint8_t number)
{
	uint8_t p[QUEUE_PACKET + 1] = { 0x45, tos, (uint8_t)(n >> 8), (uint8_t)n, 0, 0, 0, 0, 64, 6, 0, 0,
		                        10, 0, 0, 1, 192, 0, 2, 1, (uint8_t)(port >> 8), (uint8_t)port, 0, 80 };
	uint16_t sum = (uint16_t)~header_sum(p);
	p[10] = (uint8_t)(sum >> 8);
	p[11] = (uint8_t)sum;
	p[40] = number;
	return queue_add(&q, now, p, n);
}

static uint16_t port_of(void)
{
	return (uint16_t)(out[20] << 8 | out[21]);
}

static void begin(uint64_t rate)
{
	queue_clear(&q);
	queue_init(&q, rate, key);
}

static void hash(void)
{
	uint8_t k[16], m[15];
	for (uint8_t i = 0; i < 16; i++)
		k[i] = i;
	for (uint8_t i = 0; i < 15; i++)
		m[i] = i;
	check(siphash(k, m, 15) == 0xa129ca6149be45e5, "SipHash: the vector of its paper");
	check(siphash(k, m, 0) == 0x726fdb47dd0e0e31, "SipHash of nothing");
}

static void in_order(void)
{
	bool ok = true;
	begin(RATE);
	check(queue_next(&q, 0, out) == 0, "nothing waits");
	for (uint8_t i = 0; i < 10; i++)
		add(0, 1000, 576, 0, i);
	for (uint8_t i = 0; i < 10; i++)
		ok = queue_next(&q, 1, out) == 576 && out[40] == i && ok;
	check(ok && queue_next(&q, 1, out) == 0, "one flow stays in order");
	check(q.bytes == 0 && q.packets == 0 && q.stats.sent == 10 && q.stats.queued == 10, "counted");
	check(q.stats.sojourn_max == 1, "the longest wait is known");
	check(!add(0, 1, 0, 0, 0) && !add(0, 1, QUEUE_PACKET + 1, 0, 0) && add(0, 1, QUEUE_PACKET, 0, 0), "sizes that are taken");
}

static void small_first(void)
{
	begin(RATE);
	for (uint8_t i = 0; i < 20; i++)
		add(0, 1000, 576, 0, i);
	queue_next(&q, 0, out);
	add(1, 23, 41, 0, 0);
	check(queue_next(&q, 1, out) == 41 && port_of() == 23, "a typed character goes before the rest of a transfer");
	check(queue_next(&q, 1, out) == 576 && port_of() == 1000, "then the transfer again");
	begin(RATE);
	for (uint8_t i = 0; i < 20; i++) {
		add(0, 1000, 1500, 0, i);
		add(0, 2000, 100, 0, i);
	}
	unsigned small = 0;
	for (size_t sum = 0; sum < 6000;) {
		size_t n = queue_next(&q, 1, out);
		small += n == 100;
		sum += n;
	}
	check(small >= 18, "small packets of a busy flow pass large ones: %u of 20", small);
}

/* Runs the line for so many ms: n(now) adds what comes; what goes is told. */
struct line {
	int64_t free_at;
	size_t bytes[3];        /* of ports 1000, 2000, 3000 */
	int64_t worst, added;   /* port 23: from added to sent */
};

static void go(struct line *l, int64_t now)
{
	if (now < l->free_at)
		return;
	size_t n = queue_next(&q, now, out);
	if (n == 0)
		return;
	l->free_at = now + (int64_t)(n * 1000 / RATE);
	if (port_of() >= 1000)
		l->bytes[port_of() / 1000 - 1] += n;
	else if (l->free_at - l->added > l->worst)
		l->worst = l->free_at - l->added;
}

static void fairness(void)
{
	struct line l = { 0 };
	begin(RATE);
	for (int64_t now = 0; now < 60000; now++) {
		if (now % 100 == 0) { /* two transfers that do not hear, and one that wants less than its share */
			add(now, 1000, 576, 0, 0);
			add(now, 2000, 300, 0, 0);
			if (now % 200 == 0)
				add(now, 3000, 140, 0, 0);
		}
		if (now % 1009 == 7 && now > 5000) {
			l.added = now;
			add(now, 7, 84, 0, 0);
		}
		go(&l, now);
	}
	check(l.worst > 0 && l.worst <= (576 + 140 + 84) * 1000 / RATE + 3,
	      "beside three transfers a ping waits for a packet under way and a small one at most: %lld ms", (long long)l.worst);
	check(l.bytes[0] + l.bytes[1] + l.bytes[2] > 57 * RATE, "the line is kept busy");
	check(l.bytes[2] > 41000, "who wants less than a share has that: %zu", l.bytes[2]);
	check(l.bytes[0] < l.bytes[1] + 4000 && l.bytes[1] < l.bytes[0] + 4000, "the rest is shared by bytes: %zu %zu", l.bytes[0], l.bytes[1]);
}

static void delay(uint8_t tos)
{
	struct line l = { 0 };
	bool sums = true;
	uint64_t after_10 = 0, after_20 = 0;
	begin(RATE);
	for (int64_t now = 0; now < 30000; now++) {
		if (now % 150 == 0) /* 576 bytes take 171 ms */
			add(now, 1000, 576, tos, 0);
		if (now >= l.free_at) {
			out[0] = 0;
			go(&l, now);
			sums = (out[0] == 0 || header_sum(out) == 0xffff) && sums;
		}
		if (now == 10000)
			after_10 = q.stats.dropped + q.stats.marked;
		if (now == 20000)
			after_20 = q.stats.dropped + q.stats.marked;
	}
	uint64_t told = q.stats.dropped + q.stats.marked;
	check(after_20 > after_10 && told > after_20, "what does not get shorter is told: %llu %llu %llu",
	      (unsigned long long)after_10, (unsigned long long)after_20, (unsigned long long)told);
	check(tos ? q.stats.dropped == 0 : q.stats.marked == 0, "%s", tos ? "by marks where it can carry them" : "by drops");
	check(q.stats.overflow == 0 && sums, "header checksums are right");
	if (!tos)
		check(q.stats.sojourn_max < 5000, "and waits less: at most %lld ms", (long long)q.stats.sojourn_max);
}

static void patience(void)
{
	begin(RATE);
	for (int i = 0; i < 5; i++)
		add(0, 1000, 576, 0, 0);
	for (int64_t now = 0; now < 1000; now += 171)
		queue_next(&q, now, out);
	check(q.stats.dropped == 0 && q.stats.sent == 5, "a burst that goes away is left alone");
	begin(RATE);
	for (int64_t now = 0; now < 60000; now += 600) {
		add(now, 1000, 1500, 0, 0);
		queue_next(&q, now + 590, out);
	}
	check(q.stats.dropped == 0 && q.stats.sent == 100, "one packet at a time is never too many");
	check(q.target >= 669 && q.interval > q.target, "the target: one and a half packets, %lld ms", (long long)q.target);
	begin(12500000);
	check(q.target == 5 && q.interval == 105, "on a fast line RFC 8289's");
}

static void flood(bool many)
{
	size_t bytes = 0, packets = 0;
	size_t before = 0;
	begin(RATE);
	srand(1);
	for (int i = 0; i < 50000; i++) {
		add(i / 50, many ? (uint16_t)(1000 + rand() % 60000) : 1000, (size_t)(24 + rand() % (i % 3 ? 30 : 1476)), i & 3, 0);
		bytes = q.bytes > bytes ? q.bytes : bytes;
		packets = q.packets > packets ? q.packets : packets;
	}
	check(bytes <= QUEUE_BYTES_MIN && packets <= QUEUE_PACKETS, "a flood is bounded: %zu bytes, %zu packets", bytes, packets);
	check(q.stats.queued == q.stats.overflow + q.packets, "every packet is accounted for");
	add(1000, 23, 41, 0, 0);
	for (size_t n; (n = queue_next(&q, 1001, out)) && port_of() != 23;)
		before += n;
	check(port_of() == 23 && (many || before <= QUEUE_QUANTUM + 1500), "who types beside it gets through: %zu bytes before", before);
}

static void anything(void)
{
	begin(RATE);
	for (int i = 0; i < 20000; i++) {
		uint8_t p[64];
		size_t n = (size_t)rand() % sizeof p;
		for (size_t k = 0; k < n; k++)
			p[k] = (uint8_t)(k == 0 && i & 1 ? 0x40 + rand() % 16 : rand());
		queue_add(&q, i, p, n);
		if (rand() % 3 == 0)
			queue_next(&q, i, out);
	}
	while (queue_next(&q, 20000 + 1000 * (int64_t)q.packets, out))
		;
	check(q.packets == 0 && q.bytes == 0, "bytes that are no packets come out, too");
}

int main(void)
{
	hash();
	in_order();
	small_first();
	fairness();
	delay(0);
	delay(2);
	patience();
	flood(false);
	flood(true);
	anything();
	queue_clear(&q);
	queue_clear(&q);
	check(q.packets == 0 && queue_next(&q, 0, out) == 0, "cleared");
	return tap_done();
}
