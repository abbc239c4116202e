/* monitor.c - any records as questions to a monitor over a store in memory:
 * every question is answered once and ended once, by done= or error=; what the
 * asker may not see is never in an answer. Two clients: an engineer with a
 * token, whose token= is put into his questions, and a manager. */
#include "engine/load.h"
#include "engine/monitor.h"
#include "fuzz/fuzz.h"
#include "wire/token.h"

#include <openssl/evp.h>
#include <stdlib.h>

static struct loop *loop;
static struct store *store;
static struct monitor *monitor;
static EVP_PKEY *key;
static struct buf token;
static unsigned ends;

static void need(bool ok)
{
	if (!ok)
		abort();
}

static void load(const char *table, const char *line)
{
	struct load l;
	struct record r = { 0 };
	const char *why;
	need(load_begin(&l, store, table_find(table), false) == 0);
	need(record_parse(&r, view_of(line), &why) == 1 && load_row(&l, &r) == 0);
	need(load_end(&l) == 0);
	record_clear(&r);
}

static void open_monitor(void)
{
	char why[256];
	struct monitor_conf conf = { .key = &key, .nkey = 1, .lease_seconds = 1000,
		.session_seconds = 1000, .clients_max = 10 };
	struct record who = { 0 };
	loop = conf.loop = loop_new();
	store = conf.store = store_open(NULL, STORE_MEMORY, why, sizeof why);
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	need(loop && store && key);
	monitor = monitor_new(&conf, why, sizeof why);
	buf_init(&token, TOKEN_MAX);
	record_set(&who, "token_id", "1");
	record_set(&who, "user", "alice");
	record_set(&who, "until", "2100-01-01T00:00:00Z");
	need(monitor && token_sign(&who, key, &token) == 0);
	record_clear(&who);
	load("customers", "customer=acme\tname=Acme Bank");
	load("customers", "customer=hidden\tname=Hidden");
	load("sites", "site=BOS\tcustomer=acme\tregion=us");
	load("systems", "system=A1\tserial=000187\tcustomer=acme\tsite=BOS\tmodel=V5\tphone=+16175550142");
	load("systems", "system=H1\tserial=000188\tcustomer=hidden");
	load("endpoints", "system=A1\tdial=tcp:h:1\tsecret=s");
	load("endpoints", "system=H1\tdial=tcp:h:1\tsecret=s");
	load("routers", "router=r1\taddress=h\tmax_calls=1");
	load("router_may", "router=r1\tscope=all");
	load("grants", "user=alice\tscope=customer\tobject=acme");
}

static void answered(void *arg, struct record *r)
{
	const bool *manager = arg;
	bool end = record_has(r, "done") || record_has(r, "error");
	need(r->n > 0);
	need(*manager || (!view_is(record_get(r, "customer"), "Hidden") && !view_is(record_get(r, "system"), "H1")));
	need(!record_has(r, "token") && (!*manager || !record_has(r, "secret")));
	ends += end;
}

static void ask(struct monitor_client *c, struct record *q, bool with_token)
{
	struct record own = { 0 };
	bool watch = view_is(record_get(q, "op"), "watch");
	ends = 0;
	need(record_copy(&own, q) == 0);
	if (with_token && !record_has(&own, "token") && record_setv(&own, view_of("token"), buf_view(&token)) != 0)
		goto out; /* no room for it */
	monitor_ask(c, &own);
	for (unsigned n = 0; monitor_work(monitor); n++)
		need(n < 1000);
	need(watch ? ends <= 1 : ends == 1);
out:
	record_clear(&own);
}

void fuzz_one(const uint8_t *p, size_t n)
{
	static const bool engineer_is = false, manager_is = true;
	union { const bool *c; void *v; } engineer_arg = { &engineer_is }, manager_arg = { &manager_is };
	struct view rest = { (const char *)p, n }, line;
	struct record q = { 0 };
	const char *why;
	if (!monitor)
		open_monitor();
	struct monitor_client *engineer = monitor_client_new(monitor, false, answered, engineer_arg.v);
	struct monitor_client *manager = monitor_client_new(monitor, true, answered, manager_arg.v);
	need(engineer && manager);
	while (view_split(&rest, '\n', &line))
		if (record_parse(&q, line, &why) == 1) {
			ask(engineer, &q, true);
			ask(manager, &q, false);
		}
	store_execute(store, true, "DELETE FROM leases; DELETE FROM calls");
	monitor_client_free(engineer);
	monitor_client_free(manager);
	record_clear(&q);
}
