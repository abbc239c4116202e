/* httpconnect.c - unit tests of lib/wire/httpconnect.h: which requests are taken, what others are answered,
 * and which answers lead anywhere. */
#include "unit/tap.h"
#include "wire/httpconnect.h"

#include <stdlib.h>

#define LINE "CONNECT 10.210.0.7:22 HTTP/1.1\r\n"
#define HOST "Host: 10.210.0.7:22\r\n"

static void good(const char *text, const char *want, const char *what)
{
	struct httpconnect q;
	struct httpconnect_no no = { 0 };
	char got[200] = "none";
	size_t n = strlen(text);
	if (httpconnect_read(view_of(text), &q, &no) == 1)
		snprintf(got, sizeof got, "%s %u %s %zu", q.host, q.port, q.session, n - q.n);
	check_str(got, want, what);
	char *part = malloc(n);
	bool waits = part;
	for (size_t i = 0; i < n && waits && i < q.n; i++) {
		memcpy(part, text, i);
		waits = httpconnect_read((struct view){ part, i }, &q, &no) == 0;
		httpconnect_read(view_of(text), &q, &no);
	}
	free(part);
	check(waits, "... and waits for all of it: %s", what);
}

static void bad(struct view text, unsigned status, const char *what)
{
	struct httpconnect q;
	struct httpconnect_no no = { 0 };
	int rc = httpconnect_read(text, &q, &no);
	check(rc == -1 && no.status == status && no.why, "%s: %d, %u %s", what, rc, no.status, no.why ? no.why : "");
}

static void requests(void)
{
	good(LINE HOST "\r\n", "10.210.0.7 22  0", "the least that HTTP/1.1 has");
	good("CONNECT 000187260123:443 HTTP/1.0\r\n\r\n", "000187260123 443  0", "HTTP/1.0 needs no Host");
	good(LINE HOST "User-Agent: curl/7.88.1\r\nProxy-Connection: Keep-Alive\r\nsp-session: 0123abcd \r\n\r\nSSH-2.0", "10.210.0.7 22 0123abcd 7",
	     "fields, and the tunnel's bytes behind them");
	good("CONNECT [2001:db8::1]:65535 HTTP/1.1\r\nhOST:\r\n\r\n", "[2001:db8::1] 65535  0", "IPv6, and a Host that says nothing");
}

