/* telnet.c - the fixtures of tests/data/telnet, each whole and one byte at a time.
 * A fixture: "end server|client" first, or "end port [BAUD [rtscts]]" (wire/telport.h),
 * of which "? [not] WORD" asks ready, binary, control, hold, carrier, hung-up; "dtr up|down"; "> BYTES" come from the network, "send
 * BYTES" are user data to send, "< BYTES" is what must be on the wire since the
 * last look, "= BYTES" the user data, "! TEXT" the reason of the end. BYTES are
 * telnet's names and "text" with C escapes. */
#include "unit/tap.h"

#include "wire/edit.h"
#include "wire/telnet.h"
#include "wire/telport.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>

static const struct { const char *name; unsigned char byte; } names[] = {
	{ "IAC", 255 }, { "DONT", 254 }, { "DO", 253 }, { "WONT", 252 }, { "WILL", 251 },
	{ "SB", 250 }, { "SE", 240 }, { "AYT", 246 }, { "IP", 244 }, { "BREAK", 243 },
	{ "EC", 247 }, { "EL", 248 }, { "DM", 242 }, { "NOP", 241 },
	{ "BINARY", 0 }, { "ECHO", 1 }, { "SGA", 3 }, { "TTYPE", 24 }, { "NAWS", 31 },
	{ "LINEMODE", 34 }, { "COMPRESS2", 86 }, { "IS", 0 }, { "SEND", 1 },
	{ "COMPORT", 44 }, { "BAUDRATE", 1 }, { "DATASIZE", 2 }, { "PARITY", 3 }, { "STOPSIZE", 4 }, { "CONTROL", 5 },
	{ "MODEMSTATE-MASK", 11 }, { "DID-SIGNATURE", 100 }, { "DID-BAUDRATE", 101 }, { "DID-DATASIZE", 102 },
	{ "DID-PARITY", 103 }, { "DID-STOPSIZE", 104 }, { "DID-CONTROL", 105 }, { "MODEMSTATE", 107 }, { "SUSPEND", 108 },
	{ "RESUME", 109 },
};

static const char *quoted(const char *p, struct buf *out)
{
	for (; *p && *p != '"'; p++) {
		if (*p != '\\') {
			buf_addc(out, *p);
			continue;
		}
		p++;
		if (*p == 'x') {
			char hex[3] = { p[1], p[2], 0 };
			buf_addc(out, (char)strtoul(hex, NULL, 16));
			p += 2;
		} else {
			buf_addc(out, *p == 'r' ? '\r' : *p == 'n' ? '\n' : *p == '0' ? '\0' : *p);
		}
	}
	return *p ? p + 1 : p;
}

static void bytes_of(const char *p, struct buf *out)
{
	out->len = 0;
	while (*p) {
		if (isspace((unsigned char)*p)) {
			p++;
		} else if (*p == '"') {
			p = quoted(p + 1, out);
		} else {
			size_t n = strcspn(p, " \t\n"), i = 0;
			while (i < sizeof names / sizeof *names && (strlen(names[i].name) != n || strncmp(names[i].name, p, n) != 0))
				i++;
			if (i == sizeof names / sizeof *names) {
				check(false, "fixture names an unknown byte: %s", p);
				return;
			}
			buf_addc(out, (char)names[i].byte);
			p += n;
		}
	}
}

struct run {
	struct nvt *t;
	struct telport *port;
	struct buf user, wire, bytes;
	const char *why;
	bool single;
};

static bool same(struct buf *got, const struct buf *want)
{
	bool ok = view_eq(buf_view(got), buf_view(want));
	if (!ok) {
		printf("# got ");
		for (size_t i = 0; i < got->len; i++)
			printf(" %02x", (unsigned char)got->data[i]);
		printf("\n");
	}
	got->len = 0;
	return ok;
}

static void receive(struct run *r)
{
	size_t step = r->single ? 1 : r->bytes.len;
	for (size_t i = 0; i < r->bytes.len; i += step) {
		struct view v = { r->bytes.data + i, step };
		if (r->port) {
			check(telport_recv(r->port, v, &r->user, &r->wire) == 0, "taken");
			continue;
		}
		if (nvt_recv(r->t, v, &r->user, &r->wire, &r->why) != 0)
			return;
	}
}

