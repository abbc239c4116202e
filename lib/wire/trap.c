/* trap.c - SP-MIB as one table of keys, and what else a notification can say.
 * Refuses, of its own MIB, a binding that has not its object's type and a
 * notification without snmpTrapOID. Of another's, text that is not printable
 * becomes 0x and hexadecimal digits, and what cannot be a field is left out. */
#include "wire/trap.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#define SP 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 4341
#define OIDS(...) { (const trap_id[]){ __VA_ARGS__ }, sizeof((const trap_id[]){ __VA_ARGS__ }) / sizeof(trap_id) }

static const struct trap_oid sys_uptime = OIDS(1, 3, 6, 1, 2, 1, 1, 3, 0);
static const struct trap_oid trap_oid0 = OIDS(1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0);
static const trap_id standard_traps[] = { 1, 3, 6, 1, 6, 3, 1, 1, 5 };

static const struct { const char *word; struct trap_oid oid; } kinds[] = {
	{ "callState", OIDS(SP, 0, 1) },
	{ "callUp", OIDS(SP, 0, 2) },
	{ "callDown", OIDS(SP, 0, 3) },
	{ "lineState", OIDS(SP, 0, 4) },
	{ "coldStart", OIDS(1, 3, 6, 1, 6, 3, 1, 1, 5, 1) },
	{ "warmStart", OIDS(1, 3, 6, 1, 6, 3, 1, 1, 5, 2) },
	{ "linkDown", OIDS(1, 3, 6, 1, 6, 3, 1, 1, 5, 3) },
	{ "linkUp", OIDS(1, 3, 6, 1, 6, 3, 1, 1, 5, 4) },
	{ "authenticationFailure", OIDS(1, 3, 6, 1, 6, 3, 1, 1, 5, 5) },
};

static const char *const states[] = { "dialing", "ringing", "connected", "authenticating", "up", "down" };
static const char *const line_states[] = { "idle", "dialing", "connected", "failed", "busy" };
static const char *const links[] = { "up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown" };

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* A column or scalar that becomes a field. Ours have instance 0 and must
 * be of their type; those of the interfaces table have any instance. */
static const struct object {
	const char *key;
	struct trap_oid oid;
	enum trap_type type;
	const char *const *word; /* enumerated, from 1 */
	size_t words;
	bool ours;
} objects[] = {
	{ "session", OIDS(SP, 1, 1), TRAP_TEXT, NULL, 0, true },
	{ "router", OIDS(SP, 1, 2), TRAP_TEXT, NULL, 0, true },
	{ "user", OIDS(SP, 1, 3), TRAP_TEXT, NULL, 0, true },
	{ "workstation", OIDS(SP, 1, 4), TRAP_TEXT, NULL, 0, true },
	{ "line", OIDS(SP, 1, 5), TRAP_TEXT, NULL, 0, true },
	{ "phone", OIDS(SP, 1, 6), TRAP_TEXT, NULL, 0, true },
	{ "sp_address", OIDS(SP, 1, 7), TRAP_TEXT, NULL, 0, true },
	{ "alias", OIDS(SP, 1, 8), TRAP_TEXT, NULL, 0, true },
	{ "speed", OIDS(SP, 1, 9), TRAP_UNSIGNED, NULL, 0, true },
	{ "state", OIDS(SP, 1, 10), TRAP_INTEGER, states, N(states), true },
	{ "reason", OIDS(SP, 1, 11), TRAP_TEXT, NULL, 0, true },
	{ "detail", OIDS(SP, 1, 12), TRAP_TEXT, NULL, 0, true },
	{ "line_state", OIDS(SP, 1, 13), TRAP_INTEGER, line_states, N(line_states), true },
	{ "ifindex", OIDS(1, 3, 6, 1, 2, 1, 2, 2, 1, 1), TRAP_INTEGER, NULL, 0, false },
	{ "ifdescr", OIDS(1, 3, 6, 1, 2, 1, 2, 2, 1, 2), TRAP_TEXT, NULL, 0, false },
	{ "ifadmin", OIDS(1, 3, 6, 1, 2, 1, 2, 2, 1, 7), TRAP_INTEGER, links, 3, false },
	{ "ifoper", OIDS(1, 3, 6, 1, 2, 1, 2, 2, 1, 8), TRAP_INTEGER, links, N(links), false },
	{ "ifname", OIDS(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1), TRAP_TEXT, NULL, 0, false },
	{ "ifalias", OIDS(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18), TRAP_TEXT, NULL, 0, false },
};

