/* hayes.c - a modem's states, its data mode and what it says. V.250 (result
 * codes 5.7, abort 5.6.1), the escape by guard times as Hayes had it; numbers
 * of result codes as on Rockwell's chips. */
#include "wire/hayes_impl.h"

#include <stdio.h>
#include <string.h>

enum { S_RINGS = 0, S_RUNG = 1, S_ESCAPE = 2, S_CR = 3, S_LF = 4, S_BS = 5, S_GUARD = 12 };

static const struct result {
	const char *text;
	unsigned code;
	uint8_t x; /* X levels that have it, one bit each; 0: all */
} results[] = {
	[HAYES_OK]          = { "OK", 0, 0 },
	[HAYES_CONNECT]     = { "CONNECT", 1, 0 },
	[HAYES_RING]        = { "RING", 2, 0 },
	[HAYES_NO_CARRIER]  = { "NO CARRIER", 3, 0 },
	[HAYES_ERROR]       = { "ERROR", 4, 0 },
	[HAYES_NO_DIALTONE] = { "NO DIALTONE", 6, 1 << 2 | 1 << 4 },
	[HAYES_BUSY]        = { "BUSY", 7, 1 << 3 | 1 << 4 },
	[HAYES_NO_ANSWER]   = { "NO ANSWER", 8, 1 << 3 | 1 << 4 },
	[HAYES_DELAYED]     = { "DELAYED", 24, 0 },
	[HAYES_BLACKLISTED] = { "BLACKLISTED", 32, 0 },
	[HAYES_VOICE]       = { "VOICE", 36, 1 << 3 | 1 << 4 },
};

static const struct rate { /* the modulation that has a speed, its CONNECT's number */
	uint64_t speed;
	unsigned code;
	const char *modulation;
} rates[] = {
	{ 300, 1, "V21" }, { 1200, 5, "V22" }, { 2400, 10, "V22B" }, { 4800, 11, "V32" }, { 7200, 13, "V32B" },
	{ 9600, 12, "V32B" }, { 12000, 14, "V32B" }, { 14400, 15, "V32B" }, { 16800, 59, "V34" },
	{ 19200, 16, "V34" }, { 21600, 61, "V34" }, { 24000, 62, "V34" }, { 26400, 63, "V34" },
	{ 28800, 64, "V34" }, { 31200, 91, "V34" }, { 33600, 84, "V34" }, { 38400, 17, "V90" },
	{ 56000, 162, "V90" }, { 57600, 18, "V90" }, { 115200, 19, "V90" },
};

static const struct rate *rate_of(uint64_t speed)
{
	size_t i = 0, n = sizeof rates / sizeof *rates;
	while (i + 1 < n && rates[i].speed < speed)
		i++;
	return &rates[i];
}

void hayes_init(struct hayes *h)
{
	memset(h, 0, sizeof *h);
	buf_init(&h->out, HAYES_OUT);
	buf_init(&h->line, 4096);
	hayes_defaults(&h->set);
	h->stored = h->set;
	h->port_speed = 115200;
}

void hayes_clear(struct hayes *h)
{
	buf_clear(&h->out);
	buf_clear(&h->line);
}

unsigned hayes_s(const struct hayes *h, unsigned reg)
{
	return reg < HAYES_SREGS ? h->set.s[reg] : 0;
}

bool hayes_par(const struct hayes *h, enum hayes_par p, unsigned value)
{
	return h->set.par[p] == value;
}

bool hayes_hears(const struct hayes *h, enum hayes_result r)
{
	uint8_t x = results[r].x;
	return x == 0 || (x >> h->set.par[PAR_X] & 1) || (r == HAYES_NO_DIALTONE && h->dial.wait_tone) ||
	       (r == HAYES_NO_ANSWER && h->dial.quiet);
}

/* ---- what it says: a computer that does not read loses it (buf's bound) ---- */

static void say_text(struct hayes *h, const char *text, unsigned code)
{
	char cr = (char)h->set.s[S_CR], lf = (char)h->set.s[S_LF];
	if (h->set.par[PAR_V])
		buf_printf(&h->out, "%c%c%s%c%c", cr, lf, text, cr, lf);
	else
		buf_printf(&h->out, "%u%c", code, cr);
}

void hayes_say(struct hayes *h, enum hayes_result r)
{
	if (h->set.par[PAR_Q] != 1)
		say_text(h, results[r].text, results[r].code);
}

