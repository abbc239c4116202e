/* httpconnect.c - any bytes as a request, in pieces, and as an answer. What is taken is what can be written
 * again and read the same; no piece decides otherwise than all of it. */
#include "fuzz/fuzz.h"

#include "wire/httpconnect.h"

#include <stdlib.h>

static void again(const struct httpconnect *q)
{
	struct buf b;
	struct httpconnect other;
	struct httpconnect_no no;
	buf_init(&b, HTTPCONNECT_MAX);
	if (httpconnect_write(&b, q) != 0 || httpconnect_read(buf_view(&b), &other, &no) != 1 || other.n != b.len ||
	    strcmp(other.host, q->host) != 0 || other.port != q->port || strcmp(other.session, q->session) != 0)
		abort();
	buf_clear(&b);
}

static void request(struct view whole)
{
	struct httpconnect q;
	struct httpconnect_no no = { 0 };
	int rc = httpconnect_read(whole, &q, &no);
	if (rc < 0 && (no.status < 400 || no.status > 505 || !no.why))
		abort();
	if (rc == 0 && whole.n >= HTTPCONNECT_MAX)
		abort();
	if (rc != 1)
		return;
	if (q.n < 4 || q.n > whole.n || q.n > HTTPCONNECT_MAX || q.port == 0 || !*q.host)
		abort();
	again(&q);
	if (httpconnect_read((struct view){ whole.p, q.n - 1 }, &q, &no) != 0)
		abort();
}

static void answer(struct view whole)
{
	struct httpconnect_said s;
	const char *why = NULL;
	int rc = httpconnect_heard(whole, &s, &why);
	if ((rc < 0 && !why) || (rc == 1 && (s.n > whole.n || s.status < 100 || s.status > 999)))
		abort();
	for (const char *p = s.phrase; rc == 1 && *p; p++)
		if (*p == 0x1b || *p == '\n')
			abort();
}

void fuzz_one(const uint8_t *p, size_t n)
{
	char *copy = malloc(n + 1); /* one byte more, or none could be had */
	if (!copy)
		abort();
	memcpy(copy, p, n);
	struct view v = { copy, n };
	request(v);
	answer(v);
	free(copy);
}
