/* refusal.c - what is told of who is not let in, and how often. */
#include "engine/refusal.h"

#include "base/num.h"
#include "base/ration.h"
#include "engine/party.h"

bool refusal_told(struct refusals *f, struct record *r, struct x509_st *shown)
{
	if (!ration_take(&f->used, clock_ms(), REFUSALS_EVERY, REFUSALS_AT_ONCE) ||
	    (f->untold && record_setf(r, "count", "%lu", f->untold) != 0) || party_note(shown, r) != 0) {
		f->untold++;
		return false;
	}
	f->untold = 0;
	return true;
}
