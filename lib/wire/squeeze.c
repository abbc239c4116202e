/* squeeze.c - RFC 1144 over datagrams, with a number for its "a frame was lost". */
#include "wire/squeeze.h"

#include <string.h>

enum { COMPRESSED = 0x1c, UNCOMPRESSED = 0x1f };

void squeeze_init(struct squeeze *s)
{
	memset(s, 0, sizeof *s);
	vj_tx_init(&s->tx, VJ_SLOTS, true);
	vj_rx_init(&s->rx, VJ_SLOTS);
}

size_t squeeze_out(struct squeeze *s, const uint8_t *ip, size_t n, uint8_t *to)
{
	struct out o = out_of(to + SQUEEZE_MORE, n);
	uint16_t as = vj_compress(&s->tx, ip, n, &o);
	if (as == VJ_IP)
		return 0;
	to[0] = as == VJ_COMPRESSED ? COMPRESSED : UNCOMPRESSED;
	to[1] = ++s->sent;
	return SQUEEZE_MORE + out_len(&o);
}

bool squeeze_is(const uint8_t *p, size_t n)
{
	return n > SQUEEZE_MORE && (p[0] == COMPRESSED || p[0] == UNCOMPRESSED);
}

int squeeze_in(struct squeeze *s, const uint8_t *p, size_t n, struct out *to, const char **why)
{
	if (!squeeze_is(p, n)) {
		*why = "it is no compressed packet";
		return -1;
	}
	uint8_t ahead = (uint8_t)(p[1] - s->seen);
	if (ahead != 1)
		vj_rx_lost(&s->rx);
	s->seen = p[1];
	return vj_expand(&s->rx, p[0] == COMPRESSED ? VJ_COMPRESSED : VJ_UNCOMPRESSED, p + SQUEEZE_MORE, n - SQUEEZE_MORE, to, why);
}

struct view squeeze_pack(struct squeeze *s, struct view ip, uint8_t room[SQUEEZE_ROOM + SQUEEZE_MORE])
{
	size_t n = ip.n <= SQUEEZE_ROOM ? squeeze_out(s, (const uint8_t *)ip.p, ip.n, room) : 0;
	return n ? (struct view){ (const char *)room, n } : ip;
}

struct view squeeze_unpack(struct squeeze *s, struct view datagram, uint8_t room[SQUEEZE_ROOM])
{
	const uint8_t *p = (const uint8_t *)datagram.p;
	struct out o = out_of(room, SQUEEZE_ROOM);
	const char *why;
	if (!squeeze_is(p, datagram.n))
		return datagram;
	return (struct view){ (const char *)room, squeeze_in(s, p, datagram.n, &o, &why) == 1 ? out_len(&o) : 0 };
}
