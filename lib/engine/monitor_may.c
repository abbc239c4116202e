/* monitor_may.c - op=may: a manager asks whether a user may reach a system, and why not
 * (308). Who the user is he says himself: it is a question about grants. Tickets are
 * not looked at. */
#include "engine/may.h"
#include "engine/monitor_impl.h"

/* The system that is meant; else answers. */
static bool system_meant(struct mon_ask *a, char system[MAY_SYSTEM])
{
	struct view v = record_get(a->q, "system"), serial = record_get(a->q, "serial");
	int n = 1;
	if (!view_str(v, system, MAY_SYSTEM) || (!v.n && !serial.n)) {
		mon_refuse(a, SP_RECORD, 308, NULL, "system= or serial= is needed");
		return false;
	}
	if (!v.n)
		n = may_find(a->c->m->conf.store, serial, system);
	if (n < 0)
		mon_store_failed(a, 308);
	else if (n > 1)
		mon_refuse(a, SP_RECORD, 308, NULL, "several systems have this serial number: system= is needed");
	return n == 0 || n == 1;
}

void mon_may(struct mon_ask *a)
{
	struct store *s = a->c->m->conf.store;
	struct record answer = { 0 };
	struct reach reach;
	struct may may = { 0 };
	char system[MAY_SYSTEM];
	time_t when = a->now;
	if (record_has(a->q, "time") && !time_parse(record_get(a->q, "time"), &when)) {
		mon_refuse(a, SP_RECORD, 308, NULL, "time= must be like 2026-11-22T18:47:07Z");
		return;
	}
	if (!system_meant(a, system))
		return;
	int known = reach_of(&reach, s, a->q, when);
	int rc = known < 0 ? -1 : may_system(&may, s, &reach, known == 1, system);
	if (rc != 0)
		mon_store_failed(a, 308);
	else if ((!*system || record_set(&answer, "system", system) == 0) && may_answer(&may, &answer) == 0)
		mon_done(a, &answer);
	may_clear(&may);
	reach_clear(&reach);
	record_clear(&answer);
}