static void port_begin(struct run *r, const char *s)
{
	struct telport_conf c = { .baud = (uint32_t)strtoul(s, NULL, 10), .rtscts = strstr(s, "rtscts") };
	r->port = telport_new(&c, &r->wire);
}

static bool carrier(const struct telport *t)
{
	return telport_carrier(t) == 1;
}

static void ask(const struct run *r, const char *file, int no, const char *s)
{
	static const struct { const char *word; bool (*is)(const struct telport *); } words[] = {
		{ "ready", telport_ready }, { "binary", telport_binary },   { "control", telport_control },
		{ "hold", telport_hold },   { "carrier", carrier },       { "hung-up", telport_hung_up },
	};
	bool want = strncmp(s, "not ", 4) != 0;
	const char *word = want ? s : s + 4;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(word, words[i].word) == 0) {
			check(words[i].is(r->port) == want, "%s:%d %s", file, no, s);
			return;
		}
	check_str(telport_refused(r->port), word, file);
}

static void line(struct run *r, const char *file, int no, char *s)
{
	const char *how = r->single ? " by single bytes" : "";
	s[strcspn(s, "\n")] = '\0';
	if (*s == '#' || *s == '\0')
		return;
	if (strncmp(s, "end port", 8) == 0) {
		port_begin(r, s + 8);
		return;
	}
	if (*s == '?') {
		ask(r, file, no, s + 2);
		return;
	}
	if (strncmp(s, "dtr ", 4) == 0) {
		check(telport_dtr(r->port, s[4] == 'u', &r->wire) == 0, "%s:%d %s", file, no, s);
		return;
	}
	if (strncmp(s, "end ", 4) == 0) {
		r->t = nvt_new(strcmp(s + 4, "server") == 0 ? NVT_SERVER : NVT_CLIENT, &r->wire);
		return;
	}
	if (*s == '!') {
		check_str(r->why, s + 2, file);
		r->why = NULL;
		return;
	}
	bytes_of(strncmp(s, "send ", 5) == 0 ? s + 5 : s + 1, &r->bytes);
	if (*s == '>')
		receive(r);
	else if (*s == '<')
		check(same(&r->wire, &r->bytes), "%s:%d the wire%s: %s", file, no, how, s);
	else if (*s == '=')
		check(same(&r->user, &r->bytes), "%s:%d the user%s: %s", file, no, how, s);
	else if (r->port)
		check(telport_send(r->port, buf_view(&r->bytes), &r->wire) == 0, "%s:%d sent", file, no);
	else
		check(nvt_send(r->t, buf_view(&r->bytes), &r->wire) == 0, "%s:%d sent", file, no);
}

static void fixture(const char *file, bool single)
{
	struct run r = { .single = single };
	char s[1024];
	int no = 0;
	buf_init(&r.user, 1 << 20);
	buf_init(&r.wire, 1 << 20);
	buf_init(&r.bytes, 1 << 20);
	FILE *f = fopen(file, "r");
	while (f && fgets(s, sizeof s, f))
		line(&r, file, ++no, s);
	check(f && (r.t || r.port) && !r.why && r.user.len == 0 && r.wire.len == 0, "%s: nothing is left over%s%s", file,
	      r.why ? ": " : "", r.why ? r.why : "");
	if (f)
		fclose(f);
	nvt_free(r.t);
	telport_free(r.port);
	buf_clear(&r.user);
	buf_clear(&r.wire);
	buf_clear(&r.bytes);
}

static void long_subnegotiation(void)
{
	struct buf user, wire, in;
	const char *why = NULL;
	buf_init(&user, 1 << 20);
	buf_init(&wire, 1 << 20);
	buf_init(&in, 1 << 20);
	struct nvt *t = nvt_new(NVT_SERVER, &wire);
	buf_add(&in, "\xff\xfa\x18", 3);
	for (int i = 0; i < 20000; i++)
		buf_addc(&in, 'x');
	check(nvt_recv(t, buf_view(&in), &user, &wire, &why) == -1, "a subnegotiation of 20000 bytes ends the session");
	check_str(why, "malformed or over-long subnegotiation", "and says so");
	check(user.len == 0, "its rest is no user data");
	why = NULL;
	check(nvt_recv(t, view_of("more"), &user, &wire, &why) == -1 && why && user.len == 0, "nothing is taken afterwards");
	nvt_free(t);
	buf_clear(&user);
	buf_clear(&wire);
	buf_clear(&in);
}

