/* hello.c - one record at a time at the beginning of a stream. */
#include "engine/hello.h"

#include <errno.h>
#include <stdarg.h>

int hello_first(struct buf *in, struct record *r, const char **why)
{
	const char *lf = in->len ? memchr(in->data, '\n', in->len) : NULL;
	size_t n = lf ? (size_t)(lf - in->data) : in->len;
	*why = "line too long";
	if (n > HELLO_MAX)
		return -1;
	if (!lf)
		return 0;
	if (record_parse(r, (struct view){ in->data, n }, why) != 1)
		return -1;
	*why = "out of memory";
	if (record_own(r) != 0)
		return -1;
	buf_consume(in, n + 1);
	return 1;
}

int hello_take(struct buf *in, struct record *r, const char **why)
{
	int rc = hello_first(in, r, why);
	if (rc != 1 || in->len == 0)
		return rc;
	*why = "bytes before the call";
	return -1;
}

int hello_say(struct stream *s, const char *key, ...)
{
	struct record r;
	struct buf line;
	va_list ap;
	int rc = 0;
	record_init(&r);
	buf_init(&line, 2 * HELLO_MAX);
	va_start(ap, key);
	for (; key && rc == 0; key = va_arg(ap, const char *)) {
		const char *value = va_arg(ap, const char *);
		if (value)
			rc = record_set(&r, key, value);
	}
	va_end(ap);
	if (rc == 0)
		rc = record_write(&r, &line);
	if (rc == 0)
		rc = stream_write(s, buf_view(&line));
	int e = errno;
	buf_clear(&line);
	record_clear(&r);
	errno = e;
	return rc;
}
