/* modem.c - any bytes from a modem, called or calling, in any pieces and at any
 * pace. The first three bytes say how; a byte 0xfe is time that passes, 0xfd
 * hangs up. What is sent stays a command, and events come in an order. */
#include "fuzz/fuzz.h"

#include "wire/modem.h"

#include <stdlib.h>

static bool over, up, dtr_down;

static void look(struct modem *m)
{
	struct modem_event ev;
	struct view v = modem_output(m);
	while (modem_take(m, &ev)) {
		if (over || (up && ev.kind == MODEM_UP) || m->nevent > 6)
			abort();
		if ((ev.kind == MODEM_DTR_DOWN && dtr_down) || (ev.kind == MODEM_DTR_UP && !dtr_down))
			abort();
		dtr_down = ev.kind == MODEM_DTR_DOWN || (dtr_down && ev.kind != MODEM_DTR_UP);
		up = up || ev.kind == MODEM_UP;
		over = ev.kind == MODEM_END;
	}
	if (over && dtr_down)
		abort();
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] != '\r' && (v.p[i] < ' ' || v.p[i] > '~'))
			abort();
	if (m->facts.protocol[sizeof m->facts.protocol - 1] || m->facts.from[sizeof m->facts.from - 1])
		abort();
	modem_written(m, v.n);
}

static void run(struct modem *m, const uint8_t *p, size_t n, size_t step)
{
	int64_t now = 0;
	for (size_t i = 0; i < n;) {
		size_t k = n - i < step ? n - i : step;
		if (p[i] == 0xfe) {
			now = modem_deadline(m) == INT64_MAX ? now : modem_deadline(m) > now ? modem_deadline(m) : now;
			modem_tick(m, now);
			i++;
		} else if (p[i] == 0xfd) {
			modem_hangup(m, now);
			i++;
		} else {
			k = modem_recv(m, (struct view){ (const char *)p + i, k }, now);
			i += k ? k : 1;
		}
		look(m);
	}
	modem_hangup(m, now);
	for (int i = 0; i < 40 && !over; i++) {
		look(m);
		modem_tick(m, modem_deadline(m));
		look(m);
	}
	if (!over) /* hanging up ends, whatever it says */
		abort();
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct modem m;
	const char *why = NULL;
	char number[16] = "";
	if (n < 12)
		return;
	memcpy(number, p + 3, 8);
	over = up = dtr_down = false;
	struct modem_conf c = { .answer = p[0] & 1, .dtr = p[0] & 2, .init = p[0] & 4 ? "M0" : "", .command = "ATDT",
		.prefix = p[0] & 8 ? "9,W" : "", .number = number, .rings = p[1] % 4u + 1, .wait = 1000 * (p[1] / 4 + 1),
		.guard = 1000, .deadline = p[0] & 16 ? 30000 : INT64_MAX };
	bool good = modem_number(number, &why);
	if ((modem_init(&m, &c, 0, &why) == 0) != (good || c.answer))
		abort();
	if (!good && !c.answer)
		return;
	modem_tick(&m, 0);
	look(&m);
	run(&m, p + 11, n - 11, p[2] % 32u + 1);
}
