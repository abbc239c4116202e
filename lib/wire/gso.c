/* gso.c - TCP segmentation as a network card does it: the IP identification goes up by one,
 * the sequence number by the data; FIN and PSH are the last one's, CWR the first one's. */
#include "wire/gso.h"

#include "wire/sum.h"

#include <string.h>

enum { IP_LENGTH = 2, IP_ID = 4, IP_PROTOCOL = 9, IP_SUM = 10, IP_SOURCE = 12, IP_HEADER = 20 };
enum { TCP_SEQ = 4, TCP_OFFSET = 12, TCP_FLAGS = 13, TCP_SUM = 16, TCP_HEADER = 20 };
enum { TCP = 6, FIN = 1, PSH = 8, CWR = 128 };

bool gso_begin(struct gso *g, const uint8_t *ip, size_t n, uint16_t segment)
{
	if (n < IP_HEADER + TCP_HEADER || n > 65535 || ip[0] >> 4 != 4 || ip[IP_PROTOCOL] != TCP || segment == 0)
		return false;
	size_t own = (ip[0] & 15u) * 4u;
	if (own < IP_HEADER || own + TCP_HEADER > n)
		return false;
	size_t header = own + (size_t)(ip[own + TCP_OFFSET] >> 4) * 4;
	if (header < own + TCP_HEADER || header >= n)
		return false;
	*g = (struct gso){ .ip = ip, .n = n, .header = header, .at = header, .segment = segment };
	return true;
}

size_t gso_room(const struct gso *g)
{
	return g->header + g->segment;
}

static void finish(const struct gso *g, uint8_t *out, size_t n, bool last)
{
	size_t own = (out[0] & 15u) * 4u;
	uint8_t *tcp = out + own, tail[4] = { 0, TCP };
	put16(out, IP_LENGTH, (uint16_t)n);
	put16(out, IP_ID, (uint16_t)(get16(g->ip, IP_ID) + g->i));
	put16(out, IP_SUM, 0);
	put16(out, IP_SUM, (uint16_t)~sum_of(out, own));
	uint32_t seq = get32(tcp, TCP_SEQ) + (uint32_t)(g->at - g->header);
	put16(tcp, TCP_SEQ, (uint16_t)(seq >> 16));
	put16(tcp, TCP_SEQ + 2, (uint16_t)seq);
	if (!last)
		tcp[TCP_FLAGS] &= (uint8_t)~(FIN | PSH);
	if (g->i)
		tcp[TCP_FLAGS] &= (uint8_t)~CWR;
	put16(tail, 2, (uint16_t)(n - own));
	put16(tcp, TCP_SUM, 0);
	uint16_t pseudo = sum_add(sum_of(out + IP_SOURCE, 8), sum_of(tail, sizeof tail));
	put16(tcp, TCP_SUM, (uint16_t)~sum_add(pseudo, sum_of(tcp, n - own)));
}

size_t gso_next(struct gso *g, uint8_t *out)
{
	size_t left = g->n - g->at, data = left < g->segment ? left : g->segment;
	if (left == 0)
		return 0;
	memcpy(out, g->ip, g->header);
	memcpy(out + g->header, g->ip + g->at, data);
	finish(g, out, g->header + data, data == left);
	g->at += data;
	g->i++;
	return g->header + data;
}

bool gso_sum(uint8_t *ip, size_t n, size_t start, size_t offset)
{
	if (n > 65535 || start < IP_HEADER || start >= n || offset > n - start || n - start - offset < 2)
		return false;
	uint16_t sum = (uint16_t)~sum_of(ip + start, n - start);
	put16(ip, start + offset, sum ? sum : 0xffff); /* of UDP 0 would be none (RFC 768) */
	return true;
}
