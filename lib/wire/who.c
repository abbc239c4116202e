/* who.c - what a certificate says of its holder. Refuses: fields that are not known or
 * not this role's, names that are empty, too long, or have control characters, a role
 * that somebody above the holder may not vouch for. */
#include "wire/who.h"

#include "base/record.h"

#include <errno.h>

static const char *const names[ROLES + 1] = {
	"user", "login", "monitor", "router", "gateway", "manager", "processor", "ticketd", "none"
};

const char *role_name(enum role r)
{
	return names[r < ROLES ? r : ROLE_NONE];
}

enum role role_of(struct view word)
{
	for (enum role r = 0; r < ROLES; r++)
		if (view_is(word, names[r]))
			return r;
	return ROLE_NONE;
}

bool roles_parse(struct view list, unsigned *roles)
{
	struct view one;
	*roles = view_is(list, "*") ? ROLES_ALL : 0;
	while (*roles != ROLES_ALL && view_split(&list, ',', &one)) {
		enum role r = role_of(one);
		if (r == ROLE_NONE)
			return false;
		*roles |= ROLE_BIT(r);
	}
	return *roles != 0;
}

int roles_write(unsigned roles, struct buf *out)
{
	const char *comma = "";
	if (roles == ROLES_ALL)
		return buf_addc(out, '*');
	for (enum role r = 0; r < ROLES; r++) {
		if (!(roles & ROLE_BIT(r)))
			continue;
		if (buf_adds(out, comma) != 0 || buf_adds(out, names[r]) != 0)
			return -1;
		comma = ",";
	}
	return 0;
}

/* Which fields say something of whom; the others must not be there. */
struct text_field {
	const char *key;
	size_t at, size;
};
#define TEXT(f) { #f, offsetof(struct who, f), sizeof ((struct who *)0)->f }
static const struct text_field texts[] = { TEXT(name), TEXT(serial), TEXT(user), TEXT(domain), TEXT(groups) };
enum { NAME = 1, SERIAL = 2, USER = 4, DOMAIN_ = 8, GROUPS = 16 };

static const char *text_of(const struct who *w, unsigned i)
{
	return (const char *)w + texts[i].at;
}

/* Printable, and without what the lists and names of others are made of. */
static bool text_ok(struct view v, bool list)
{
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];
		if (c < ' ' || c == 0x7f || (c == ',' && !list))
			return false;
	}
	return v.n > 0;
}

static const char *fault(const struct who *w)
{
	unsigned there = 0, must = NAME, may = NAME;
	if (w->role == ROLE_NONE && !w->issues)
		return "it says neither role= nor issues=";
	if (w->role == ROLE_USER)
		must = USER, may = USER | DOMAIN_ | GROUPS;
	else if (w->role == ROLE_PROCESSOR)
		must = SERIAL, may = SERIAL | NAME;
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct view v = view_of(text_of(w, i));
		if (v.n && !text_ok(v, texts[i].at == offsetof(struct who, groups)))
			return "a name has characters that it may not have";
		there |= v.n ? 1u << i : 0;
	}
	if (w->role == ROLE_USER && w->issues)
		return "a user vouches for nobody";
	if ((there & must) != must)
		return "the name of its role is missing: user=, serial= or name=";
	return there & ~may ? "a field is not one of its role" : NULL;
}

static const char *take(struct who *w, struct view key, struct view value)
{
	if (view_is(key, "role")) {
		w->role = role_of(value);
		return w->role == ROLE_NONE ? "role= is none that is known" : NULL;
	}
	if (view_is(key, "issues"))
		return roles_parse(value, &w->issues) ? NULL : "issues= has a role that is not known";
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
		if (view_is(key, texts[i].key))
			return value.n && view_str(value, (char *)w + texts[i].at, texts[i].size)
			               ? NULL : "a name is empty or too long";
	return "a field is not known";
}

int who_parse(struct who *w, struct view line, const char **why)
{
	struct record r = { 0 };
	*w = (struct who){ .role = ROLE_NONE };
	*why = "the line is too long";
	if (line.n > WHO_TEXT_MAX)
		goto bad;
	if (record_parse(&r, line, why) != 1)
		goto bad;
	*why = NULL;
	for (size_t i = 0; i < r.n && !*why; i++)
		*why = take(w, r.field[i].key, field_value(&r, &r.field[i]));
	if (!*why)
		*why = fault(w);
	if (!*why) {
		record_clear(&r);
		return 1;
	}
bad:
	record_clear(&r);
	*w = (struct who){ .role = ROLE_NONE };
	return -1;
}

static int fill(const struct who *w, struct record *r)
{
	struct buf list;
	int rc = 0;
	buf_init(&list, 256);
	if (w->role != ROLE_NONE)
		rc = record_set(r, "role", role_name(w->role));
	if (rc == 0 && w->issues && (rc = roles_write(w->issues, &list)) == 0)
		rc = record_setv(r, view_of("issues"), buf_view(&list));
	for (unsigned i = 0; rc == 0 && i < sizeof texts / sizeof *texts; i++)
		if (*text_of(w, i))
			rc = record_set(r, texts[i].key, text_of(w, i));
	buf_clear(&list);
	return rc;
}

int who_write(const struct who *w, struct buf *out)
{
	struct record r = { 0 };
	struct buf line;
	int rc = -1;
	errno = EINVAL;
	if (fault(w))
		return -1;
	buf_init(&line, WHO_TEXT_MAX + 1);
	if (fill(w, &r) == 0 && record_write(&r, &line) == 0)
		rc = buf_addv(out, (struct view){ line.data, line.len - 1 });
	int e = errno == ENOMEM ? ENOMEM : EINVAL;
	record_clear(&r);
	buf_clear(&line);
	errno = e;
	return rc;
}

int who_vouched(struct who *w, const struct view *line, unsigned n, const char **why)
{
	struct who above;
	*w = (struct who){ .role = ROLE_NONE };
	*why = "nobody vouches for it";
	if (n < 2 || n > WHO_CHAIN_MAX || who_parse(w, line[0], why) != 1)
		return -1;
	*why = w->role == ROLE_NONE ? "it is an authority, and no party" : NULL;
	for (unsigned i = 1; i < n && !*why; i++)
		if (who_parse(&above, line[i], why) == 1)
			*why = above.issues & ROLE_BIT(w->role) ? NULL : "an authority may not vouch for that role";
	if (!*why)
		return 1;
	*w = (struct who){ .role = ROLE_NONE };
	return -1;
}

const char *who_name(const struct who *w)
{
	return *w->user ? w->user : *w->serial ? w->serial : w->name;
}
