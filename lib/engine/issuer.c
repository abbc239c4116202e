/* issuer.c - permits for leases. Numbers of a system go up by one, but are never below
 * the time in seconds: a monitor whose store was lost is still ahead of what service
 * processors have seen. */
#include "engine/issuer.h"

#include "base/num.h"
#include "engine/calls.h"
#include "engine/endpoints.h"
#include "wire/permit.h"

#include <arpa/inet.h>
#include <sqlite3.h>
#include <stdio.h>

static int serial_of(struct store *s, const char *system, char *out, size_t size)
{
	struct sqlite3_stmt *st = store_use(s, false, "SELECT serial FROM systems WHERE system=:system");
	int rc = -1;
	if (st) {
		store_binds(st, ":system", system);
		rc = store_step(s, st) == 1 && view_str(view_of(store_text(st, 0)), out, size) ? 0 : -1;
		sqlite3_reset(st);
	}
	return rc;
}

static int next_number(struct store *s, const char *serial, time_t now, uint32_t *number)
{
	struct sqlite3_stmt *st = store_use(s, true,
		"INSERT INTO permits(serial, sequence) VALUES(:serial, :now) "
		"ON CONFLICT(serial) DO UPDATE SET sequence=max(sequence+1, :now) RETURNING sequence");
	if (!st)
		return -1;
	store_binds(st, ":serial", serial);
	store_bindi(st, ":now", now);
	bool got = store_step(s, st) == 1;
	int64_t n = got ? sqlite3_column_int64(st, 0) : 0;
	*number = (uint32_t)n;
	return got && store_run(s, st) == 0 && n > 0 && n <= UINT32_MAX ? 0 : -1;
}

static const char *set_user(struct permit *p, struct record *lease)
{
	const char *user = record_str(lease, "user"), *domain = record_str(lease, "domain");
	char name[600];
	if (!user)
		return "the lease has no user";
	snprintf(name, sizeof name, "%s%s%s", domain ? domain : "", domain && *domain ? "\\" : "", user);
	return permit_set_name(&p->user, view_of(name));
}

static bool address(struct record *lease, const char *key, uint32_t *to)
{
	const char *text = record_str(lease, key);
	struct in_addr a;
	if (!text || inet_pton(AF_INET, text, &a) != 1)
		return false;
	*to = ntohl(a.s_addr);
	return true;
}

static const char *set_who(struct permit *p, struct record *lease, const char *serial)
{
	const char *why;
	if (!address(lease, "workstation", &p->workstation))
		return "workstation= must be an IPv4 address for a permit";
	if (record_get(lease, "inside").n && !address(lease, "inside", &p->inside))
		return "inside= of the lease is no IPv4 address";
	why = permit_set_session(p, record_get(lease, "session"));
	if (!why)
		why = set_user(p, lease);
	if (!why && record_get(lease, "ticket").n)
		why = permit_set_name(&p->ticket, record_get(lease, "ticket"));
	if (!why)
		why = permit_set_name(&p->router, record_get(lease, "router"));
	return why ? why : permit_set_name(&p->serial, view_of(serial));
}

static const char *set_dials(struct permit *p, struct record *how)
{
	char key[24] = "dial";
	const char *why = NULL;
	for (unsigned n = 2; !why && record_get(how, key).n; n++) {
		why = permit_add_dial(p, record_get(how, key));
		snprintf(key, sizeof key, "dial%u", n);
	}
	return why;
}

static time_t earlier(time_t a, time_t b)
{
	return a < b ? a : b;
}

/* Does the router take a later permit while a call lasts? Ours do. One that was bought was told
 * the permit as a password once: it has to be good for all of the session. 1/0/-1. */
static int takes_later(struct store *s, struct record *lease)
{
	struct sqlite3_stmt *st = store_use(s, false, "SELECT 1 FROM routers WHERE router=:router AND profile<>'sp-nas'");
	if (!st)
		return -1;
	store_binds(st, ":router", record_str(lease, "router"));
	int bought = store_step(s, st);
	sqlite3_reset(st);
	return bought < 0 ? -1 : !bought;
}

static void set_times(const struct issuer *i, struct permit *p, struct record *lease, uint64_t life, time_t now, time_t end)
{
	time_t since;
	if (!time_parse(record_get(lease, "since"), &since))
		since = now;
	p->issued = now;
	p->until = earlier(end, since + (time_t)i->session_seconds);
	if (life)
		p->until = earlier(p->until, now + (time_t)life);
	p->connect_by = earlier(p->until, now + (time_t)i->connect_seconds);
}

static enum sp_exit no(struct record *answer, const char *why)
{
	record_clear(answer);
	return record_set(answer, "detail", why) == 0 ? SP_USAGE : SP_SYSTEM;
}

static enum sp_exit sign(const struct issuer *i, struct permit *p, struct record *answer)
{
	struct buf text;
	char until[TIME_TEXT];
	time_text(p->until, until);
	buf_init(&text, PERMIT_TEXT_MAX);
	const char *why = permit_sign(p, i->key, &text);
	enum sp_exit status = SP_SYSTEM;
	if (why)
		status = no(answer, why);
	else if (record_setv(answer, view_of("permit"), buf_view(&text)) == 0 && record_set(answer, "until", until) == 0)
		status = SP_OK;
	buf_clear(&text);
	return status;
}

static enum sp_exit issue(const struct issuer *i, struct store *s, struct record *lease, time_t now, struct record *answer)
{
	struct permit p = { 0 };
	struct record how = { 0 };
	char serial[256] = "";
	const char *system = record_str(lease, "system"), *why = NULL;
	enum sp_exit status = SP_SYSTEM;
	time_t end;
	int later;
	if (!system || serial_of(s, system, serial, sizeof serial) != 0 || next_number(s, serial, now, &p.sequence) != 0 ||
	    endpoints_put(s, system, &how) < 0 || (later = takes_later(s, lease)) < 0)
		goto out;
	if (!time_parse(record_get(answer, "until"), &end))
		end = UINT32_MAX;
	set_times(i, &p, lease, later ? i->life_seconds : 0, now, end);
	why = set_who(&p, lease, serial);
	if (!why)
		why = set_dials(&p, &how);
	if (!why)
		ports_parse(record_get(answer, "ports"), &p.ports, &why);
	status = why ? no(answer, why) : sign(i, &p, answer);
out:
	record_clear(&how);
	return status;
}

enum sp_exit issuer_permit(const struct issuer *i, struct store *s, const char *lease, time_t now, struct record *answer)
{
	struct record row = { 0 };
	enum sp_exit status = i && i->key ? SP_SYSTEM : SP_OK;
	if (status != SP_OK && lease && calls_lease(s, lease, &row) == 1)
		status = issue(i, s, &row, now, answer);
	record_clear(&row);
	return status;
}
