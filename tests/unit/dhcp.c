/* dhcp.c - every packet of tests/data/dhcp is answered, or not, as written there, by a
 * link whose ends are 192.0.2.1, we, and 192.0.2.2; and, whatever the file says, an
 * answer's checksums are what a full computation gives. The words of a file: the
 * largest packet that the peer takes, and the verdict. */
#include "unit/fixture.h"
#include "unit/flow.h"
#include "wire/dhcp.h"

static enum dhcp_verdict ask(const struct fixture *f, size_t n, struct out *to)
{
	struct dhcp_link l = { 0xc0000201u, 0xc0000202u, 1500, (uint16_t)strtoul(f->word, NULL, 10) };
	uint8_t *p = exactly(f->before, n);
	enum dhcp_verdict v = dhcp_answer(&l, p, n, to);
	free(p);
	return v;
}

static bool sums_right(const uint8_t *p, size_t n)
{
	uint32_t pseudo = flow_sum(17 + (uint32_t)n - 20, p + 12, 8);
	return flow_fold(flow_sum(0, p, 20)) == 0 && flow_fold(flow_sum(pseudo, p + 20, n - 20)) == 0;
}

static void answered(const char *name, const struct fixture *f, const uint8_t *p, size_t n)
{
	check(n == f->nafter && same(p, f->after, n), "%s: the answer is as written (%zu bytes, not %zu)", name, f->nafter, n);
	check(n > 20 && sums_right(p, n), "%s: its checksums are what a full computation gives", name);
}

/* What arrives cut is not whole by its IP header. */
static void cut(const char *name, const struct fixture *f)
{
	bool all = true;
	size_t total = (size_t)(f->before[2] << 8 | f->before[3]);
	for (size_t n = 0; n < total; n++) {
		uint8_t b[DHCP_ANSWER_MAX];
		struct out to = out_of(b, sizeof b);
		enum dhcp_verdict v = ask(f, n, &to);
		all = all && v == (n < 28 ? DHCP_OTHER : DHCP_IP) && out_len(&to) == 0;
	}
	check(all, "%s: cut anywhere it is not answered", name);
}

static void each(const char *name, const struct fixture *f)
{
	uint8_t b[DHCP_ANSWER_MAX];
	struct out to = out_of(b, sizeof b);
	enum dhcp_verdict v = ask(f, f->nbefore, &to);
	char what[256];
	snprintf(what, sizeof what, "%s: %s", name, f->title);
	check_str(dhcp_verdict_name(v), f->verdict, what);
	if (v != DHCP_ANSWER)
		return;
	answered(name, f, b, out_len(&to));
	cut(name, f);
}

int main(void)
{
	fixtures_each("dhcp", each);
	check_str(dhcp_verdict_name(DHCP_VERDICTS), "unknown", "a verdict that does not exist has a name");
	return tap_done();
}
