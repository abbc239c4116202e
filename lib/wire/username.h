/* username.h - the three ways to write a user of a domain: user with domain
 * apart, DOMAIN\user (NT), user@realm. */
#ifndef SP_WIRE_USERNAME_H
#define SP_WIRE_USERNAME_H

#include "base/buf.h"

struct username {
	struct view user, domain; /* domain.n == 0: none. Borrowed from the text */
};

/* Splits at the first backslash, else at the last @. A text that has neither,
 * or nothing before or after it, is the user as it is. */
struct username username_split(struct view text);

enum username_form {
	USERNAME_PLAIN,  /* user */
	USERNAME_DOMAIN, /* DOMAIN\user */
	USERNAME_REALM,  /* user@realm */
	USERNAME_GIVEN   /* as it was written */
};
/* The form of a word (plain, domain, realm, given), or -1. */
int username_form_of(const char *word);

/* Appends the name of `text` in that form. `domain` is used where the text
 * names none; without either it is the user alone. 0/-1 as buf_add. */
int username_write(struct buf *out, enum username_form form, struct view text, struct view domain);

#endif
