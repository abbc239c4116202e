/* httpconnect.c - the request line, fields one by one, and the answer's first line. Refuses
 * what two readers could take for two things: a CR or LF by itself, folded lines, blanks before a
 * colon, no or two Hosts, a length of content. Of the fields only Host, those lengths and ours are
 * looked at. */
#include "wire/httpconnect.h"

#include "base/num.h"

#include <stdio.h>
#include <strings.h>

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool httpconnect_begins(uint8_t first)
{
	return first >= 'A' && first <= 'Z';
}

static int no(struct httpconnect_no *to, unsigned status, const char *why)
{
	*to = (struct httpconnect_no){ status, why };
	return -1;
}

/* All of v is of these characters, and there is one. */
static bool only(struct view v, const char *of)
{
	for (size_t i = 0; i < v.n; i++)
		if (!v.p[i] || !strchr(of, v.p[i]))
			return false;
	return v.n > 0;
}

static bool is_token(struct view v)
{
	return only(v, "!#$%&'*+-.^_`|~" DIGITS LETTERS);
}

/* The header's bytes, its empty line included; 0: it is not whole; *bad: a line's end is none. */
static size_t header_of(struct view in, bool *bad)
{
	*bad = false;
	for (size_t i = 0; i < in.n && i < HTTPCONNECT_MAX && !*bad; i++) {
		bool after_cr = i > 0 && in.p[i - 1] == '\r';
		*bad = !in.p[i] || (in.p[i] == '\n') != after_cr;
		if (!*bad && i >= 3 && in.p[i] == '\n' && in.p[i - 2] == '\n')
			return i + 1;
	}
	return 0;
}

/* One line of a header that has its end, without that. */
static struct view line_of(struct view *rest)
{
	struct view line;
	view_split(rest, '\n', &line);
	line.n--; /* CR */
	return line;
}

static bool host_is(struct view v)
{
	if (v.n > 2 && v.p[0] == '[' && v.p[v.n - 1] == ']')
		return only((struct view){ v.p + 1, v.n - 2 }, ":." DIGITS "abcdefABCDEF");
	return only(v, "-._" DIGITS LETTERS);
}

/* HOST:PORT, as RFC 9112 section 3.2.3 has it. */
static int target(struct view v, struct httpconnect *to, struct httpconnect_no *not)
{
	const char *colon = memrchr(v.p, ':', v.n);
	uint64_t port;
	if (!colon)
		return no(not, 400, "the target is no HOST:PORT");
	struct view host = { v.p, (size_t)(colon - v.p) };
	if (!num_u64((struct view){ colon + 1, v.n - host.n - 1 }, 1, 65535, &port))
		return no(not, 400, "the target has no valid port");
	if (!host_is(host))
		return no(not, 400, "the target has no valid host");
	if (!view_str(host, to->host, sizeof to->host))
		return no(not, 414, "the target is too long");
	to->port = (uint16_t)port;
	return 1;
}

static int request_line(struct view line, struct httpconnect *to, struct httpconnect_no *not, bool *host_needed)
{
	struct view method, where, version = line;
	bool three = view_split(&version, ' ', &method) && view_split(&version, ' ', &where) && version.p;
	if (!three || !is_token(method) || where.n == 0)
		return no(not, 400, "malformed request line");
	if (version.n != 8 || !view_starts(version, "HTTP/") || version.p[6] != '.' || !only((struct view){ version.p + 5, 1 }, DIGITS) ||
	    !only((struct view){ version.p + 7, 1 }, DIGITS))
		return no(not, 400, "malformed request line");
	if (version.p[5] != '1')
		return no(not, 505, "only HTTP/1.1 is spoken here");
	if (!view_is(method, "CONNECT"))
		return no(not, 501, "only CONNECT is done here");
	*host_needed = version.p[7] != '0';
	return target(where, to, not);
}

static bool named(struct view name, const char *as)
{
	return name.n == strlen(as) && strncasecmp(name.p, as, name.n) == 0;
}