static void refused(void)
{
	static const struct { unsigned status; const char *text, *what; } table[] = {
		{ 501, "GET http://10.210.0.7/ HTTP/1.1\r\n" HOST "\r\n", "another method" },
		{ 501, "connect 10.210.0.7:22 HTTP/1.1\r\n" HOST "\r\n", "methods have their case" },
		{ 505, "CONNECT 10.210.0.7:22 HTTP/2.0\r\n" HOST "\r\n", "another HTTP" },
		{ 400, "CONNECT 10.210.0.7:22\r\n" HOST "\r\n", "no version" },
		{ 400, "CONNECT 10.210.0.7:22 HTTP/1.1 \r\n" HOST "\r\n", "something behind the version" },
		{ 400, "CONNECT  10.210.0.7:22 HTTP/1.1\r\n" HOST "\r\n", "two blanks" },
		{ 400, "CONNECT 10.210.0.7:22 HTTP/1,1\r\n" HOST "\r\n", "a malformed version" },
		{ 400, "CON(NECT 10.210.0.7:22 HTTP/1.1\r\n" HOST "\r\n", "no token" },
		{ 400, "\r\n\r\n", "nothing" },
		{ 400, "CONNECT 10.210.0.7 HTTP/1.1\r\n" HOST "\r\n", "no port" },
		{ 400, "CONNECT 10.210.0.7: HTTP/1.1\r\n" HOST "\r\n", "an empty port" },
		{ 400, "CONNECT 10.210.0.7:0 HTTP/1.1\r\n" HOST "\r\n", "port 0" },
		{ 400, "CONNECT 10.210.0.7:65536 HTTP/1.1\r\n" HOST "\r\n", "port 65536" },
		{ 400, "CONNECT :22 HTTP/1.1\r\n" HOST "\r\n", "no host" },
		{ 400, "CONNECT alice@10.210.0.7:22 HTTP/1.1\r\n" HOST "\r\n", "a user" },
		{ 400, "CONNECT http://10.210.0.7:22 HTTP/1.1\r\n" HOST "\r\n", "a URI" },
		{ 400, "CONNECT []:22 HTTP/1.1\r\n" HOST "\r\n", "brackets alone" },
		{ 414, "CONNECT 01234567890123456789012345678901234567890123456789012345678901234:22 HTTP/1.1\r\n\r\n", "a host of 65 bytes" },
		{ 400, LINE "\r\n", "no Host" },
		{ 400, LINE HOST HOST "\r\n", "two Hosts" },
		{ 400, LINE HOST "Content-Length: 0\r\n\r\n", "a length of content" },
		{ 400, LINE HOST "Transfer-Encoding: chunked\r\n\r\n", "chunks" },
		{ 400, LINE "Host : 10.210.0.7:22\r\n\r\n", "a blank before the colon" },
		{ 400, LINE HOST " folded\r\n\r\n", "a folded line" },
		{ 400, LINE HOST "no colon\r\n\r\n", "no colon" },
		{ 400, LINE HOST ": x\r\n\r\n", "no name" },
		{ 400, LINE HOST "x: \x01\r\n\r\n", "a control character" },
		{ 400, LINE HOST "SP-Session: XYZ\r\n\r\n", "no session" },
		{ 400, LINE HOST "SP-Session: 0123456789012345678901234567890123\r\n\r\n", "a session that is too long" },
		{ 400, LINE HOST "SP-Session: 01\r\nSP-Session: 01\r\n\r\n", "two sessions" },
		{ 400, "CONNECT 10.210.0.7:22 HTTP/1.1\nHost: x\n\n", "LF alone" },
		{ 400, "CONNECT\r10.210.0.7:22", "CR alone, before the header is whole" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		bad(view_of(table[i].text), table[i].status, table[i].what);
	bad((struct view){ LINE "Host: \0\r\n\r\n", sizeof LINE + 10 }, 400, "NUL");
}

static void lengths(void)
{
	char *text = malloc(HTTPCONNECT_MAX + 100);
	struct httpconnect q;
	struct httpconnect_no no;
	memset(text, 'x', HTTPCONNECT_MAX + 100);
	memcpy(text, LINE HOST "f: ", sizeof LINE HOST "f: " - 1);
	check(httpconnect_read((struct view){ text, HTTPCONNECT_MAX - 1 }, &q, &no) == 0, "a long header is waited for");
	bad((struct view){ text, HTTPCONNECT_MAX }, 431, "one that is too long is not");
	memcpy(text + HTTPCONNECT_MAX - 4, "\r\n\r\n", 4);
	check(httpconnect_read((struct view){ text, HTTPCONNECT_MAX + 100 }, &q, &no) == 1 && q.n == HTTPCONNECT_MAX, "the longest that there may be");
	memset(text, 'X', HTTPCONNECT_MAX);
	bad((struct view){ text, HTTPCONNECT_MAX }, 414, "a first line that is too long");
	free(text);
	check(httpconnect_begins('C') && !httpconnect_begins('o') && !httpconnect_begins(0x16) && !httpconnect_begins('{'), "what begins like a request");
}

static void written(void)
{
	struct httpconnect q = { .host = "10.210.0.7", .port = 22 };
	struct buf b;
	buf_init(&b, 1000);
	check(httpconnect_write(&b, &q) == 0 && buf_addc(&b, '\0') == 0, "a request");
	check_str(b.data, LINE HOST "\r\n", "as it is read");
	b.len = 0;
	memcpy(q.session, "01ab", 5);
	check(httpconnect_write(&b, &q) == 0 && buf_addc(&b, '\0') == 0, "one with a session");
	good(b.data, "10.210.0.7 22 01ab 0", "which is read again");
	b.len = 0;
	b.max = 40;
	check(httpconnect_write(&b, &q) == -1 && b.len == 0, "all of it or nothing");
	buf_clear(&b);
}

static void answers(void)
{
	static const struct { const char *text, *want; } table[] = {
		{ "HTTP/1.1 200 Connection established\r\n\r\nSSH", "1 200 Connection established 3" },
		{ "HTTP/1.0 200\r\nVia: x\r\n\r\n", "1 200  0" },
		{ "HTTP/1.1 403 no \x1b[1m\r\n\r\n", "1 403 no ?[1m 0" },
		{ "HTTP/1.1 403 x\r\n", "0 0  0" },
		{ "HTTP", "0 0  0" },
		{ "SSH-2.0-OpenSSH", "-1 0  0" },
		{ "HTTP/2.0 200 x\r\n\r\n", "-1 0  0" },
		{ "HTTP/1.1 99 x\r\n\r\n", "-1 0  0" },
		{ "HTTP/1.1 2000 x\r\n\r\n", "-1 0  0" },
		{ "HTTP/1.1\r\n\r\n", "-1 0  0" },
		{ "HTTP/1.1 200 x\n\n", "-1 0  0" },
	};
	struct httpconnect_said s;
	const char *why;
	char got[200], what[20];
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int rc = httpconnect_heard(view_of(table[i].text), &s, &why);
		snprintf(got, sizeof got, "%d %u %s %zu", rc, s.status, s.phrase, s.n ? strlen(table[i].text) - s.n : 0);
		snprintf(what, sizeof what, "answer %zu", i);
		check_str(rc < 0 ? "-1 0  0" : got, table[i].want, what);
	}
	struct buf b;
	buf_init(&b, 4096);
	check(httpconnect_answer(&b, 403, "not yours") == 0 && httpconnect_heard(buf_view(&b), &s, &why) == 1 && s.status == 403, "a refusal");
	check_str(s.phrase, "not yours", "and why");
	check(b.len - s.n == strlen("not yours\n"), "and its text");
	b.len = 0;
	check(httpconnect_answer(&b, 200, "") == 0 && httpconnect_heard(buf_view(&b), &s, &why) == 1 && s.n == b.len, "and behind 200 nothing");
	buf_clear(&b);
}

int main(void)
{
	requests();
	refused();
	lengths();
	written();
	answers();
	return tap_done();
}
