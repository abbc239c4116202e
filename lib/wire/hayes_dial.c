/* hayes_dial.c - commands with more than a number behind them: registers, dial
 * strings (V.250 6.3.1), the + commands (V.250 5.4). */
#include "wire/hayes_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char hayes_peek(const struct line *l)
{
	struct cur c = l->c;
	return cur_left(&c) ? (char)cur_u8(&c) : '\0';
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

char hayes_next(struct line *l)
{
	return cur_left(&l->c) ? upper((char)cur_u8(&l->c)) : '\0';
}

bool hayes_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number, 0 where there is none. More than fits is 999. */
unsigned hayes_number(struct line *l)
{
	unsigned v = 0;
	while (hayes_is_digit(hayes_peek(l))) {
		v = v * 10 + (unsigned)(hayes_next(l) - '0');
		v = v > 999 ? 999 : v;
	}
	return v;
}

static const struct ext {
	const char *name, *initial, *range; /* range: NULL is only told; the answer to =? */
	bool only; /* no other value than the initial one */
} exts[] = {
	[EXT_FCLASS] = { "FCLASS", "0", "0", true },
	[EXT_MS] = { "MS", "V34,1,300,33600", "+MS: (V21,V22,V22B,V32,V32B,V34,V90),(0,1),(300-56000),(300-56000)", false },
	[EXT_ER] = { "ER", "0", "+ER: (0,1)", false },
	[EXT_MR] = { "MR", "0", "+MR: (0,1)", false },
	[EXT_DR] = { "DR", "0", "+DR: (0,1)", false },
	[EXT_ILRR] = { "ILRR", "0", "+ILRR: (0,1)", false },
	[EXT_OTHER] = { "ES", "3,0,2", "+ES: (0-3),(0-4),(0-9)", false },
	{ "DS", "0,0,512,6", "+DS: (0-3),(0,1),(512-2048),(6-32)", false },
	{ "IFC", "2,2", "+IFC: (0-2),(0-2)", false },
	{ "ICF", "3,4", "+ICF: (0-6),(0-4)", false },
	{ "IPR", "0", "+IPR: (0,300,1200,2400,4800,9600,19200,38400,57600,115200)", false },
	{ "EB", "1,0,30", "+EB: (0,1),(0,1),(0-254)", false },
	{ "EWIND", "15,15", "+EWIND: (1-127),(1-127)", false },
	{ "EFRAM", "128,128", "+EFRAM: (1-1024),(1-1024)", false },
	{ "ETBM", "1,1,20", "+ETBM: (0-2),(0-2),(0-30)", false },
};
static const struct { const char *name, *text; } told[] = {
	{ "GMI", "sp" }, { "GMM", "sp-pstn" }, { "GMR", SP_VERSION }, { "GSN", "0" }, { "GOI", "" },
	{ "GCAP", "+GCAP: +MS,+ES,+DS" }, { "GCI", "+GCI: B5" },
};

void hayes_ext_defaults(struct hayes_set *s)
{
	for (size_t i = 0; i < EXT_COUNT; i++)
		snprintf(s->ext[i], sizeof s->ext[i], "%s", exts[i].initial);
}

uint64_t hayes_most(const struct hayes *h)
{
	const char *p = h->set.ext[EXT_MS];
	for (unsigned i = 0; i < 3 && p; i++)
		p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL;
	return p ? strtoull(p, NULL, 10) : 0;
}

/* S5, S5=7, S5?; = and ? alone mean the register that was named last. */
enum went hayes_sreg(struct line *l, char c)
{
	struct hayes *h = l->h;
	char text[8];
	bool named = hayes_is_digit(c);
	if (named) {
		unsigned r = hayes_number(l);
		if (r >= HAYES_SREGS)
			return BAD;
		h->sreg = (uint8_t)r;
		c = hayes_peek(l);
		if (c != '=' && c != '?')
			return NEXT;
		hayes_next(l);
	} else if (c != '=' && c != '?') {
		return BAD;
	} else if (hayes_peek(l) == c) { /* behind an S */
		hayes_next(l);
	}
	if (c == '?') {
		snprintf(text, sizeof text, "%03u", h->set.s[h->sreg]);
		hayes_info(h, text);
		return NEXT;
	}
	bool given = hayes_is_digit(hayes_peek(l));
	unsigned v = hayes_number(l);
	if (!given || v > 255 || (h->sreg >= 3 && h->sreg <= 5 && v > 127))
		return BAD;
	h->set.s[h->sreg] = (uint8_t)v;
	return NEXT;
}

static bool is_dialled(char c)
{
	return hayes_is_digit(c) || c == '*' || c == '#' || (c >= 'A' && c <= 'D');
}

static bool add_digit(struct hayes *h, char c)
{
	size_t n = strlen(h->dial.number);
	if (n + 1 >= HAYES_NUMBER)
		return false;
	h->dial.number[n] = c;
	h->dial.number[n + 1] = '\0';
	return true;
}

static bool add_digits(struct hayes *h, const char *s)
{
	while (*s)
		if (!add_digit(h, *s++))
			return false;
	return true;
}

/* One character of a dial string, V.250 6.3.1; a number is not part of it. */
static enum went dial_char(struct line *l, char c)
{
	struct hayes *h = l->h;
	switch (c) {
	case 'W': h->dial.wait_tone = true; return NEXT;
	case '@': h->dial.quiet = true; return NEXT;
	case ',': h->dial.pause_ms += (unsigned)h->set.s[8] * 1000; return NEXT;
	case 'T': case 'P': case '!': case '-': case '(': case ')': case '.': case '/': case '+': return NEXT;
	case 'L': return add_digits(h, h->last_number) ? NEXT : BAD;
	case 'S':
		if (hayes_peek(l) == '=')
			hayes_next(l);
		unsigned i = hayes_number(l);
		return i < 4 && add_digits(h, h->book[i]) ? NEXT : BAD;
	default: return is_dialled(c) && add_digit(h, c) ? NEXT : BAD;
	}
}

enum went hayes_dial(struct line *l)
{
	struct hayes *h = l->h;
	bool stay = false;
	if (h->state != HAYES_COMMAND)
		return BAD;
	h->dial = (struct hayes_dial){ .pause_ms = 0 };
	add_digits(h, h->part);
	while (cur_left(&l->c)) {
		char c = hayes_next(l);
		if (c == ';') { /* more commands, perhaps more digits, follow */
			stay = true;
			break;
		}
		if (dial_char(l, c) == BAD)
			return BAD;
	}
	snprintf(h->last_number, sizeof h->last_number, "%s", h->dial.number);
	if (stay) {
		snprintf(h->part, sizeof h->part, "%s", h->dial.number);
		h->off_hook = true;
		return NEXT;
	}
	h->part[0] = '\0';
	h->state = HAYES_DIALLING;
	h->began = l->now;
	hayes_post(h, HAYES_DIAL);
	return SILENT;
}

enum went hayes_book(struct line *l, unsigned slot)
{
	char text[HAYES_NUMBER];
	size_t n = 0;
	if (hayes_next(l) != '=')
		return BAD;
	for (char c; (c = hayes_next(l)) != '\0';)
		if (is_dialled(c) && n + 1 < sizeof text)
			text[n++] = c;
	text[n] = '\0';
	memcpy(l->h->book[slot], text, sizeof text);
	return NEXT;
}

/* Copies up to one of `ends` (or the line's end). false: it does not fit. */
static bool word(struct line *l, const char *ends, char *out, size_t size)
{
	size_t n = 0;
	while (hayes_peek(l) && !strchr(ends, hayes_peek(l))) {
		if (n + 1 >= size)
			return false;
		out[n++] = hayes_next(l);
	}
	out[n] = '\0';
	return true;
}

static enum went ext_told(struct line *l, const char *name)
{
	bool test = hayes_next(l) == '=';
	if (test && hayes_next(l) != '?')
		return BAD;
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (strcmp(name, told[i].name) == 0) {
			if (!test)
				hayes_info(l->h, told[i].text);
			return NEXT;
		}
	return BAD;
}

enum went hayes_ext(struct line *l)
{
	char name[12], value[HAYES_TEXT], text[HAYES_TEXT + 16];
	size_t i = 0;
	if (!word(l, "=?;", name, sizeof name))
		return BAD;
	while (i < EXT_COUNT && strcmp(name, exts[i].name) != 0)
		i++;
	if (i == EXT_COUNT)
		return ext_told(l, name);
	char *mine = l->h->set.ext[i];
	char op = hayes_next(l);
	if (op == '?') {
		snprintf(text, sizeof text, exts[i].only ? "%.0s%s" : "+%s: %s", name, mine);
		hayes_info(l->h, text);
	} else if (op == '=' && hayes_peek(l) == '?') {
		hayes_next(l);
		hayes_info(l->h, exts[i].range);
	} else if (op != '=' || !word(l, ";", value, sizeof value) || (exts[i].only && strcmp(value, exts[i].initial) != 0)) {
		return BAD;
	} else {
		memcpy(mine, value, sizeof value);
	}
	return hayes_peek(l) == ';' || hayes_peek(l) == '\0' ? NEXT : BAD;
}
