/* endpoint.c - the endpoints of a system as a record has them, one after the other. */
#include "tool/endpoint.h"

#include <stdio.h>

/* From the dial string (324) to the link's address (334); not what the RAS said
 * of the user (331 to 333). */
static bool endpoint_failed(int step)
{
	return step >= 324 && step <= 334 && (step < 331 || step > 333);
}

static const char *const keys[] = { "dial", "phone", "secret" };

void endpoint_last(struct record *r)
{
	char key[16];
	for (unsigned i = 0; i < 3; i++)
		for (char n = '2'; n <= '9'; n++) {
			snprintf(key, sizeof key, "%s%c", keys[i], n);
			record_drop(r, key);
		}
}

bool endpoint_next(struct record *r, int step)
{
	if (!endpoint_failed(step) || !record_has(r, "dial2"))
		return false;
	for (unsigned i = 0; i < 3; i++) {
		char to[16], from[16];
		snprintf(to, sizeof to, "%s", keys[i]);
		for (char n = '2'; n <= '9'; n++, memcpy(to, from, sizeof to)) {
			snprintf(from, sizeof from, "%s%c", keys[i], n);
			struct view v = record_get(r, from);
			if (!v.p)
				record_drop(r, to);
			else if (record_setv(r, view_of(to), v) != 0)
				return false;
		}
		record_drop(r, to);
	}
	return true;
}
