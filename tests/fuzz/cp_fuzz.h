/* cp_fuzz.h - packets to a control protocol that wants to open: first byte: how
 * far it has come; then packets, each behind two bytes of its length. */
#ifndef SP_TESTS_CP_FUZZ_H
#define SP_TESTS_CP_FUZZ_H

#include "fuzz/fuzz.h"
#include "wire/cp.h"

#include <stdlib.h>

static void on_send(void *arg, const struct cp *cp, const uint8_t *p, size_t n)
{
	(void)arg;
	(void)cp;
	if (n < 4 || n > CP_PACKET_MAX || n != (size_t)(p[2] << 8 | p[3]))
		abort();
}

static void on_told(void *arg, struct cp *cp, enum cp_action what)
{
	(void)arg;
	if ((cp->state == CP_OPENED) != (what == CP_TLU))
		abort(); /* up is told in Opened, and nothing else is */
}

static uint32_t on_random(void *arg)
{
	uint32_t *seed = arg;
	return *seed = *seed * 1664525u + 1013904223u;
}

static const struct cp_ops fuzz_ops = { on_send, on_told, on_random };

static void cp_fuzz(struct cp *cp, const uint8_t *p, size_t n)
{
	struct cur in = cur_of(p, n);
	int64_t now = 1;
	const char *why;
	uint8_t how = cur_u8(&in);
	cp_event(cp, now, CP_OPEN);
	cp_event(cp, now, CP_UP);
	cp->failures = how & 7;
	if (how & 8) {
		cp->state = CP_OPENED;
		cp->timer = INT64_MAX;
	}
	while (cur_left(&in) > 2) {
		size_t len = cur_u16(&in), left = cur_left(&in);
		len = len < left ? len : left;
		cp_input(cp, ++now, cur_bytes(&in, len), len, &why);
		if (how & 16)
			cp_tick(cp, now += 3000);
	}
	if (cp->request_n > sizeof cp->request || cp->reply_n > sizeof cp->reply || cp->blank)
		abort();
}

#endif
