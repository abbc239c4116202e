/* inner.c - several packets after each other, both ways, through one permit. The first byte of
 * each says how long it is and how much of its header is made right beforehand, so that the
 * rounds get past the first checks. What passes is between the two, and of a port that the
 * permit opens to one of them; a permit for nothing lets nothing through. */
#include "base/cursor.h"
#include "fuzz/fuzz.h"
#include "wire/inner.h"
#include "wire/ip4.h"

#include <stdlib.h>
#include <string.h>

#define WORKSTATION 0x0a320005u
#define INSIDE 0x0ad20007u
#define PACKET 64

enum { OUT = 1, HEADER = 2, WHOLE = 4, NEAR = 8 };

static void put(uint8_t *p, uint32_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

/* Headers that could pass, with ports near those of the permit. */
static void prepare(uint8_t *p, size_t n, uint8_t how)
{
	static const uint8_t protocols[] = { 6, 17, 1, 17 };
	static const uint16_t port[] = { 22, 161, 5000, 514 };
	if (!(how & HEADER) || n < 28)
		return;
	p[0] = 0x45;
	put(p + 2, (uint32_t)n, 2);
	p[9] = protocols[how >> 6];
	put(p + 12, how & OUT ? INSIDE : WORKSTATION, 4);
	put(p + 16, how & OUT ? WORKSTATION : INSIDE, 4);
	if (how & WHOLE)
		put(p + 6, 0, 2);
	if (how & NEAR) {
		put(p + 20, port[p[20] % 4], 2);
		put(p + 22, port[p[22] % 4], 2);
	}
}

static void look(const struct inner *i, const uint8_t *p, size_t n, enum inner_way way)
{
	struct ip4 ip;
	struct cur c;
	if (ip4_parse(p, n, &ip) != IP4_FINE || ip.total != n || (!i->ports.all && i->ports.n == 0))
		abort();
	if (ip.source != (way == INNER_IN ? WORKSTATION : INSIDE) || ip.destination != (way == INNER_IN ? INSIDE : WORKSTATION))
		abort();
	if (ip.fragment || ip.protocol == IP4_ICMP)
		return;
	c = cur_of(p + ip.header, n - ip.header);
	uint16_t from = cur_u16(&c), to = cur_u16(&c);
	if (!ports_has(&i->ports, ip.protocol, way == INNER_IN ? to : from, PORTS_IN) &&
	    !ports_has(&i->ports, ip.protocol, way == INNER_IN ? from : to, PORTS_OUT))
		abort();
}

void fuzz_one(const uint8_t *in, size_t n)
{
	static const char *const texts[] = { "", "none", "tcp/22,udp/161", "tcp/514:out,udp/161-162:both" };
	struct inner *i = malloc(sizeof *i);
	struct ports ports;
	const char *why;
	struct cur c = cur_of(in, n);
	int64_t now = 1;
	if (!i || !ports_parse(view_of(texts[cur_u8(&c) % 4]), &ports, &why))
		abort();
	inner_init(i, WORKSTATION, INSIDE, &ports);
	while (cur_left(&c) > 1) {
		uint8_t how = cur_u8(&c);
		size_t size = cur_u8(&c) % PACKET;
		struct cur part = cur_sub(&c, size < cur_left(&c) ? size : cur_left(&c));
		size = cur_left(&part);
		uint8_t *p = malloc(size + 1); /* one byte more, or none could be had */
		if (!p)
			abort();
		memcpy(p, cur_bytes(&part, size), size);
		prepare(p, size, how);
		enum inner_way way = how & OUT ? INNER_OUT : INNER_IN;
		if (inner_judge(i, way, p, size, now) == INNER_PASS)
			look(i, p, size, way);
		now += how * 100;
		free(p);
	}
	free(i);
}
