/* login_issue.h - the security server vouches for a user: a certificate of his own key,
 * for hours, that says who he is (wire/who.h). */
#ifndef SP_ENGINE_LOGIN_ISSUE_H
#define SP_ENGINE_LOGIN_ISSUE_H

#include "base/record.h"

#include <stdint.h>

struct login_issuer;

/* PEM: a certificate of an authority that may vouch for users, and what leads from it to
 * what others trust; its key. NULL with a constant reason. */
struct login_issuer *login_issuer_load(const char *cert, const char *key, const char **why);
void login_issuer_free(struct login_issuer *s);

/* who: user= domain= groups=. csr: a request, PEM. Sets certificate= (PEM, with what leads
 * to what others trust), certificate_id= and certificate_until= in reply. 0, or -1 with a
 * constant reason. */
int login_issue(const struct login_issuer *s, struct record *who, struct view csr, int64_t life_s,
                struct record *reply, const char **why);

#endif
