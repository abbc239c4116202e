/* table.c - the tables. Primary keys first; a key column is text and never NULL.
 * What is configuration is in one file, what the monitor writes (live) in a
 * second beside it, so that replacing a million systems keeps no call waiting. */
#include "engine/table.h"

#include <stdint.h>

#define POLICIES "nearest roundrobin leastloaded"
#define KEY(n) { .name = n, .flags = COL_KEY | COL_NEED }
#define KEYREF(n, t) { .name = n, .flags = COL_KEY | COL_NEED, .ref = t }
#define TEXT(n) { .name = n }
#define NEED(n) { .name = n, .flags = COL_NEED }
#define WORD(n, words, dflt) { .name = n, .kind = COL_WORD, .spec = words, .unset = dflt }
#define TIME(n) { .name = n, .kind = COL_TIME }
#define LAT { .name = "lat", .kind = COL_REAL, .min = -90, .max = 90 }
#define LON { .name = "lon", .kind = COL_REAL, .min = -180, .max = 180 }
#define MADE(n, k, of) { .name = n, .kind = k, .spec = of }
#define INDEX(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct table tables[] = {
	{ .name = "users", .col = {
		{ .name = "user", .kind = COL_NAMES, .flags = COL_KEY | COL_NEED },
		{ .name = "domain", .flags = COL_KEY },
		TEXT("name"), TEXT("mail"), { .name = "phone", .kind = COL_PHONE },
		WORD("state", "ok blocked", "ok") } },
	{ .name = "groups", .index = INDEX("user"), .col = {
		{ .name = "group", .kind = COL_NAMES, .flags = COL_KEY | COL_NEED },
		KEY("user"), { .name = "domain", .flags = COL_KEY } } },
	{ .name = "grants", .one_of = "user group", .index = INDEX("group,scope,object", "scope,object"), .col = {
		{ .name = "user", .kind = COL_NAMES, .flags = COL_KEY },
		{ .name = "domain", .flags = COL_KEY },
		{ .name = "group", .kind = COL_NAMES, .flags = COL_KEY },
		{ .name = "scope", .kind = COL_WORD, .flags = COL_KEY | COL_NEED, .spec = "everything customer site system" },
		{ .name = "object", .kind = COL_OBJECT, .flags = COL_KEY },
		{ .name = "valid_from", .kind = COL_TIME, .flags = COL_KEY },
		TIME("valid_until"),
		{ .name = "window", .kind = COL_WINDOW }, { .name = "zone", .kind = COL_ZONE }, { .name = "ports", .kind = COL_PORTS } } },
	{ .name = "customers", .col = {
		KEY("customer"),
		{ .name = "name", .unset = "=customer" },
		WORD("policy", POLICIES, NULL),
		MADE("name_fold", COL_FOLDED, "name") } },
	{ .name = "sites", .index = INDEX("customer", "site_fold", "region_fold"), .col = {
		KEY("site"),
		{ .name = "customer", .flags = COL_NEED, .ref = "customers" },
		TEXT("name"), TEXT("region"), LAT, LON,
		WORD("policy", POLICIES, NULL),
		MADE("site_fold", COL_FOLDED, "site"), MADE("region_fold", COL_FOLDED, "region") } },
	{ .name = "systems",
	  .index = INDEX("serial_fold", "serial_back", "customer", "site", "model_fold", "phone_back"), .col = {
		KEY("system"), NEED("serial"),
		{ .name = "customer", .flags = COL_NEED, .ref = "customers" },
		{ .name = "site", .ref = "sites" },
		TEXT("model"), { .name = "phone", .kind = COL_PHONE }, TEXT("note"),
		MADE("serial_fold", COL_SERIAL, "serial"), MADE("serial_back", COL_SERIAL_BACK, "serial"),
		MADE("model_fold", COL_FOLDED, "model"), MADE("phone_back", COL_PHONE_BACK, "phone") } },
	{ .name = "endpoints", .any_of = "phone dial", .index = INDEX("phone_back"), .col = {
		KEYREF("system", "systems"),
		{ .name = "priority", .kind = COL_INT, .flags = COL_KEY, .min = 0, .max = 1000, .unset = "1" },
		TEXT("processor"), { .name = "phone", .kind = COL_PHONE }, { .name = "dial", .kind = COL_DIAL },
		{ .name = "secret", .kind = COL_SECRET },
		MADE("phone_back", COL_PHONE_BACK, "phone") } },
	{ .name = "routers", .col = {
		KEY("router"), NEED("address"),
		{ .name = "port", .kind = COL_INT, .min = 1, .max = 65535, .unset = "23" },
		{ .name = "profile", .unset = "sp-nas" },
		TEXT("region"), LAT, LON, TEXT("alias_pool"),
		{ .name = "customer", .ref = "customers" },
		WORD("dedicated", "only prefer", NULL),
		{ .name = "max_calls", .kind = COL_INT, .min = 0, .max = 1000000 },
		WORD("state", "up down", "up"), TEXT("profile_args") } },
	{ .name = "router_may", .col = {
		KEYREF("router", "routers"),
		{ .name = "scope", .kind = COL_WORD, .flags = COL_KEY | COL_NEED, .spec = "all customer site" },
		{ .name = "object", .kind = COL_OBJECT, .flags = COL_KEY } } },
	{ .name = "lines", .col = {
		KEYREF("router", "routers"), KEY("line"),
		{ .name = "phone", .kind = COL_PHONE },
		WORD("state", "ok out", "ok") } },
	{ .name = "leases", .live = true, .unique = "system", .index = INDEX("router", "until", "session", "ticket", "inside"), .col = {
		KEY("lease"), NEED("session"), NEED("system"), NEED("user"), TEXT("domain"), TEXT("workstation"),
		NEED("router"), TEXT("line"), TEXT("phone"), TIME("since"),
		{ .name = "until", .kind = COL_TIME, .flags = COL_NEED },
		TEXT("token_id"), TEXT("request"), TEXT("ticket"), TEXT("inside") } },
	{ .name = "calls", .live = true, .index = INDEX("router,number", "system", "number"), .col = {
		KEY("session"), { .name = "number", .kind = COL_INT, .min = 0, .max = 1e15 }, NEED("system"), NEED("user"), TEXT("domain"), TEXT("workstation"),
		NEED("router"), TEXT("line"), TEXT("phone"), TEXT("sp_address"), TEXT("alias"),
		{ .name = "speed", .kind = COL_INT, .min = 0, .max = 1e12 },
		WORD("state180", "reserved open ended", "reserved"), TIME("from180"), TIME("until180"),
		WORD("state182", "dialing ringing connected authenticating up down", NULL), TIME("from182"), TIME("up182"),
		TIME("until182"), TEXT("reason"), TEXT("ticket"), TEXT("tunnel") } },
	{ .name = "line_states", .live = true, .col = {
		KEY("router"), KEY("line"),
		{ .name = "line_state", .kind = COL_WORD, .flags = COL_NEED, .spec = "idle dialing connected failed busy" },
		TEXT("phone"), TEXT("reason"), TEXT("detail"), TIME("since") } },
	{ .name = "permits", .live = true, .col = {
		KEY("serial"), { .name = "sequence", .kind = COL_INT, .flags = COL_NEED, .min = 1, .max = UINT32_MAX } } },
	{ .name = NULL }
};

