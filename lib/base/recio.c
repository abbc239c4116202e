/* recio.c - records from and to descriptors, sp-record(5).
 * A line over the limit is skipped to its end and refused, never cut. */
#include "base/recio.h"

#include "base/secret.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#define IN_MAX (2 * (RECORD_LINE_MAX + 2))
#define JSON_MAX (8 * RECORD_LINE_MAX) /* \uXXXX is longer than what it stands for */
#define OUT_FLUSH 65536

void recin_init(struct recin *in, int fd, const char *name)
{
	*in = (struct recin){ .fd = fd, .name = name };
	buf_init(&in->in, JSON_MAX + IN_MAX);
	buf_init(&in->json, JSON_MAX);
}

void recin_clear(struct recin *in)
{
	buf_clear(&in->in);
	buf_clear(&in->json);
}

int recin_fill(struct recin *in)
{
	if (in->at) {
		buf_consume(&in->in, in->at);
		in->at = in->wiped = 0;
	}
	if (buf_reserve(&in->in, IN_MAX) != 0)
		return -1;
	ssize_t n;
	do
		n = read(in->fd, in->in.data + in->in.len, IN_MAX);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	in->in.len += (size_t)n;
	if (n == 0)
		in->eof = true;
	return n > 0;
}

static struct view rest(const struct recin *in)
{
	if (in->in.len == in->at)
		return (struct view){ NULL, 0 };
	return (struct view){ in->in.data + in->at, in->in.len - in->at };
}

bool recin_ready(const struct recin *in)
{
	struct view v = rest(in);
	return v.n > in->seen && memchr(v.p + in->seen, '\n', v.n - in->seen);
}

static int take(struct recin *in, struct record *r, struct view line, const char **why)
{
	if (line.n == 0 || line.p[0] != '{')
		return record_parse(r, line, why);
	buf_wipe(&in->json);
	if (json_to_line(line, &in->json, why) != 1)
		return -1;
	return record_parse(r, buf_view(&in->json), why);
}

/* No LF in what is there: more to come, too long, or the input's cut end. */
static int incomplete(struct recin *in, struct record *r, struct view v, const char **why)
{
	size_t max = v.n && v.p[0] == '{' ? JSON_MAX : RECORD_LINE_MAX;
	in->seen = v.n;
	if (v.n > max || in->skip) {
		bool first = !in->skip;
		in->skip = !in->eof;
		in->at = in->in.len;
		in->seen = 0;
		if (first)
			in->line++;
		*why = "line over 64 KiB";
		return first ? -1 : 0;
	}
	if (!in->eof || v.n == 0)
		return 0;
	in->line++;
	in->at = in->in.len;
	in->seen = 0;
	if (v.p[0] == '{')
		return take(in, r, v, why);
	*why = "last line has no line feed (cut?)";
	return -1;
}

/* Lines that were taken and are no record's any more. */
static void forget(struct recin *in)
{
	if (in->at > in->wiped)
		explicit_bzero(in->in.data + in->wiped, in->at - in->wiped);
	in->wiped = in->at;
}

int recin_next(struct recin *in, struct record *r, const char **why)
{
	forget(in);
	for (;;) {
		struct view v = rest(in);
		const char *lf = NULL;
		if (v.n > in->seen)
			lf = memchr(v.p + in->seen, '\n', v.n - in->seen);
		if (!lf)
			return incomplete(in, r, v, why);
		in->seen = 0;
		struct view line = { v.p, (size_t)(lf - v.p) };
		in->at += line.n + 1;
		if (in->skip) {
			in->skip = false;
			continue;
		}
		in->line++;
		return take(in, r, line, why);
	}
}

void recout_init(struct recout *out, int fd, bool json)
{
	*out = (struct recout){ .fd = fd, .json = json, .shorten = isatty(fd) };
	buf_init(&out->out, (size_t)16 << 20);
}

void recout_clear(struct recout *out)
{
	buf_clear(&out->out);
}

/* For a terminal: secrets shortened, nothing in it that moves the cursor. */
static int shortened(struct recout *out, struct record *r)
{
	struct record copy = { 0 };
	size_t from = out->out.len;
	int rc = record_copy(&copy, r);
	for (size_t i = 0; rc == 0 && i < copy.n; i++) {
		char text[16];
		struct view key = copy.field[i].key;
		if (!record_key_secret(key))
			continue;
		secret_shorten(copy.field[i].raw, text);
		rc = record_setv(&copy, key, view_of(text));
	}
	if (rc == 0)
		rc = out->json ? json_of_record(&copy, &out->out) : record_write(&copy, &out->out);
	record_clear(&copy);
	if (rc == 0 && out->out.len > from)
		text_tame(out->out.data + from, out->out.len - from - 1);
	return rc;
}

static int flush_if_much(struct recout *out)
{
	return out->out.len >= OUT_FLUSH ? recout_flush(out) : 0;
}

int recout_queue(struct recout *out, struct record *r)
{
	return out->shorten ? shortened(out, r)
	       : out->json  ? json_of_record(r, &out->out)
	                    : record_write(r, &out->out);
}

int recout_add(struct recout *out, struct record *r)
{
	return recout_queue(out, r) == 0 ? flush_if_much(out) : -1;
}

int recout_line(struct recout *out, struct view line)
{
	return buf_addv(&out->out, line) == 0 ? flush_if_much(out) : -1;
}

int recout_flush(struct recout *out)
{
	size_t done = 0;
	while (done < out->out.len) {
		ssize_t n = write(out->fd, out->out.data + done, out->out.len - done);
		if (n >= 0) {
			done += (size_t)n;
			continue;
		}
		struct pollfd p = { .fd = out->fd, .events = POLLOUT };
		if (errno == EINTR || (errno == EAGAIN && poll(&p, 1, -1) >= 0))
			continue;
		buf_consume(&out->out, done);
		return -1;
	}
	buf_wipe(&out->out);
	return 0;
}

/* poll(2) says that PIPE_BUF bytes can be written without waiting: no more at a time. */
int recout_push(struct recout *out)
{
	struct pollfd p = { .fd = out->fd, .events = POLLOUT };
	size_t at = 0;
	int e = 0;
	while (at < out->out.len && e == 0 && poll(&p, 1, 0) == 1) {
		size_t n = out->out.len - at < PIPE_BUF ? out->out.len - at : PIPE_BUF;
		ssize_t done = write(out->fd, out->out.data + at, n);
		at += done > 0 ? (size_t)done : 0;
		e = done < 0 ? errno : 0;
	}
	buf_consume(&out->out, at);
	errno = e;
	return e && e != EINTR && e != EAGAIN ? -1 : out->out.len > 0;
}
