/* auth.c - PAP and CHAP packets by tests/data/ppp/pap.txt and chap.txt: each is
 * read as written there, and what can be read is written again as it was; the
 * MD5 response against values computed elsewhere. */
#include "unit/tap.h"
#include "wire/chap.h"
#include "wire/pap.h"

#include <ctype.h>
#include <stdlib.h>

static size_t packet_of(const char *text, uint8_t *to, size_t size)
{
	size_t n = 0;
	bool quoted = false;
	for (; *text && n < size; text++) {
		char two[3] = { text[0], text[1], 0 };
		if (*text == '"')
			quoted = !quoted;
		else if (quoted)
			to[n++] = (uint8_t)*text;
		else if (!isspace((unsigned char)*text)) {
			to[n++] = (uint8_t)strtoul(two, NULL, 16);
			text++;
		}
	}
	return n;
}

static void add(char *to, size_t size, const char *key, struct view v)
{
	size_t n = strlen(to);
	n += (size_t)snprintf(to + n, size - n, " %s=", key);
	for (size_t i = 0; i < v.n && n + 5 < size; i++)
		n += (size_t)snprintf(to + n, size - n, isprint((unsigned char)v.p[i]) ? "%c" : "\\x%02x",
		                      (unsigned char)v.p[i]);
}

/* An Ack without its message's length is written with one. */
static bool same(const struct out *o, const uint8_t *p)
{
	size_t len = (size_t)(p[2] << 8 | p[3]);
	return !o->bad && (out_len(o) == len || (len == 4 && out_len(o) == 5)) && memcmp(o->base + 4, p + 4, len - 4) == 0;
}

static bool read_pap(const uint8_t *p, size_t n, char *text, size_t size)
{
	static const char *const word[] = { "", "Request", "Ack", "Nak" };
	struct pap pap;
	const char *why;
	uint8_t again[PAP_PACKET_MAX];
	struct out o = out_of(again, sizeof again);
	if (pap_parse(p, n, &pap, &why) < 0) {
		snprintf(text, size, "%s", why);
		return true;
	}
	snprintf(text, size, "%s id=%u", word[pap.code], pap.id);
	if (pap.code == PAP_REQUEST) {
		add(text, size, "name", pap.name);
		add(text, size, "password", pap.password);
	} else {
		add(text, size, "message", pap.message);
	}
	pap_write(&o, &pap);
	return same(&o, p);
}

static bool read_chap(const uint8_t *p, size_t n, char *text, size_t size)
{
	static const char *const word[] = { "", "Challenge", "Response", "Success", "Failure" };
	struct chap chap;
	const char *why;
	uint8_t again[CHAP_PACKET_MAX];
	struct out o = out_of(again, sizeof again);
	if (chap_parse(p, n, &chap, &why) < 0) {
		snprintf(text, size, "%s", why);
		return true;
	}
	snprintf(text, size, "%s id=%u", word[chap.code], chap.id);
	if (chap.code <= CHAP_RESPONSE) {
		snprintf(text + strlen(text), size - strlen(text), " value=%zu", chap.value.n);
		add(text, size, "name", chap.name);
	} else {
		add(text, size, "message", chap.message);
	}
	chap_write(&o, &chap);
	return same(&o, p);
}

static void file(const char *path, bool (*reader)(const uint8_t *, size_t, char *, size_t))
{
	char line[512], got[512];
	uint8_t packet[512];
	FILE *f = fopen(path, "r");
	if (!check(f != NULL, "%s is there", path))
		return;
	while (fgets(line, sizeof line, f)) {
		char *want = strstr(line, " = ");
		if (*line == '#' || !want)
			continue;
		line[strcspn(line, "\n")] = '\0';
		*want = '\0';
		bool again = reader(packet, packet_of(line, packet, sizeof packet), got, sizeof got);
		check_str(got, want + 3, line);
		check(again, "and it is written as it was");
	}
	fclose(f);
}

static void hashes(void)
{
	static const uint8_t want[CHAP_HASH] = { 0x77, 0x56, 0x9c, 0x5f, 0x86, 0x0d, 0x81, 0x68, 0x71, 0x32, 0xeb, 0xc4, 0x81, 0xa3, 0xb9, 0xbe };
	char challenge[24];
	uint8_t hash[CHAP_HASH];
	struct secret s;
	for (int i = 0; i < 24; i++)
		challenge[i] = (char)i;
	struct view c = { challenge, 16 }, r = { (const char *)want, sizeof want };
	secret_set(&s, view_of("sesame"));
	check(chap_hash(1, &s, c, hash) && memcmp(hash, want, sizeof hash) == 0, "MD5(01 sesame 00..0f)");
	check(chap_check(1, &s, c, r), "the right response");
	check(!chap_check(2, &s, c, r), "another Identifier");
	c.n = 15;
	check(!chap_check(1, &s, c, r), "another challenge");
	c.n = 16;
	r.n = 15;
	check(!chap_check(1, &s, c, r), "a response cut short");
	r.n = 16;
	secret_set(&s, view_of("Sesame"));
	check(!chap_check(1, &s, c, r), "another secret");
}

static void too_long(void)
{
	char name[300];
	uint8_t b[1024];
	memset(name, 'x', sizeof name);
	struct out o = out_of(b, sizeof b);
	pap_write(&o, &(struct pap){ .code = PAP_REQUEST, .name = { name, 256 } });
	check(o.bad, "PAP: a name of 256 bytes cannot be written");
	o = out_of(b, sizeof b);
	chap_write(&o, &(struct chap){ .code = CHAP_RESPONSE, .value = { name, 16 }, .name = { name, 256 } });
	check(o.bad, "CHAP: the same");
	o = out_of(b, sizeof b);
	chap_write(&o, &(struct chap){ .code = CHAP_FAILURE, .message = { name, 300 } });
	check(!o.bad && out_len(&o) == 259, "a message is cut");
}

int main(void)
{
	file("tests/data/ppp/pap.txt", read_pap);
	file("tests/data/ppp/chap.txt", read_chap);
	hashes();
	too_long();
	return tap_done();
}