const struct table *table_find(const char *name)
{
	for (const struct table *t = tables; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

const struct col *table_col(const struct table *t, const char *name)
{
	for (const struct col *c = t->col; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

const char *table_of_scope(const char *scope)
{
	return strcmp(scope, "customer") == 0 ? "customers"
	       : strcmp(scope, "site") == 0   ? "sites"
	       : strcmp(scope, "system") == 0 ? "systems"
	                                      : NULL;
}

static int column_sql(const struct col *c, struct buf *sql)
{
	const char *type = c->kind == COL_INT ? "INTEGER" : c->kind == COL_REAL ? "REAL" : "TEXT";
	bool null = (c->kind == COL_INT || c->kind == COL_REAL) && !(c->flags & COL_KEY);
	return buf_printf(sql, "\n  \"%s\" %s%s,", c->name, type, null ? "" : " NOT NULL DEFAULT ''");
}

int table_create(const struct table *t, struct buf *sql)
{
	const char *sep = "";
	if (buf_printf(sql, "CREATE TABLE \"%s\"(", t->name) != 0)
		return -1;
	for (const struct col *c = t->col; c->name; c++)
		if (column_sql(c, sql) != 0)
			return -1;
	buf_adds(sql, "\n  PRIMARY KEY(");
	for (const struct col *c = t->col; c->name; c++)
		if (c->flags & COL_KEY) {
			buf_printf(sql, "%s\"%s\"", sep, c->name);
			sep = ", ";
		}
	if (t->unique)
		buf_printf(sql, "), UNIQUE(\"%s\"", t->unique);
	return buf_adds(sql, ")) WITHOUT ROWID;\n");
}

int table_index(const struct table *t, struct buf *sql)
{
	int rc = 0;
	for (const char *const *i = t->index; i && *i && rc == 0; i++) {
		rc = buf_printf(sql, "CREATE INDEX \"%s_%s\" ON \"%s\"(", t->name, *i, t->name);
		struct view rest = view_of(*i), part;
		for (const char *sep = ""; rc == 0 && view_split(&rest, ',', &part); sep = ", ")
			rc = buf_printf(sql, "%s\"%.*s\"", sep, (int)part.n, part.p);
		if (rc == 0)
			rc = buf_adds(sql, ");\n");
	}
	return rc;
}

int table_schema(bool live, struct buf *sql)
{
	for (const struct table *t = tables; t->name; t++)
		if (t->live == live && (table_create(t, sql) != 0 || table_index(t, sql) != 0))
			return -1;
	return 0;
}
