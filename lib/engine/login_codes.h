/* login_codes.h - codes that are a user's password once: for a bought router, whose
 * RADIUS server asks here (sp-auth --code). 20 letters and digits of base32, 100 bits.
 * They are kept nowhere but in this process: when it ends, nobody's code is good. */
#ifndef SP_ENGINE_LOGIN_CODES_H
#define SP_ENGINE_LOGIN_CODES_H

#include "base/view.h"

#include <stdint.h>

#define CODE_LEN 20
#define CODES_MAX 1024    /* good at once */
#define CODES_OF_USER 4   /* the next one takes the oldest's place */
#define CODE_NAME_MAX 253 /* bytes of user, domain, router: what RADIUS can say */

struct login_codes;

struct login_codes *login_codes_new(void); /* NULL with errno */
void login_codes_free(struct login_codes *c); /* wipes */

/* Whose, and for which router; domain may be empty. */
struct code_for {
	struct view user, domain, router;
};
/* A new code, good for life ms from now (clock_ms). 0, or -1: a name is too long or empty (EINVAL),
 * too many are good (EBUSY), no random numbers. */
int login_codes_make(struct login_codes *c, const struct code_for *who, int64_t now, int64_t life, char code[CODE_LEN + 1]);
/* Is it his, there, now? An empty domain is any. A code that was shown is good no longer, whoever showed it. */
bool login_codes_use(struct login_codes *c, const struct code_for *who, struct view code, int64_t now);

#endif
