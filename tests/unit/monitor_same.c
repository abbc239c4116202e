/* monitor_same.c - what a monitor says of a system that is another's, and of one that is
 * not there: the same records, and of an allocation no more time than twice the other. The
 * least of many takes is compared, so that a busy machine changes nothing. A search says
 * nothing when its work is done, but later, at the same time for both. */
#include "engine/load.h"
#include "engine/monitor.h"
#include "unit/tap.h"
#include "wire/token.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <time.h>

#define TAKES 300
#define SEARCHES 8 /* each of which waits */
#define SLOT 20    /* ms */

static struct store *store;
static struct monitor *monitor;
static struct monitor_conf conf;
static EVP_PKEY *key;
static struct buf token, said;

static void load(const char *table, const char *line)
{
	struct load l;
	struct record r = { 0 };
	const char *why = "";
	if (load_begin(&l, store, table_find(table), false) != 0 || record_parse(&r, view_of(line), &why) != 1 ||
	    load_row(&l, &r) != 0 || load_end(&l) != 0)
		printf("# %s: %s %s\n", table, why, l.why);
	record_clear(&r);
}

static void fill(void)
{
	char line[128];
	load("customers", "customer=acme");
	load("customers", "customer=globex");
	for (unsigned i = 0; i < 200; i++) {
		snprintf(line, sizeof line, "system=S%u\tserial=%012u\tcustomer=%s\tphone=+4940%08u", i, 1000 + i, i % 2 ? "acme" : "globex", i);
		load("systems", line);
		snprintf(line, sizeof line, "user=u%u\tscope=customer\tobject=%s", i, i % 3 ? "acme" : "globex");
		load("grants", line);
	}
	load("grants", "user=bob\tscope=customer\tobject=globex");
}

static void begin(void)
{
	char why[256] = "";
	struct record who = { 0 };
	conf = (struct monitor_conf){ .key = &key, .nkey = 1, .lease_seconds = 100, .session_seconds = 100, .clients_max = 10, .nothing_ms = SLOT };
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	conf.loop = loop_new();
	store = conf.store = store_open(NULL, STORE_MEMORY, why, sizeof why);
	monitor = monitor_new(&conf, why, sizeof why);
	buf_init(&token, TOKEN_MAX);
	buf_init(&said, 1u << 20);
	record_set(&who, "token_id", "1");
	record_set(&who, "user", "bob");
	record_set(&who, "until", "2100-01-01T00:00:00Z");
	check(monitor && token_sign(&who, key, &token) == 0, "a monitor %s", why);
	record_clear(&who);
}

static void on_answer(void *arg, struct record *r)
{
	(void)arg;
	record_write(r, &said);
	loop_stop(conf.loop);
}

/* One question; nanoseconds. Is it answered when its work is done? */
static int64_t take(struct monitor_client *c, const char *line, bool *at_once)
{
	struct record q = { 0 };
	struct timespec from, to;
	const char *why;
	said.len = 0;
	record_parse(&q, view_of(line), &why);
	record_setv(&q, view_of("token"), buf_view(&token));
	clock_gettime(CLOCK_MONOTONIC, &from);
	monitor_ask(c, &q);
	while (monitor_work(monitor))
		;
	*at_once = said.len > 0;
	while (said.len == 0 && loop_run(conf.loop) == 0)
		;
	clock_gettime(CLOCK_MONOTONIC, &to);
	record_clear(&q);
	return (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec;
}

/* The least time of each; are all the same bytes, and is none or all answered at once? */
static bool compare(struct monitor_client *c, unsigned takes, const char *const line[2], int64_t least[2], bool *at_once)
{
	struct buf first;
	bool same = true, now;
	buf_init(&first, 1u << 20);
	least[0] = least[1] = INT64_MAX;
	take(c, line[0], at_once);
	buf_addv(&first, buf_view(&said));
	for (unsigned i = 0; i < 2 * takes; i++) {
		int64_t ns = take(c, line[i % 2], &now);
		same = same && now == *at_once && view_eq(buf_view(&said), buf_view(&first));
		if (ns < least[i % 2])
			least[i % 2] = ns;
	}
	buf_clear(&first);
	return same;
}

static void same(struct monitor_client *c, const char *forbidden, const char *unknown)
{
	int64_t least[2];
	bool at_once;
	check(compare(c, TAKES, (const char *const[]){ forbidden, unknown }, least, &at_once) && at_once, "the same bytes: %s", forbidden);
	check(least[0] < 2 * least[1] && least[1] < 2 * least[0], "and about the same time: %lld ns, unknown %lld ns",
	      (long long)least[0], (long long)least[1]);
}

static void same_later(struct monitor_client *c, const char *forbidden, const char *unknown)
{
	int64_t least[2], slot = SLOT * 1000000LL;
	bool at_once;
	check(compare(c, SEARCHES, (const char *const[]){ forbidden, unknown }, least, &at_once) && !at_once,
	      "the same bytes, and not when the work is done: %s", forbidden);
	check(least[0] / slot == 1 && least[1] / slot == 1, "but at the end of the first %d ms: %lld ns, unknown %lld ns", SLOT,
	      (long long)least[0], (long long)least[1]);
}

int main(void)
{
	char why[256] = "";
	begin();
	fill();
	struct monitor_client *c = monitor_client_new(monitor, false, on_answer, NULL);
	same(c, "op=alloc\tid=1\tsystem=S1", "op=alloc\tid=1\tsystem=S999");
	same_later(c, "op=search\tid=1\tserial=000000001001", "op=search\tid=1\tserial=000000009999");
	same_later(c, "op=search\tid=1\tphone=+494000000001", "op=search\tid=1\tphone=+494099999999");
	same_later(c, "op=search\tid=1\tcustomer=acme", "op=search\tid=1\tcustomer=none");
	monitor_free(monitor);
	conf.verify_ticket = "cat";
	conf.ticket_check_ms = 1000000;
	monitor = monitor_new(&conf, why, sizeof why);
	c = monitor_client_new(monitor, false, on_answer, NULL);
	same(c, "op=alloc\tid=1\tsystem=S1\tticket=T", "op=alloc\tid=1\tsystem=S999\tticket=T");
	monitor_free(monitor);
	loop_free(conf.loop);
	store_close(store);
	buf_clear(&token);
	buf_clear(&said);
	EVP_PKEY_free(key);
	return tap_done();
}
