/* username.c - users of domains, as NT and as realms write them. */
#include "wire/username.h"

struct username username_split(struct view text)
{
	struct username u = { text, { NULL, 0 } };
	const char *sep = text.n ? memchr(text.p, '\\', text.n) : NULL;
	bool nt = sep != NULL;
	if (!nt)
		sep = text.n ? memrchr(text.p, '@', text.n) : NULL;
	if (!sep)
		return u;
	struct view before = { text.p, (size_t)(sep - text.p) };
	struct view after = { sep + 1, text.n - before.n - 1 };
	if (before.n && after.n)
		u = nt ? (struct username){ after, before } : (struct username){ before, after };
	return u;
}

int username_form_of(const char *word)
{
	static const char *const words[] = { "plain", "domain", "realm", "given" };
	for (int i = 0; i < 4; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return -1;
}

int username_write(struct buf *out, enum username_form form, struct view text, struct view domain)
{
	struct username u = username_split(text);
	if (form == USERNAME_GIVEN)
		return buf_addv(out, text);
	if (!u.domain.n)
		u.domain = domain;
	if (form == USERNAME_PLAIN || !u.domain.n)
		return buf_addv(out, u.user);
	struct view first = form == USERNAME_DOMAIN ? u.domain : u.user;
	struct view second = form == USERNAME_DOMAIN ? u.user : u.domain;
	if (buf_reserve(out, first.n + 1 + second.n) != 0)
		return -1;
	buf_addv(out, first);
	buf_addc(out, form == USERNAME_DOMAIN ? '\\' : '@');
	buf_addv(out, second);
	return 0;
}
