/* endpoint.h - dial= phone= secret= of a record, and dial2= phone2= secret2= and so on
 * behind them: the ways to call a system, in the order in which they are tried. */
#ifndef SP_TOOL_ENDPOINT_H
#define SP_TOOL_ENDPOINT_H

#include "base/record.h"

/* After a call that failed at this step: makes the next one the record's dial= phone=
 * secret=. False: there is none, or another would not help: who the user is was
 * refused, or he hung up. */
bool endpoint_next(struct record *r, int step);
/* The one that it has is the one: the others are dropped. */
void endpoint_last(struct record *r);

#endif
