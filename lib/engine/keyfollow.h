/* keyfollow.h - a ring of keys is brought up to date by a chain (wire/keychain.h). */
#ifndef SP_ENGINE_KEYFOLLOW_H
#define SP_ENGINE_KEYFOLLOW_H

#include "sys/keyring.h"

struct keychain_row;

/* Is given a row; NULL, or a constant reason to stop there. */
typedef const char *keychain_each(void *arg, const struct keychain_row *row);

/* Gives `each` the rows of the file from the first to the last. 0, or -1 with a constant
 * reason, of the file or of `each`, and *line where (0: all of it). */
int keychain_read(const char *file, keychain_each *each, void *arg, const char **why, unsigned long *line);

/* Adds each key of the file that one in the ring has signed, from the first row to the
 * last, and drops those that a row retires. Rows before the first that a key in the ring
 * signed may be from before the ring's keys, and are passed over; each one after it must
 * be signed by a key that is in the ring by then. One key of the file must be, or come to
 * be, in the ring. 0, or -1 with a constant reason, *line where (0: all of it), and a
 * ring that is not to be used. */
int keyfollow(struct keyring *r, const char *file, const char **why, unsigned long *line);

#endif
