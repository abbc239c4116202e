/* gro.c - generic receive offload for one connection at a time, after what Linux does
 * in its network cards' drivers. Put together are segments with the same headers but
 * for the IP identification (one more each time), the sequence number (as the data
 * went on), lengths and checksums; of the flags ACK alone, and PSH, which ends it as
 * data shorter than the first's do. A wrong checksum is left for the receiver to see. */
#include "wire/gro.h"

#include "wire/sum.h"

#include <string.h>

enum { IP_LENGTH = 2, IP_ID = 4, IP_FRAGMENT = 6, IP_PROTOCOL = 9, IP_SUM = 10, IP_SOURCE = 12, IP_HEADER = 20 };
enum { TCP_SEQ = 24, TCP_ACK = 28, TCP_OFFSET = 32, TCP_FLAGS = 33, TCP_WINDOW = 34, TCP_SUM = 36, TCP_URGENT = 38, HEADERS = 40 };
enum { TCP = 6, DF = 0x4000, PSH = 8, ACK = 16 };

/* Of the pseudo header. */
static uint16_t pseudo(const uint8_t *p, size_t n)
{
	uint8_t last[4] = { 0, TCP };
	put16(last, 2, (uint16_t)(n - IP_HEADER));
	return sum_add(sum_of(&p[IP_SOURCE], 8), sum_of(last, sizeof last));
}

/* The length of the headers of a segment that others may follow; 0: it is none. */
static uint16_t headers(const uint8_t *p, size_t n)
{
	if (n <= HEADERS || p[0] != 0x45 || get16(p, IP_LENGTH) != n || get16(p, IP_FRAGMENT) & ~DF || p[IP_PROTOCOL] != TCP)
		return 0;
	size_t header = IP_HEADER + (size_t)(p[TCP_OFFSET] >> 4) * 4;
	if (header < HEADERS || header >= n || p[TCP_OFFSET] & 15 || (p[TCP_FLAGS] & ~PSH) != ACK)
		return 0;
	bool good = sum_of(p, IP_HEADER) == 0xffff && sum_add(pseudo(p, n), sum_of(&p[IP_HEADER], n - IP_HEADER)) == 0xffff;
	return good ? (uint16_t)header : 0;
}

static void begin(struct gro *g, const uint8_t *p, size_t n)
{
	memcpy(g->b, p, n);
	g->n = n;
	g->packets = 1;
	g->segment = 0;
	g->header = headers(p, n);
	g->data = g->header ? (uint16_t)(n - g->header) : 0;
}

static bool alike(const uint8_t *a, const uint8_t *b, size_t header)
{
	static const struct { uint8_t from, to; } same[] = {
		{ 0, IP_LENGTH }, { IP_FRAGMENT, IP_SUM }, { IP_SOURCE, TCP_SEQ }, { TCP_ACK, TCP_FLAGS }, { TCP_WINDOW, TCP_SUM },
	};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (memcmp(&a[same[i].from], &b[same[i].from], (size_t)(same[i].to - same[i].from)) != 0)
			return false;
	return memcmp(&a[TCP_URGENT], &b[TCP_URGENT], header - TCP_URGENT) == 0;
}

static bool follows(const struct gro *g, const uint8_t *p, size_t n)
{
	size_t had = g->n - g->header;
	bool open = g->data && had == (size_t)g->data * g->packets && !(g->b[TCP_FLAGS] & PSH) && n <= sizeof g->b - g->n;
	return open && headers(p, n) == g->header && n - g->header <= g->data && alike(g->b, p, g->header) &&
	       get16(p, IP_ID) == (uint16_t)(get16(g->b, IP_ID) + g->packets) &&
	       get32(p, TCP_SEQ) == (uint32_t)(get32(g->b, TCP_SEQ) + had);
}

bool gro_add(struct gro *g, const uint8_t *p, size_t n)
{
	if (g->n == 0) {
		begin(g, p, n);
		return true;
	}
	if (!follows(g, p, n))
		return false;
	memcpy(&g->b[g->n], &p[g->header], n - g->header);
	g->n += n - g->header;
	g->b[TCP_FLAGS] |= p[TCP_FLAGS];
	g->packets++;
	return true;
}

void gro_seal(struct gro *g)
{
	if (g->packets < 2)
		return;
	g->segment = g->data;
	uint16_t was = get16(g->b, IP_LENGTH);
	put16(g->b, IP_LENGTH, (uint16_t)g->n);
	put16(g->b, IP_SUM, sum_carry(get16(g->b, IP_SUM), was, (uint16_t)g->n));
	put16(g->b, TCP_SUM, pseudo(g->b, g->n));
}