static struct view trimmed(struct view v)
{
	while (v.n && (v.p[0] == ' ' || v.p[0] == '\t'))
		v = (struct view){ v.p + 1, v.n - 1 };
	while (v.n && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t'))
		v.n--;
	return v;
}

static bool has_control(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (((uint8_t)v.p[i] < ' ' && v.p[i] != '\t') || v.p[i] == 0x7f)
			return true;
	return false;
}

static int field(struct view value, struct httpconnect *to, struct httpconnect_no *not, unsigned *hosts)
{
	struct view name;
	if (!view_split(&value, ':', &name) || !value.p || !is_token(name) || has_control(value))
		return no(not, 400, "malformed field");
	value = trimmed(value);
	if (named(name, "Content-Length") || named(name, "Transfer-Encoding"))
		return no(not, 400, "CONNECT has no content");
	if (named(name, "SP-Session") && (*to->session || !only(value, DIGITS "abcdef") || !view_str(value, to->session, sizeof to->session)))
		return no(not, 400, "malformed SP-Session");
	*hosts += named(name, "Host");
	return 1;
}

int httpconnect_read(struct view in, struct httpconnect *to, struct httpconnect_no *not)
{
	bool bad, host_needed;
	size_t n = header_of(in, &bad);
	unsigned hosts = 0;
	*to = (struct httpconnect){ .n = n };
	if (bad)
		return no(not, 400, "a line does not end with CR LF");
	if (n == 0 && in.n < HTTPCONNECT_MAX)
		return 0;
	if (n == 0 && memchr(in.p, '\n', HTTPCONNECT_MAX))
		return no(not, 431, "the header is too long");
	if (n == 0)
		return no(not, 414, "the target is too long");
	struct view rest = { in.p, n - 2 }; /* without the empty line */
	int rc = request_line(line_of(&rest), to, not, &host_needed);
	while (rc == 1 && rest.n)
		rc = field(line_of(&rest), to, not, &hosts);
	if (rc == 1 && (hosts > 1 || (host_needed && hosts == 0)))
		rc = no(not, 400, "there must be one Host");
	return rc;
}

int httpconnect_write(struct buf *out, const struct httpconnect *q)
{
	size_t was = out->len;
	if (buf_printf(out, "CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n", q->host, q->port, q->host, q->port) == 0 &&
	    (!*q->session || buf_printf(out, "SP-Session: %s\r\n", q->session) == 0) && buf_adds(out, "\r\n") == 0)
		return 0;
	out->len = was;
	return -1;
}

int httpconnect_answer(struct buf *out, unsigned status, const char *why)
{
	if (status == 200)
		return buf_adds(out, "HTTP/1.1 200 Connection established\r\n\r\n");
	return buf_printf(out, "HTTP/1.1 %u %s\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s\n",
	                  status, why, strlen(why) + 1, why);
}

int httpconnect_heard(struct view in, struct httpconnect_said *to, const char **why)
{
	bool bad;
	struct view rest = in, line;
	uint64_t status;
	*to = (struct httpconnect_said){ .n = header_of(in, &bad) };
	*why = "the proxy does not speak HTTP/1";
	if (bad || (in.n >= 7 && !view_starts(in, "HTTP/1.")) || (to->n == 0 && in.n >= HTTPCONNECT_MAX))
		return -1;
	if (to->n == 0)
		return 0;
	line = line_of(&rest);
	if (line.n < 12 || line.p[8] != ' ' || !num_u64((struct view){ line.p + 9, 3 }, 100, 999, &status) || (line.n > 12 && line.p[12] != ' '))
		return -1;
	to->status = (unsigned)status;
	snprintf(to->phrase, sizeof to->phrase, "%.*s", line.n > 13 ? (int)line.n - 13 : 0, line.n > 13 ? line.p + 13 : "");
	text_tame(to->phrase, strlen(to->phrase));
	return 1;
}
