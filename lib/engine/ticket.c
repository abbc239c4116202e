/* ticket.c - the names in service tickets (step 300): one table of synonyms.
 * Refuses a ticket that gives two different values for the same thing, because
 * the wrong one would send somebody to the wrong system. */
#include "engine/ticket.h"

#include <errno.h>
#include <stdio.h>

const char ticket_looked_for[] =
	"serial (or serial_number, serial_no, sn, system.serial), customer (or customer_name, "
	"customer.name, company), site (or site_id, site.id, location), phone (or phone_number, "
	"telephone, modem.phone)";

/* Names as squeeze() leaves them. A weak one counts only when no other is
 * there, in the order of this table; until then it keeps its own name. */
static const struct synonym {
	const char *name, *stands_for;
	bool weak;
} synonyms[] = {
	{ "ticket", "ticket", false },
	{ "ticketid", "ticket", false },
	{ "ticketno", "ticket", false },
	{ "ticketnumber", "ticket", false },
	{ "incidentid", "ticket", false },
	{ "incidentnumber", "ticket", false },
	{ "caseid", "ticket", false },
	{ "casenumber", "ticket", false },
	{ "incident", "ticket", true },
	{ "case", "ticket", true },
	{ "number", "ticket", true },
	{ "id", "ticket", true },
	{ "serial", "serial", false },
	{ "serialno", "serial", false },
	{ "serialnumber", "serial", false },
	{ "sn", "serial", false },
	{ "systemserial", "serial", false },
	{ "systemserialnumber", "serial", false },
	{ "machineserial", "serial", false },
	{ "deviceserial", "serial", false },
	{ "customer", "customer", false },
	{ "customername", "customer", false },
	{ "customer.name", "customer", false },
	{ "account.name", "customer", true },
	{ "company.name", "customer", true },
	{ "company", "customer", true },
	{ "accountname", "customer", true },
	{ "site", "site", false },
	{ "siteid", "site", false },
	{ "sitecode", "site", false },
	{ "site.id", "site", false },
	{ "site.code", "site", false },
	{ "site.name", "site", true },
	{ "sitename", "site", true },
	{ "location.id", "site", true },
	{ "location", "site", true },
	{ "phone", "phone", false },
	{ "phonenumber", "phone", false },
	{ "telephone", "phone", false },
	{ "modem.phone", "phone", false },
	{ "line.phone", "phone", false },
	{ "modemphone", "phone", false },
	{ "model", "model", false },
	{ "modelname", "model", false },
	{ "systemmodel", "model", false },
	{ "machinetype", "model", true },
	{ "product", "model", true },
	{ "region", "region", false },
	{ "site.region", "region", true },
	{ "location.region", "region", true },
	{ "problem", "problem", false },
	{ "problemdescription", "problem", false },
	{ "symptom", "problem", true },
	{ "summary", "problem", true },
	{ "subject", "problem", true },
	{ "title", "problem", true },
	{ "description", "problem", true },
};
#define SYNONYMS (sizeof synonyms / sizeof synonyms[0])

/* Objects whose fields mean the same as fields of the ticket itself. */
static const struct parent {
	const char *name;
	bool ticket; /* is the ticket, and not the system: its id and description count */
} parents[] = {
	{ "ticket", true }, { "incident", true }, { "case", true },
	{ "system", false }, { "machine", false }, { "device", false },
	{ "array", false }, { "asset", false },
};

/* What the tools that follow would act upon. */
static const char *const reserved[] = { "error", "step", "detail", "hold", "token", "secret",
	"permit", "password", "session", "lease", "state" };

#define NAME_MAX_ 64

/* Lower-case letters, digits and inner dots only. */
static void squeeze(struct view key, char out[NAME_MAX_])
{
	size_t n = 0;
	for (size_t i = 0; i < key.n && n < NAME_MAX_ - 1; i++) {
		char c = key.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')
			out[n++] = c;
	}
	while (n && out[n - 1] == '.')
		n--;
	out[n] = '\0';
}

