/* endpoints.c - a system's endpoints, out of the store into fields of a record. */
#include "engine/endpoints.h"

#include <sqlite3.h>
#include <stdio.h>

/* A telephone number as a router takes it (dialstring.h): other separators for
 * people become blanks. */
static const char *dialable(const char *phone, char *out, size_t size)
{
	if (!view_str(view_of(phone), out, size))
		return phone;
	for (char *p = out; (p = strpbrk(p, "./")) != NULL;)
		*p = ' ';
	return out;
}

/* dial= phone= secret= of one endpoint; of the second and later ones dial2= and so on. */
static int endpoint_put(struct sqlite3_stmt *st, unsigned number, struct record *answer)
{
	static const char *const keys[] = { "dial", "phone", "secret" };
	char key[24], suffix[12] = "", number_text[256];
	const char *dial = *store_text(st, 0) ? store_text(st, 0) : dialable(store_text(st, 1), number_text, sizeof number_text);
	const char *const value[] = { dial, store_text(st, 1), store_text(st, 2) };
	if (number > 1)
		snprintf(suffix, sizeof suffix, "%u", number);
	for (int i = 0; i < 3; i++) {
		snprintf(key, sizeof key, "%s%s", keys[i], suffix);
		if (*value[i] && record_set(answer, key, value[i]) != 0)
			return -1;
	}
	return 0;
}

int endpoints_put(struct store *s, const char *system, struct record *answer)
{
	struct sqlite3_stmt *st = store_use(s, false,
		"SELECT e.dial, CASE e.phone WHEN '' THEN s.phone ELSE e.phone END, e.secret FROM endpoints e "
		"JOIN systems s ON s.system=e.system WHERE e.system=:system ORDER BY CAST(e.priority AS INTEGER) LIMIT :most");
	int rc = -1;
	unsigned n = 0;
	if (st) {
		store_binds(st, ":system", system);
		store_bindi(st, ":most", ENDPOINTS_MAX);
		while ((rc = store_step(s, st)) == 1 && endpoint_put(st, ++n, answer) == 0)
			;
		sqlite3_reset(st);
	}
	return rc == 0 ? n > 0 : -1;
}
