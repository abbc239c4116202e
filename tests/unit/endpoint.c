/* endpoint.c - the ways to call a system, tried in their order. */
#include "base/buf.h"
#include "tool/endpoint.h"
#include "unit/tap.h"

static struct record r;

static void is(const char *want, const char *what)
{
	struct buf b;
	char text[512];
	buf_init(&b, sizeof text);
	record_write(&r, &b);
	b.len -= b.len > 0; /* LF */
	view_str(buf_view(&b), text, sizeof text);
	check_str(text, want, what);
	buf_clear(&b);
}

static void has(const char *text)
{
	const char *why;
	record_clear(&r);
	record_parse(&r, view_of(text), &why);
}

int main(void)
{
	has("dial=a\tphone=1\tsecret=x\tdial2=b\tphone2=2\tdial3=c\tsecret3=z");
	check(!endpoint_next(&r, 320) && !endpoint_next(&r, 332), "not after what another way would not change");
	check(endpoint_next(&r, 325), "the second");
	is("dial=b\tphone=2\tdial2=c\tsecret2=z", "each moves on; what the second has not, the first had alone");
	check(endpoint_next(&r, 334), "the third");
	is("dial=c\tsecret=z", "and nothing of those before");
	check(!endpoint_next(&r, 325), "no more");
	is("dial=c\tsecret=z", "it stays");
	has("dial=a\tdial2=b\tphone2=2\tsecret3=x\tsession=s");
	endpoint_last(&r);
	is("dial=a\tsession=s", "the others are dropped");
	record_clear(&r);
	return tap_done();
}