static const struct synonym *by_name(const char *name)
{
	for (size_t i = 0; i < SYNONYMS; i++)
		if (strcmp(synonyms[i].name, name) == 0)
			return &synonyms[i];
	return NULL;
}

static const struct synonym *synonym_of(struct view key)
{
	char name[NAME_MAX_];
	squeeze(key, name);
	const struct synonym *s = by_name(name);
	const char *dot = strchr(name, '.');
	if (s || !dot)
		return s;
	for (size_t i = 0; i < sizeof parents / sizeof parents[0]; i++) {
		size_t n = strlen(parents[i].name);
		if ((size_t)(dot - name) != n || memcmp(name, parents[i].name, n) != 0)
			continue;
		s = by_name(dot + 1);
		if (s && (parents[i].ticket || (strcmp(s->stands_for, "ticket") != 0 &&
		                                strcmp(s->stands_for, "problem") != 0)))
			return s;
	}
	return NULL;
}

static struct view trimmed(struct view v)
{
	while (v.n && (v.p[0] == ' ' || v.p[0] == '\t' || v.p[0] == '\n' || v.p[0] == '\r'))
		v = (struct view){ v.p + 1, v.n - 1 };
	while (v.n && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t' || v.p[v.n - 1] == '\n' ||
	               v.p[v.n - 1] == '\r'))
		v.n--;
	return v;
}

static const char *put_known(struct record *r, const char *name, struct view value)
{
	struct view had = record_get(r, name);
	value = trimmed(value);
	if (had.n && value.n && !view_eq(had, value))
		return "two different values for the same thing (serial, customer, site ...)";
	if (value.n == 0 && had.p)
		return NULL;
	if (record_setv(r, view_of(name), value) != 0)
		return errno == EMSGSIZE ? "line over 64 KiB" : "NUL in a value, or out of memory";
	return NULL;
}

static const char *put_other(struct record *r, struct view key, struct view value, bool foreign)
{
	char name[256];
	int pre = 0;
	for (size_t i = 0; foreign && i < sizeof reserved / sizeof reserved[0]; i++)
		if (view_is(key, reserved[i]))
			pre = snprintf(name, sizeof name, "ticket.");
	if (key.n == 0 || key.n >= sizeof name - (size_t)pre)
		return "empty key, or one over 250 bytes";
	for (size_t i = 0; i < key.n; i++)
		name[(size_t)pre + i] = record_key_ok((struct view){ key.p + i, 1 }) ? key.p[i] : '_';
	struct view k = { name, (size_t)pre + key.n };
	struct field *f = record_find(r, k);
	if (f && !view_eq(field_value(r, f), value))
		return "two different values under one key";
	if (record_setv(r, k, value) != 0)
		return errno == EMSGSIZE ? "line over 64 KiB" : "NUL in a value, or out of memory";
	return NULL;
}

const char *ticket_put(struct record *r, struct view key, struct view value, bool foreign)
{
	const struct synonym *s = synonym_of(key);
	if (s && !s->weak)
		return put_known(r, s->stands_for, value);
	return put_other(r, key, value, foreign);
}

/* The first field of that weak name, in the order of the table, takes the
 * known one's place. */
static struct field *weak_field(const struct record *r, const struct synonym *s)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->field[i].raw.n && synonym_of(r->field[i].key) == s)
			return &r->field[i];
	return NULL;
}

void ticket_settle(struct record *r)
{
	for (size_t i = 0; i < SYNONYMS; i++) {
		const struct synonym *s = &synonyms[i];
		struct field *f = s->weak && record_get(r, s->stands_for).n == 0 ? weak_field(r, s) : NULL;
		if (!f)
			continue;
		/* An empty strong one makes room. */
		struct view key = f->key;
		record_drop(r, s->stands_for);
		f = record_find(r, key);
		if (f)
			f->key = view_of(s->stands_for);
	}
}

bool ticket_identity(struct record *r)
{
	static const char *const names[] = { "serial", "customer", "site", "phone" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (record_get(r, names[i]).n)
			return true;
	return false;
}
