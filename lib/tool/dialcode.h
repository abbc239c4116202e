/* dialcode.h - a router that wants a code in place of the user's password, each time that
 * somebody logs in there: profile_args= has auth=code. A record has one for each telnet
 * session that its endpoints may need: code=, code2= ... */
#ifndef SP_TOOL_DIALCODE_H
#define SP_TOOL_DIALCODE_H

#include "base/record.h"
#include "base/secret.h"

#define DIALCODES_MAX 4 /* so many of a user are good at once (engine/login_codes.h) */

struct dialcodes {
	struct secret code[DIALCODES_MAX];
	unsigned n, at;
};

/* auth=code stands among the words of profile_args=. */
bool dialcode_wanted(struct record *r);
/* Takes them out of the record, where nothing is left of them. One that is too long is the last. */
void dialcodes_take(struct dialcodes *d, struct record *r);
void dialcode_wipe(struct record *r);
/* The next one, which stays where it is until the one after it is asked for or all are
 * cleared. NULL: none is left. */
const struct secret *dialcodes_next(struct dialcodes *d);
void dialcodes_clear(struct dialcodes *d);

#endif
