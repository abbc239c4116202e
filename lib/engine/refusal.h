/* refusal.h - who is not let in, in a server's log: whose certificate he has shown, and, as who
 * comes without end must not fill a disk, some at once, then one a second with the number of
 * those that were not told. */
#ifndef SP_ENGINE_REFUSAL_H
#define SP_ENGINE_REFUSAL_H

#include "base/record.h"

#include <stdint.h>

#define REFUSALS_AT_ONCE 10
#define REFUSALS_EVERY 1000 /* ms */

struct x509_st;

/* Of one kind; zeros at first. */
struct refusals {
	int64_t used; /* base/ration.h */
	unsigned long untold;
};

/* Is this one told? Then r has count=, if others were not since the last one that was, and of
 * the certificate (NULL: none was shown) role=, name= and certificate_id=, which nobody may
 * vouch for. false: it is counted. */
bool refusal_told(struct refusals *f, struct record *r, struct x509_st *shown);

#endif
