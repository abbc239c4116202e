/* keyfollow.h - a ring of keys is brought up to date by a chain (wire/keychain.h). */
#ifndef SP_ENGINE_KEYFOLLOW_H
#define SP_ENGINE_KEYFOLLOW_H

#include "sys/keyring.h"

/* Adds each key of the file that one in the ring has signed, from the first row to the
 * last, and drops those that a row retires. Rows from before the ring's keys are passed
 * over; but one key of the file must be, or come to be, in the ring. 0, or -1 with a
 * constant reason, *line where (0: all of it), and a ring that is not to be used. */
int keyfollow(struct keyring *r, const char *file, const char **why, unsigned long *line);

#endif
