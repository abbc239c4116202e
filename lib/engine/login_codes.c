/* login_codes.c - the table of login_codes.h. Codes are compared in constant time, each
 * with each, and wiped when they are used or their time is up. Refuses nothing but
 * what is too long or too many: who may have a code is the caller's to know. */
#include "engine/login_codes.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/random.h>

struct row {
	int64_t until; /* 0: free */
	uint64_t number; /* which of all: several are made in one ms */
	char code[CODE_LEN + 1];
	char user[CODE_NAME_MAX + 1], domain[CODE_NAME_MAX + 1], router[CODE_NAME_MAX + 1];
};

struct login_codes {
	uint64_t made;
	struct row row[CODES_MAX];
};

struct login_codes *login_codes_new(void)
{
	return calloc(1, sizeof(struct login_codes));
}

void login_codes_free(struct login_codes *c)
{
	if (c)
		explicit_bzero(c, sizeof *c);
	free(c);
}

static bool same_domain(const struct row *r, struct view domain)
{
	return !domain.n || (domain.n == strlen(r->domain) && strncasecmp(domain.p, r->domain, domain.n) == 0);
}

/* The row for a new code: his oldest, if he has many, else a free one; NULL: none. */
static struct row *place(struct login_codes *c, const struct code_for *who, int64_t now)
{
	struct row *oldest = NULL, *free_row = NULL;
	unsigned his = 0;
	for (struct row *r = c->row; r < c->row + CODES_MAX; r++) {
		if (r->until <= now)
			explicit_bzero(r, sizeof *r);
		if (!r->until) {
			free_row = free_row ? free_row : r;
		} else if (view_is(who->user, r->user) && view_is(who->domain, r->domain)) {
			oldest = oldest && oldest->number < r->number ? oldest : r;
			his++;
		}
	}
	return his >= CODES_OF_USER ? oldest : free_row;
}

/* RFC 4648 section 6: five bits a letter, nothing left over. */
static int letters(char code[CODE_LEN + 1])
{
	uint8_t b[CODE_LEN];
	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
		return -1;
	for (size_t i = 0; i < CODE_LEN; i++)
		code[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[b[i] & 31];
	code[CODE_LEN] = '\0';
	explicit_bzero(b, sizeof b);
	return 0;
}

int login_codes_make(struct login_codes *c, const struct code_for *who, int64_t now, int64_t life, char code[CODE_LEN + 1])
{
	struct row new = { .until = now + life, .number = ++c->made };
	errno = EINVAL;
	if (!who->user.n || !who->router.n || !view_str(who->user, new.user, sizeof new.user) ||
	    !view_str(who->domain, new.domain, sizeof new.domain) || !view_str(who->router, new.router, sizeof new.router))
		return -1;
	struct row *r = place(c, who, now);
	errno = EBUSY;
	if (!r || letters(new.code) != 0)
		return -1;
	memcpy(code, new.code, sizeof new.code);
	*r = new;
	explicit_bzero(new.code, sizeof new.code);
	return 0;
}

static bool equal(const char *a, const char *b)
{
	unsigned char diff = 0;
	for (size_t i = 0; i < CODE_LEN; i++)
		diff |= (unsigned char)(a[i] ^ b[i]);
	return diff == 0;
}

bool login_codes_use(struct login_codes *c, const struct code_for *who, struct view code, int64_t now)
{
	bool good = false;
	if (code.n != CODE_LEN)
		return false;
	for (struct row *r = c->row; r < c->row + CODES_MAX; r++) {
		if (!equal(r->code, code.p))
			continue;
		good = r->until > now && view_is(who->user, r->user) && same_domain(r, who->domain) &&
		       view_is(who->router, r->router);
		explicit_bzero(r, sizeof *r); /* shown in the wrong place it is in the wrong hands */
	}
	return good;
}