void hayes_info(struct hayes *h, const char *text)
{
	char cr = (char)h->set.s[S_CR], lf = (char)h->set.s[S_LF];
	if (h->set.par[PAR_V])
		buf_printf(&h->out, "%c%c%s%c%c", cr, lf, text, cr, lf);
	else
		buf_printf(&h->out, "%s%c%c", text, cr, lf);
}

/* V.250 6.4.2 +MR, 6.5.5 +ER, 6.6.2 +DR: between the carrier and CONNECT. */
static void say_reports(struct hayes *h)
{
	const struct rate *r = rate_of(h->speed);
	char text[HAYES_TEXT];
	bool w1 = h->set.par[PAR_W] == 1;
	snprintf(text, sizeof text, w1 ? "CARRIER %llu" : "+MRR: %llu", (unsigned long long)h->speed);
	if (h->set.ext[EXT_MR][0] == '1') {
		char name[HAYES_TEXT];
		snprintf(name, sizeof name, "+MCR: %s", r->modulation);
		hayes_info(h, name);
	}
	if (h->set.ext[EXT_MR][0] == '1' || w1)
		hayes_info(h, text);
	if (h->set.ext[EXT_ER][0] == '1' || w1)
		hayes_info(h, w1 ? "PROTOCOL: LAP-M" : "+ER: LAPM");
	if (h->set.ext[EXT_DR][0] == '1')
		hayes_info(h, "+DR: NONE");
	snprintf(text, sizeof text, "+ILRR: %u", h->port_speed);
	if (h->set.ext[EXT_ILRR][0] == '1')
		hayes_info(h, text);
}

void hayes_say_connect(struct hayes *h)
{
	const struct rate *r = rate_of(h->speed);
	unsigned detail = h->set.par[PAR_X] == 0 ? 0 : h->set.par[PAR_A];
	char text[64];
	if (h->set.par[PAR_Q] == 1)
		return;
	say_reports(h);
	if (detail == 0) {
		hayes_say(h, HAYES_CONNECT);
		return;
	}
	snprintf(text, sizeof text, "CONNECT %llu%s%s%s%s",
	         h->set.par[PAR_W] == 2 ? (unsigned long long)h->speed : (unsigned long long)h->port_speed,
	         detail > 1 ? "/ARQ" : "", detail > 2 ? "/" : "", detail > 2 ? r->modulation : "", detail > 2 ? "/LAPM" : "");
	say_text(h, text, r->code);
}

/* ---- events and states ---- */

void hayes_post(struct hayes *h, enum hayes_event e)
{
	size_t max = sizeof h->event / sizeof *h->event;
	if (h->nevent && h->event[h->nevent - 1] == e)
		return;
	if (h->nevent < max)
		h->event[h->nevent++] = e;
}

enum hayes_event hayes_take(struct hayes *h)
{
	enum hayes_event e = HAYES_NONE;
	if (h->nevent == 0)
		return e;
	e = h->event[0];
	h->nevent--;
	memmove(h->event, h->event + 1, h->nevent * sizeof *h->event);
	return e;
}

void hayes_down(struct hayes *h)
{
	h->state = HAYES_COMMAND;
	h->off_hook = false;
	h->part[0] = '\0';
	h->n = 0;
	h->plus = 0;
}

bool hayes_ring(struct hayes *h, bool able, int64_t now)
{
	uint8_t *rung = &h->set.s[S_RUNG];
	if (h->state != HAYES_COMMAND)
		return false;
	hayes_say(h, HAYES_RING);
	*rung = *rung < 255 ? (uint8_t)(*rung + 1) : *rung;
	if (!able || h->set.s[S_RINGS] == 0 || *rung < h->set.s[S_RINGS])
		return false;
	h->state = HAYES_ANSWERING;
	h->began = now;
	hayes_post(h, HAYES_ANSWER);
	return true;
}

void hayes_ring_end(struct hayes *h)
{
	h->set.s[S_RUNG] = 0;
}

void hayes_connect(struct hayes *h, uint64_t speed, int64_t now)
{
	h->speed = speed;
	hayes_say_connect(h);
	h->state = HAYES_ONLINE;
	h->off_hook = false;
	h->set.s[S_RUNG] = 0;
	h->heard = now;
	h->plus = 0;
	h->part[0] = '\0';
}