static bool oid_starts(struct trap_oid o, struct trap_oid with)
{
	return o.n >= with.n && memcmp(o.id, with.id, with.n * sizeof *o.id) == 0;
}

static bool oid_eq(struct trap_oid a, struct trap_oid b)
{
	return a.n == b.n && oid_starts(a, b);
}

/* The instance's names of our scalars, made once from the table. */
static struct trap_oid instance(const struct object *o)
{
	static trap_id name[N(objects)][TRAP_OID_MAX];
	trap_id *id = name[o - objects];
	memcpy(id, o->oid.id, o->oid.n * sizeof *id);
	id[o->oid.n] = 0;
	return (struct trap_oid){ id, o->oid.n + 1 };
}

static const char *encode_one(const struct object *o, struct view v, struct trap_var *var)
{
	uint64_t number = 0;
	*var = (struct trap_var){ .name = instance(o), .type = o->type, .bytes = v };
	if (o->type == TRAP_TEXT)
		return v.n <= 255 ? NULL : "value over 255 bytes";
	if (o->type == TRAP_UNSIGNED) {
		if (!num_u64(v, 0, UINT32_MAX, &number))
			return "speed is not a number of bit/s";
		var->number = (int64_t)number;
		return NULL;
	}
	for (size_t i = 0; i < o->words && !number; i++)
		if (view_is(v, o->word[i]))
			number = i + 1;
	var->number = (int64_t)number;
	return number ? NULL : "state is not one of SP-MIB";
}

/* Which notification it is: its place in kinds[], or -1 and the reason. A record of
 * a line has no state= of a call. */
static int kind_of(struct record *r, const char **why)
{
	struct view state = record_get(r, "state");
	bool line = !state.p && record_has(r, "line_state");
	if (line && record_has(r, "router") && record_has(r, "line"))
		return 3;
	*why = line ? "no router or line" : "no session, router or state";
	if (line || !state.p || !record_has(r, "session") || !record_has(r, "router"))
		return -1;
	return view_is(state, "up") ? 1 : view_is(state, "down") ? 2 : 0;
}

int trap_encode(struct record *r, uint32_t uptime, struct trap_var var[TRAP_VARS_MAX], const char **why)
{
	int n = 2, kind = kind_of(r, why);
	if (kind < 0)
		return -1;
	*why = NULL;
	var[0] = (struct trap_var){ .name = sys_uptime, .type = TRAP_TICKS, .number = uptime };
	var[1] = (struct trap_var){ .name = trap_oid0, .type = TRAP_OID, .oid = kinds[kind].oid };
	for (size_t i = 0; i < N(objects) && !*why; i++) {
		struct view v = objects[i].ours ? record_get(r, objects[i].key) : (struct view){ NULL, 0 };
		if (v.p)
			*why = encode_one(&objects[i], v, &var[n++]);
	}
	return *why ? -1 : n;
}

/* Dotted; false when it does not fit or is no identifier at all. */
static bool oid_text(struct trap_oid o, char *out, size_t size)
{
	size_t at = 0;
	for (size_t i = 0; i < o.n; i++) {
		int k = snprintf(out + at, size - at, "%s%lu", i ? "." : "", o.id[i]);
		if (k < 0 || (size_t)k >= size - at)
			return false;
		at += (size_t)k;
	}
	return o.n > 0 && o.n <= TRAP_OID_MAX;
}

static int set_bytes(struct record *r, const char *key, struct view v)
{
	static const char digit[] = "0123456789abcdef";
	char hex[2 + 2 * 512];
	size_t n = v.n < 512 ? v.n : 512, i = 0;
	while (i < v.n && ((unsigned char)v.p[i] >= ' ' || v.p[i] == '\t' || v.p[i] == '\n' || v.p[i] == '\r'))
		i++;
	if (i == v.n)
		return record_setv(r, view_of(key), v.n ? v : view_of(""));
	hex[0] = '0';
	hex[1] = 'x';
	for (i = 0; i < n; i++) {
		hex[2 + 2 * i] = digit[(unsigned char)v.p[i] >> 4];
		hex[3 + 2 * i] = digit[(unsigned char)v.p[i] & 15];
	}
	return record_setv(r, view_of(key), (struct view){ hex, 2 + 2 * n });
}