/* Whatever the bytes, and wherever they are cut: those of the line come out as they went in. */
static void all_bytes(void)
{
	struct buf a, b, back, none;
	struct telport_conf conf = { 0 };
	buf_init(&a, 4096);
	buf_init(&b, 4096);
	buf_init(&back, 4096);
	buf_init(&none, 4096);
	for (int i = 0; i < 512; i++)
		buf_addc(&a, (char)(i < 256 ? i : 511 - i));
	for (int binary = 0; binary < 2; binary++) {
		none.len = b.len = back.len = 0;
		struct telport *t = telport_new(&conf, &none);
		if (binary)
			telport_recv(t, (struct view){ "\xff\xfb\0\xff\xfd", 5 }, &back, &none);
		if (binary)
			telport_recv(t, (struct view){ "\0", 1 }, &back, &none);
		check(telport_binary(t) == binary, "binary as agreed");
		check(telport_send(t, buf_view(&a), &b) == 0 && b.len == 512u + 2u + (binary ? 0 : 2), "IAC is doubled, CR has its NUL");
		for (size_t i = 0; i < b.len; i += 3)
			telport_recv(t, (struct view){ b.data + i, b.len - i < 3 ? b.len - i : 3 }, &back, &none);
		check(view_eq(buf_view(&a), buf_view(&back)), "all bytes come back, binary %d", binary);
		telport_free(t);
	}
	buf_clear(&a);
	buf_clear(&b);
	buf_clear(&back);
	buf_clear(&none);
}

static void typed(const char *keys, enum edit_event want, const char *text, const char *shown, const char *what)
{
	static const char *const hide[] = { "secret ", NULL };
	struct edit e = { .hide = hide };
	struct buf echo;
	enum edit_event got = EDIT_MORE;
	buf_init(&echo, 65536);
	for (; *keys; keys++)
		got = edit_key(&e, *keys, &echo);
	buf_addc(&echo, '\0');
	check(got == want, "%s: event", what);
	check_str(e.line, text, what);
	check_str(echo.data, shown, "its echo");
	buf_clear(&echo);
}

int main(void)
{
	glob_t g;
	check(glob("tests/data/telnet/*", 0, NULL, &g) == 0, "there are fixtures");
	for (size_t i = 0; i < g.gl_pathc; i++) {
		fixture(g.gl_pathv[i], false);
		fixture(g.gl_pathv[i], true);
	}
	globfree(&g);
	long_subnegotiation();
	all_bytes();
	typed("abc\r", EDIT_LINE, "abc", "abc\r\n", "a line");
	typed("abx\x7f" "c\n", EDIT_LINE, "abc", "abx\b \bc\r\n", "backspace");
	typed("a\xc3\xa4\x7f" "b\r", EDIT_LINE, "ab", "a\xc3\xa4\b \bb\r\n", "backspace over two bytes of UTF-8");
	typed("two words\x17\r", EDIT_LINE, "two ", "two words\b \b\b \b\b \b\b \b\b \b\r\n", "a word taken back");
	typed("ab\x15" "c\r", EDIT_LINE, "c", "ab\b \b\b \bc\r\n", "a line taken back");
	typed("secret xyz\r", EDIT_LINE, "secret xyz", "secret \r\n", "what follows `secret' is not echoed");
	typed("  secret xyz\r", EDIT_LINE, "  secret xyz", "  secret \r\n", "blanks before it do not show it");
	typed("secret xy\x7f\x7f\x7fs\r", EDIT_LINE, "secrets", "secret \b \bs\r\n", "backspace over what was not echoed");
	typed("ab\x03", EDIT_BREAK, "", "ab^C\r\n", "an interrupt drops the line");
	typed("\x04", EDIT_END, "", "", "^D at the beginning");
	typed("a\x1b[A\r", EDIT_LINE, "a[A", "a[A\r\n", "no control byte gets into a line");
	return tap_done();
}
