/* endpoints.h - how a system is called. */
#ifndef SP_ENGINE_ENDPOINTS_H
#define SP_ENGINE_ENDPOINTS_H

#include "engine/store.h"

#define ENDPOINTS_MAX 8 /* of a system that are told at most */

/* dial= phone= secret= of the first that is to be tried, dial2= phone2= secret2=
 * and so on of the next ones. 1, 0 there is none, -1 failed. */
int endpoints_put(struct store *s, const char *system, struct record *answer);

#endif