static int set_var(struct record *r, const char *key, const struct trap_var *v)
{
	char text[TRAP_OID_MAX * 21];
	switch (v->type) {
	case TRAP_INTEGER:
		return record_setf(r, key, "%" PRId64, v->number);
	case TRAP_UNSIGNED:
	case TRAP_TICKS:
		return record_setf(r, key, "%" PRIu64, (uint64_t)v->number);
	case TRAP_TEXT:
		return set_bytes(r, key, v->bytes);
	case TRAP_ADDRESS:
		if (v->bytes.n != 4 || !inet_ntop(AF_INET, v->bytes.p, text, sizeof text))
			return set_bytes(r, key, v->bytes);
		return record_set(r, key, text);
	case TRAP_OID:
		return oid_text(v->oid, text, sizeof text) ? record_set(r, key, text) : 0;
	case TRAP_NONE:
		break;
	}
	return record_set(r, key, "");
}

/* What no table knows: oid.NAME=VALUE; the second of the same name is NAME-2. */
static void set_other(struct record *r, const struct trap_var *v)
{
	char key[4 + TRAP_OID_MAX * 21 + 8] = "oid.";
	if (!oid_text(v->name, key + 4, sizeof key - 4 - 8))
		return;
	size_t n = strlen(key);
	for (int i = 2; record_has(r, key) && i < 100; i++)
		snprintf(key + n, sizeof key - n, "-%d", i);
	set_var(r, key, v);
}

static const char *set_object(struct record *r, const struct object *o, const struct trap_var *v)
{
	if (o->ours && (v->type != o->type || (v->type == TRAP_TEXT && v->bytes.n && memchr(v->bytes.p, 0, v->bytes.n))))
		return "a binding of SP-MIB that is not of its type";
	if (o->word && v->type == TRAP_INTEGER && v->number >= 1 && (uint64_t)v->number <= o->words)
		record_set(r, o->key, o->word[v->number - 1]);
	else if (o->ours && o->word)
		return "a state that is not one of SP-MIB";
	else if (o->ours && o->type == TRAP_TEXT)
		record_setv(r, view_of(o->key), v->bytes.n ? v->bytes : view_of(""));
	else
		set_var(r, o->key, v);
	return NULL;
}

static const char *decode_one(const struct trap_var *v, struct record *r)
{
	if (oid_eq(v->name, sys_uptime)) {
		set_var(r, "uptime", v);
		return NULL;
	}
	for (size_t i = 0; i < N(objects); i++) {
		const struct object *o = &objects[i];
		if (!oid_starts(v->name, o->oid) || v->name.n == o->oid.n || record_has(r, o->key))
			continue;
		if (!o->ours || (v->name.n == o->oid.n + 1 && v->name.id[o->oid.n] == 0))
			return set_object(r, o, v);
	}
	set_other(r, v);
	return NULL;
}

static void set_kind(struct record *r, struct trap_oid oid)
{
	for (size_t i = 0; i < N(kinds); i++)
		if (oid_eq(oid, kinds[i].oid)) {
			record_set(r, "trap", kinds[i].word);
			return;
		}
	set_var(r, "trap", &(struct trap_var){ .type = TRAP_OID, .oid = oid });
}

int trap_decode(const struct trap_var *var, size_t n, struct record *r, const char **why)
{
	size_t kind = 0;
	*why = NULL;
	while (kind < n && !(oid_eq(var[kind].name, trap_oid0) && var[kind].type == TRAP_OID))
		kind++;
	if (kind == n || var[kind].oid.n == 0 || var[kind].oid.n > TRAP_OID_MAX)
		*why = "no snmpTrapOID";
	else
		set_kind(r, var[kind].oid);
	for (size_t i = 0; i < n && !*why; i++)
		if (i != kind)
			*why = decode_one(&var[i], r);
	return *why ? -1 : 1;
}

size_t trap_v1_oid(long generic, long specific, struct trap_oid enterprise, trap_id *out)
{
	if (generic >= 0 && generic < 6) {
		memcpy(out, standard_traps, sizeof standard_traps);
		out[N(standard_traps)] = (trap_id)generic + 1;
		return N(standard_traps) + 1;
	}
	if (enterprise.n + 2 > TRAP_OID_MAX)
		return 0;
	if (enterprise.n)
		memcpy(out, enterprise.id, enterprise.n * sizeof *out);
	out[enterprise.n] = 0;
	out[enterprise.n + 1] = (trap_id)specific;
	return enterprise.n + 2;
}
