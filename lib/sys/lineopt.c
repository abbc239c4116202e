/* lineopt.c - the options of a line's address, one row each. */
#include "sys/lineopt.h"

#include "base/num.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#define SPEED_MIN 300
#define SPEED_MAX 1000000000

enum type { NUMBER, TEXT, WORD };

#define K(kind) (1u << ADDR_##kind)
#define ANY (~0u)
#define SERIAL (K(TTY) | K(MODEM) | K(TELNET))
#define DIALS (K(MODEM) | K(TELNET))

static const struct row {
	const char *name;
	unsigned kinds;
	enum type type;
	size_t at, size;      /* text: where, its room. number, word: where */
	uint64_t min, max;
	const char *yes, *no; /* word */
	const char *why;
} rows[] = {
#define AT(f) offsetof(struct line_options, f), sizeof ((struct line_options *)0)->f
	{ "speed", ANY, NUMBER, AT(speed), SPEED_MIN, SPEED_MAX, NULL, NULL, "speed= is no number of bit/s" },
	{ "baud", SERIAL, NUMBER, AT(baud), 1, SPEED_MAX, NULL, NULL, "baud= is no rate of a tty" },
	{ "flow", SERIAL, WORD, AT(rtscts), 0, 0, "rtscts", "none", "flow= is neither none nor rtscts" },
	{ "lock", K(TTY) | K(MODEM), TEXT, AT(lock), 0, 0, NULL, NULL, "lock= is too long or no text" },
	{ "modem", K(TELNET), WORD, AT(modem), 0, 0, "yes", "no", "modem= is neither yes nor no" },
	{ "init", DIALS, TEXT, AT(init), 0, 0, NULL, NULL, "init= is too long or no text" },
	{ "dial", DIALS, TEXT, AT(dial), 0, 0, NULL, NULL, "dial= is too long or no text" },
	{ "prefix", DIALS, TEXT, AT(prefix), 0, 0, NULL, NULL, "prefix= is too long or no text" },
	{ "command", DIALS, TEXT, AT(command), 0, 0, NULL, NULL, "command= is too long or no text" },
	{ "answer", DIALS, NUMBER, AT(rings), 1, 255, NULL, NULL, "answer= is no number of rings (1 to 255)" },
	{ "wait", DIALS, NUMBER, AT(wait), 1, 255, NULL, NULL, "wait= is no number of seconds (1 to 255)" },
	{ "guard", DIALS, NUMBER, AT(guard), 0, 5000, NULL, NULL, "guard= is no number of milliseconds (0 to 5000)" },
	{ "via", K(BACK), TEXT, AT(via), 0, 0, NULL, NULL, "via= is too long or no text" },
	{ "cert", K(BACK), TEXT, AT(cert), 0, 0, NULL, NULL, "cert= is too long or no text" },
	{ "key", K(BACK), TEXT, AT(key), 0, 0, NULL, NULL, "key= is too long or no text" },
	{ "ca", K(BACK), TEXT, AT(ca), 0, 0, NULL, NULL, "ca= is too long or no text" },
	{ "crl", K(BACK), TEXT, AT(crl), 0, 0, NULL, NULL, "crl= is too long or no text" },
	{ "name", K(BACK), TEXT, AT(name), 0, 0, NULL, NULL, "name= is too long or no text" },
#undef AT
};

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Printable text only: it is sent to modems and stands in records. */
static bool decoded(struct view v, char *out, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < v.n; i++) {
		int c = (unsigned char)v.p[i];
		if (c == '%') {
			if (v.n - i < 3 || hex(v.p[i + 1]) < 0 || hex(v.p[i + 2]) < 0)
				return false;
			c = hex(v.p[i + 1]) * 16 + hex(v.p[i + 2]);
			i += 2;
		}
		if (c < ' ' || c > '~' || n + 1 >= size)
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}

static const char *unknown(struct view name)
{
	static char text[64];
	int n = snprintf(text, sizeof text, "unknown option of such a line: %.*s", (int)(name.n < 24 ? name.n : 24), name.p);
	text_tame(text, (size_t)n);
	return text;
}

static bool one(struct view item, enum addr_kind kind, struct line_options *o, const char **why)
{
	struct view name;
	view_split(&item, '=', &name);
	*why = unknown(name);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];
		char *at = (char *)o + r->at;
		if (!(r->kinds & 1u << kind) || !view_is(name, r->name))
			continue;
		*why = r->why;
		if (r->type == NUMBER)
			return num_u64(item, r->min, r->max, (uint64_t *)(void *)at);
		if (r->type == TEXT)
			return decoded(item, at, r->size);
		*(bool *)(void *)at = view_is(item, r->yes);
		return view_is(item, r->yes) || view_is(item, r->no);
	}
	return false;
}

int line_options(const struct addr *a, struct line_options *o, const char **why)
{
	struct view rest = view_of(a->query), item;
	*o = (struct line_options){ .rings = 1, .wait = 60, .guard = 1000, .command = "ATDT", .modem = a->kind == ADDR_MODEM, .lock = UUCPLOCK_DIR };
	errno = EINVAL;
	while (rest.n && view_split(&rest, '&', &item))
		if (!one(item, a->kind, o, why))
			return -1;
	if (strcmp(o->lock, "no") == 0)
		o->lock[0] = '\0';
	*why = "baud= is no rate of a tty";
	if (!o->baud && a->kind == ADDR_TELNET)
		return 0;
	if (!o->baud)
		o->baud = a->kind == ADDR_TTY && tty_rate(o->speed) ? o->speed : 115200;
	else if (!tty_rate(o->baud))
		return -1;
	return 0;
}

struct tty_conf line_tty(const struct line_options *o)
{
	return (struct tty_conf){ .baud = o->baud, .rtscts = o->rtscts, .lock = o->lock[0] ? o->lock : NULL };
}
