/* telport.c - any bytes from a terminal server. The first byte says how large the
 * pieces are. What may come out: no more than came in; what is sent afterwards comes
 * back from a port that has agreed to the same. */
#include "fuzz/fuzz.h"

#include "wire/telport.h"

#include <stdlib.h>

static void comport(struct view v)
{
	struct comport c, again;
	const char *why = NULL;
	struct buf wire;
	int rc = comport_decode(v, &c, &why);
	if (rc != 1 && (rc != -1 || !why))
		abort();
	buf_init(&wire, 4 * v.n + 16);
	if (rc == 1 && (comport_encode(&c, &wire) != 0 || wire.len < 6 || c.command >= COMPORT_COMMANDS))
		abort();
	/* without IAC in it, what was encoded is decoded as it was */
	if (rc == 1 && !memchr(v.p, 0xff, v.n) &&
	    (comport_decode((struct view){ wire.data + 3, wire.len - 5 }, &again, &why) != 1 || again.command != c.command ||
	     again.value != c.value || again.server != c.server || again.text.n != c.text.n))
		abort();
	buf_clear(&wire);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	if (n < 1)
		return;
	struct telport_conf conf = { .baud = p[0] & 1 ? 9600 : 0, .rtscts = p[0] & 2 };
	struct buf user, wire;
	size_t step = (size_t)(p[0] >> 2) + 1;
	buf_init(&user, n);
	buf_init(&wire, 256 + 128 * n);
	struct telport *t = telport_new(&conf, &wire);
	for (size_t i = 1; t && i < n; i += step)
		if (telport_recv(t, (struct view){ (const char *)p + i, n - i < step ? n - i : step }, &user, &wire) != 0)
			abort();
	wire.len = 0;
	if (t && (telport_send(t, (struct view){ (const char *)p, n }, &wire) != 0 || wire.len < n || wire.len > 2 * n))
		abort();
	telport_free(t);
	comport((struct view){ (const char *)p, n });
	buf_clear(&user);
	buf_clear(&wire);
}
