/* dialstring.h - what a user says is to be called: a line's address (sys/sock.h),
 * or a telephone number, which the next idle line of a hunt group (bank.h) dials:
 *   tcp:HOST:PORT   or   NUMBER[?group=G&line=NAME&speed=BITS]
 * A number has digits * # A to D , W + and, for people, blanks and - ( ) ; at
 * least one digit, and no colon: all else is an address. Pure. */
#ifndef SP_ENGINE_DIALSTRING_H
#define SP_ENGINE_DIALSTRING_H

#include "base/view.h"

#include <stdint.h>

#define DIALSTRING_NUMBER 64
#define DIALSTRING_NAME 64 /* of a line or a group */

struct dialstring {
	char number[DIALSTRING_NUMBER]; /* without what is for people; "": it is an address */
	char group[DIALSTRING_NAME], line[DIALSTRING_NAME]; /* "": any */
	uint64_t speed;                 /* bit/s, declared; 0: not */
};

/* False with a constant reason: it is meant as a number and is none. */
bool dialstring_parse(const char *text, struct dialstring *d, const char **why);
/* Does one of the operator's patterns, fnmatch(3)'s, permit this number? */
bool dialstring_permit(const char *const *pattern, unsigned n, const char *number);
/* A name of a line or a group: letters, digits, _ . and -. */
bool dialstring_name(struct view name);

#endif
