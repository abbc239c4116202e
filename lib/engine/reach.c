/* reach.c - a user's grants. A group counts when the security server vouches
 * for it or the groups table has the user in it; the group that was merely
 * asked for at login does not. */
#include "engine/reach.h"

#include <stdio.h>

static int json_string(struct buf *out, struct view v)
{
	int rc = buf_addc(out, '"');
	for (size_t i = 0; i < v.n && rc == 0; i++) {
		unsigned char c = (unsigned char)v.p[i];
		if (c == '"' || c == '\\')
			rc = buf_printf(out, "\\%c", c);
		else
			rc = c < ' ' ? buf_printf(out, "\\u%04x", c) : buf_addc(out, (char)c);
	}
	return rc == 0 ? buf_addc(out, '"') : -1;
}

static int add_group(struct reach *r, struct view name)
{
	if (name.n == 0)
		return 0;
	return r->groups.len > 1 && buf_addc(&r->groups, ',') != 0 ? -1 : json_string(&r->groups, name);
}

static int add_memberships(struct reach *r, struct store *s)
{
	struct sqlite3_stmt *st = store_use(s, false,
		"SELECT \"group\" FROM \"groups\" WHERE \"user\"=:user AND \"domain\" IN (:domain,'*')");
	int rc = st ? 0 : -1, got;
	if (st)
		reach_bind(r, st);
	while (rc == 0 && (got = store_step(s, st)) != 0)
		rc = got < 0 ? -1 : add_group(r, view_of(store_text(st, 0)));
	return rc;
}

/* Is there a row? 1/0/-1. */
static int any(struct reach *r, struct store *s, const char *sql)
{
	struct sqlite3_stmt *st = store_use(s, false, sql);
	if (!st)
		return -1;
	reach_bind(r, st);
	int rc = store_step(s, st);
	if (rc == 1 && store_run(s, st) < 0)
		rc = -1;
	return rc;
}

int reach_of(struct reach *r, struct store *s, struct record *who, time_t now)
{
	struct view rest = record_get(who, "groups"), part;
	*r = (struct reach){ 0 };
	buf_init(&r->groups, 4 * RECORD_LINE_MAX);
	time_text(now, r->now);
	if (!view_str(record_get(who, "user"), r->user, sizeof r->user) || !r->user[0] ||
	    !view_str(record_get(who, "domain"), r->domain, sizeof r->domain))
		return 0;
	int rc = buf_addc(&r->groups, '[');
	while (rc == 0 && view_split(&rest, ',', &part))
		rc = add_group(r, part);
	if (rc == 0)
		rc = add_memberships(r, s);
	if (rc != 0 || buf_add(&r->groups, "]", 2) != 0)
		return -1;
	/* RADIUS and domain servers take a name in any case and with or without its domain: a block means all of these. */
	int blocked = any(r, s, "SELECT 1 FROM users WHERE state='blocked' AND \"user\"=:user COLLATE NOCASE AND "
	                        "(:domain='' OR \"domain\" IN ('','*') OR \"domain\"=:domain COLLATE NOCASE) LIMIT 1");
	int all = blocked ? 0 : any(r, s, "SELECT 1 FROM grants g WHERE g.scope='everything' AND " REACH_GRANT " LIMIT 1");
	r->everything = all == 1;
	return blocked < 0 || all < 0 ? -1 : !blocked;
}

void reach_clear(struct reach *r)
{
	buf_clear(&r->groups);
}

void reach_bind(const struct reach *r, struct sqlite3_stmt *st)
{
	store_binds(st, ":user", r->user);
	store_binds(st, ":domain", r->domain);
	store_bind(st, ":groups", buf_view(&r->groups)); /* no NUL behind it */
	store_binds(st, ":now", r->now);
	store_bindi(st, ":everything", r->everything);
}
