/* fold.c - case and accents folded away, telephone numbers reduced to digits.
 * Lower case of any script comes from the C library (C.UTF-8, which Debian's
 * libc-bin always has); what upper case loses or doubles (accents of Greek, ß,
 * the Turkish i) is in a table here, and so are the accents of Latin letters.
 * This serves finding; it decides nothing about who may see what. */
#include "base/fold.h"

#include <errno.h>
#include <locale.h>
#include <stdint.h>
#include <wctype.h>

#define TRUNK_MIN 7 /* a number of fewer digits is not dialed with a leading 0 */

/* U+00C0..U+017F and U+1E00..U+1EFF without accents; '.' = towlower alone is right. */
static const char latin[] =
	"aaaaaa.ceeeeiiii.nooooo.ouuuuy..aaaaaa.ceeeeiiii.nooooo.ouuuuy.y"
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.lllllll"
	"lllnnnnnn...oooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const char latin_more[] =
	"aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
	"mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
	"wwwwwwwwwwxxxxyyzzzzzzhtwy......aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
	"eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";
static const struct { uint16_t from, to; } others[] = { /* Greek, Cyrillic */
	{ 0x0385, 0x0a8 }, { 0x0386, 0x3b1 }, { 0x0388, 0x3b5 }, { 0x0389, 0x3b7 }, { 0x038a, 0x3b9 },
	{ 0x038c, 0x3bf }, { 0x038e, 0x3c5 }, { 0x038f, 0x3c9 }, { 0x0390, 0x3b9 }, { 0x03aa, 0x3b9 },
	{ 0x03ab, 0x3c5 }, { 0x03ac, 0x3b1 }, { 0x03ad, 0x3b5 }, { 0x03ae, 0x3b7 }, { 0x03af, 0x3b9 },
	{ 0x03b0, 0x3c5 }, { 0x03c2, 0x3c3 }, { 0x03ca, 0x3b9 }, { 0x03cb, 0x3c5 }, { 0x03cc, 0x3bf },
	{ 0x03cd, 0x3c5 }, { 0x03ce, 0x3c9 }, { 0x03d3, 0x3d2 }, { 0x03d4, 0x3d2 }, { 0x0400, 0x435 },
	{ 0x0401, 0x435 }, { 0x0403, 0x433 }, { 0x0407, 0x456 }, { 0x040c, 0x43a }, { 0x040d, 0x438 },
	{ 0x040e, 0x443 }, { 0x0419, 0x438 }, { 0x0439, 0x438 }, { 0x0450, 0x435 }, { 0x0451, 0x435 },
	{ 0x0453, 0x433 }, { 0x0457, 0x456 }, { 0x045c, 0x43a }, { 0x045d, 0x438 }, { 0x045e, 0x443 },
};

/* One code point at p; 0 when the bytes are not UTF-8. *n: its length. */
static uint32_t decode(const unsigned char *p, size_t left, size_t *n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
	*n = 1;
	if (len <= 1 || len > left)
		return len == 1 ? p[0] : 0;
	uint32_t c = p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*n = len;
	return c;
}

static int encode(uint32_t c, struct buf *out)
{
	char b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n; i-- > 1; c >>= 6)
		b[i] = (char)(0x80 | (c & 0x3f));
	b[0] = (char)(n == 1 ? c : ((0xf00u >> n) & 0xff) | c);
	return buf_add(out, b, n);
}

static uint32_t plain(uint32_t c, locale_t utf8)
{
	if (c >= 0xc0 && c < 0xc0 + sizeof latin - 1 && latin[c - 0xc0] != '.')
		return (uint32_t)latin[c - 0xc0];
	if (c >= 0x1e00 && c < 0x1e00 + sizeof latin_more - 1 && latin_more[c - 0x1e00] != '.')
		return (uint32_t)latin_more[c - 0x1e00];
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i].from == c)
			return others[i].to;
	return (uint32_t)towlower_l((wint_t)c, utf8);
}

static locale_t utf8_locale(void)
{
	static locale_t utf8;
	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return utf8;
}

static int fold(struct view in, struct buf *out, bool letters)
{
	locale_t utf8 = utf8_locale();
	const unsigned char *p = (const unsigned char *)in.p;
	if (!utf8)
		return -1;
	for (size_t i = 0, n; i < in.n; i += n) {
		uint32_t c = decode(p + i, in.n - i, &n);
		int rc = 0;
		if (c >= 0x300 && c < 0x370)
			continue; /* a combining accent */
		if (letters && c && !iswalnum_l((wint_t)c, utf8))
			continue;
		if (c == 0xdf || c == 0x1e9e)
			rc = buf_adds(out, "ss");
		else if (c)
			rc = encode(plain(c, utf8), out);
		else
			rc = buf_add(out, p + i, 1);
		if (rc != 0)
			return -1;
	}
	return 0;
}

int fold_text(struct view in, struct buf *out)
{
	return fold(in, out, false);
}

int fold_serial(struct view in, struct buf *out)
{
	return fold(in, out, true);
}

/* "(0)" in "+49 (0)30": dialed at home only. */
static bool trunk_zero(struct view in, size_t i)
{
	return i > 0 && i + 1 < in.n && in.p[i - 1] == '(' && in.p[i] == '0' && in.p[i + 1] == ')';
}

int fold_phone(struct view in, struct buf *out, bool *full)
{
	size_t from = out->len;
	bool plus = false;
	for (size_t i = 0; i < in.n; i++) {
		plus |= in.p[i] == '+' && out->len == from;
		if (in.p[i] < '0' || in.p[i] > '9' || (plus && trunk_zero(in, i)))
			continue;
		if (buf_addc(out, in.p[i]) != 0)
			return -1;
	}
	size_t drop = 0;
	while (!plus && drop < 2 && from + drop < out->len && out->data[from + drop] == '0')
		drop++;
	*full = plus || drop == 2;
	if (drop == 1 && out->len - from < TRUNK_MIN)
		drop = 0; /* last digits of a number, not all of it */
	if (drop) {
		memmove(out->data + from, out->data + from + drop, out->len - from - drop);
		out->len -= drop;
	}
	return 0;
}

static void turn(char *p, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		char c = p[i];
		p[i] = p[n - 1 - i];
		p[n - 1 - i] = c;
	}
}

void fold_reverse(struct buf *b, size_t from)
{
	if (from >= b->len)
		return;
	char *p = b->data + from;
	size_t left = b->len - from, n;
	for (size_t i = 0; i < left; i += n) {
		decode((const unsigned char *)p + i, left - i, &n);
		turn(p + i, n);
	}
	turn(p, left);
}
