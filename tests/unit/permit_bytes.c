/* permit_bytes.c - the bytes of tests/data/permit, as somebody else may have signed
 * them, mean what is written there. A file: a comment, "ok TEXT" or "refused REASON",
 * and hex bytes ("#" begins a comment) without signature; the key's identifier is 00s. */
#include "unit/tap.h"
#include "wire/base64url.h"
#include "wire/permit.h"

#include <openssl/evp.h>

#include <dirent.h>
#include <stdio.h>

#define FOLDER "tests/data/permit"

struct fixture {
	char want[300];
	bool ok;
	uint8_t b[PERMIT_PAYLOAD_MAX + ED25519_SIGNATURE];
	size_t n;
};

static EVP_PKEY *key;

static void hex_line(const char *line, struct fixture *f)
{
	unsigned b;
	int used;
	while (*line != '#' && f->n < PERMIT_PAYLOAD_MAX && sscanf(line, " %2x%n", &b, &used) == 1) {
		f->b[f->n++] = (uint8_t)b;
		line += used;
	}
}

static bool fixture_read(const char *path, struct fixture *f)
{
	char line[300];
	FILE *in = fopen(path, "r");
	*f = (struct fixture){ 0 };
	if (!in)
		return false;
	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = '\0';
		char *rest = strchr(line, ' ');
		if (line[0] == '#')
			continue;
		if (f->want[0] || !rest)
			hex_line(line, f);
		else
			snprintf(f->want, sizeof f->want, "%s", rest + 1);
		f->ok |= strncmp(line, "ok ", 3) == 0;
	}
	fclose(in);
	return f->want[0] && f->n > 5;
}

static const char *shown(const struct permit *p, char *out, size_t size)
{
	char ports[PORTS_TEXT];
	ports_write(&p->ports, ports);
	snprintf(out, size, "%u %s %08x %.*s%s %.*s %.*s%s%.*s dials=%u +%d +%d ports=%s", p->sequence, p->session, p->workstation,
	         p->user.hashed ? 0 : (int)p->user.n, (const char *)p->user.b, p->user.hashed ? "(hashed)" : "", (int)p->router.n,
	         (const char *)p->router.b, (int)p->serial.n, (const char *)p->serial.b, p->ticket.n ? " " : "",
	         p->ticket.hashed ? 0 : (int)p->ticket.n, (const char *)p->ticket.b, p->dials, (int)(p->connect_by - p->issued),
	         (int)(p->until - p->issued), ports);
	return out;
}

static void one(const char *name)
{
	struct fixture f;
	struct permit p;
	struct buf text;
	char path[300], out[600];
	const char *why = NULL;
	snprintf(path, sizeof path, FOLDER "/%.200s", name);
	if (!fixture_read(path, &f)) {
		check(false, "%s can be read", path);
		return;
	}
	ed25519_id(key, f.b + 1);
	ed25519_sign((struct view){ (const char *)f.b, f.n }, key, f.b + f.n);
	buf_init(&text, PERMIT_TEXT_MAX);
	base64url_add(&text, (struct view){ (const char *)f.b, f.n + ED25519_SIGNATURE });
	int rc = permit_read(buf_view(&text), &key, 1, &p, &why);
	check(rc == (f.ok ? 1 : -1), "%s", name);
	check_str(rc == 1 ? shown(&p, out, sizeof out) : why, f.want, name);
	text.len = 0;
	check(rc != 1 || (!permit_sign(&p, key, &text) && text.len == BASE64URL_TEXT(f.n + ED25519_SIGNATURE)), "and back");
	buf_clear(&text);
}

int main(void)
{
	uint8_t seed[32] = { 1 };
	unsigned n = 0;
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	DIR *d = opendir(FOLDER);
	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.') {
			one(e->d_name);
			n++;
		}
	check(n >= 10, "%u files", n);
	if (d)
		closedir(d);
	EVP_PKEY_free(key);
	return tap_done();
}