void hayes_fail(struct hayes *h, enum hayes_result why)
{
	hayes_down(h);
	hayes_say(h, why);
}

void hayes_lost(struct hayes *h)
{
	hayes_fail(h, HAYES_NO_CARRIER);
}

void hayes_dtr(struct hayes *h)
{
	unsigned d = h->set.par[PAR_D];
	bool busy = h->state != HAYES_COMMAND || h->off_hook;
	if (d == 0)
		return;
	if (d == 1) {
		if (h->state == HAYES_ONLINE) {
			h->state = HAYES_ESCAPED;
			h->n = 0;
			hayes_say(h, HAYES_OK);
		}
		return;
	}
	bool told = h->state != HAYES_COMMAND;
	hayes_down(h);
	if (d == 3)
		h->set = h->stored;
	if (busy)
		hayes_post(h, HAYES_HANGUP);
	if (told)
		hayes_say(h, HAYES_NO_CARRIER);
}

/* ---- the computer's bytes ---- */

/* Three escape characters, each within the guard time of the one before, with
 * nothing around them for that long. They go out on the line as what they are. */
static void online_byte(struct hayes *h, uint8_t c, int64_t now)
{
	unsigned esc = h->set.s[S_ESCAPE];
	int64_t guard = (int64_t)h->set.s[S_GUARD] * 20;
	if (esc > 127 || c != esc)
		h->plus = 0;
	else if (h->plus > 0 && h->plus < 3 && (guard == 0 || now - h->plus_at < guard))
		h->plus++;
	else
		h->plus = guard == 0 || now - h->heard >= guard ? 1 : 0;
	if (h->plus)
		h->plus_at = now;
	h->heard = now;
	buf_addc(&h->line, (char)c);
}

static void escape(struct hayes *h)
{
	h->plus = 0;
	h->n = 0;
	h->state = HAYES_ESCAPED;
	hayes_say(h, HAYES_OK);
}

int64_t hayes_deadline(const struct hayes *h)
{
	return h->state == HAYES_ONLINE && h->plus == 3 ? h->plus_at + (int64_t)h->set.s[S_GUARD] * 20 : INT64_MAX;
}

void hayes_tick(struct hayes *h, int64_t now)
{
	if (now >= hayes_deadline(h))
		escape(h);
}

void hayes_held(struct hayes *h, int64_t now)
{
	h->heard = now;
	if (h->plus)
		h->plus_at = now;
}

/* "A/" and the letters in front of AT are looked for here; what is behind AT is
 * collected, blanks left out. n counts the A, the T and that. */
static void command_byte(struct hayes *h, uint8_t c, int64_t now)
{
	uint8_t up = c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
	if (h->set.par[PAR_E])
		buf_addc(&h->out, (char)c);
	if (h->n < 2) {
		if (h->n == 1 && up == '/') {
			h->n = strlen(h->last);
			memcpy(h->cmd, h->last, h->n);
			hayes_run(h, now);
			return;
		}
		h->too_long = false;
		h->n = h->n == 1 && up == 'T' ? 2 : up == 'A' ? 1 : 0;
	} else if (c == h->set.s[S_CR]) {
		h->n -= 2;
		memcpy(h->last, h->cmd, h->n);
		h->last[h->n] = '\0';
		hayes_run(h, now);
	} else if (c == h->set.s[S_BS]) {
		h->n -= h->n > 2;
	} else if (c > ' ' && c < 127) {
		if (h->n - 2 < HAYES_LINE - 1)
			h->cmd[h->n++ - 2] = (char)c;
		else
			h->too_long = true;
	}
}

size_t hayes_dte(struct hayes *h, struct view v, int64_t now)
{
	size_t i = 0;
	while (i < v.n && h->nevent == 0) {
		uint8_t c = (uint8_t)v.p[i];
		if (h->state == HAYES_ONLINE) {
			if (h->line.len >= h->line.max)
				break;
			online_byte(h, c, now);
			hayes_tick(h, now); /* no guard time: at once */
		} else if (h->state == HAYES_DIALLING || h->state == HAYES_ANSWERING) {
			if (now - h->began >= ABORT_AFTER_MS) {
				hayes_fail(h, HAYES_NO_CARRIER);
				hayes_post(h, HAYES_HANGUP);
			}
		} else {
			command_byte(h, c & 0x7f, now); /* V.250 5.1: the parity bit is not looked at */
		}
		i++;
	}
	return i;
}
