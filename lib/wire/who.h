/* who.h - what a certificate says of its holder: one record line (sp-record(5)) in an
 * extension of ours, and what follows from the line of a holder and of those above it.
 *   role=monitor name=mon1          a party of the vendor's (login, router, gateway, ...)
 *   role=processor serial=000187260123
 *   role=user user=alice [domain=EMEA] [groups=support,field]
 *   issues=user,router name=sec1    an authority, and whom it may vouch for; * is all.
 *                                   With role= it is a party, too.
 * A field that is not known is refused: it may be a restriction. */
#ifndef SP_WIRE_WHO_H
#define SP_WIRE_WHO_H

#include "base/buf.h"

enum role {
	ROLE_USER,
	ROLE_LOGIN,     /* a security server */
	ROLE_MONITOR,
	ROLE_ROUTER,
	ROLE_GATEWAY,
	ROLE_MANAGER,   /* a network manager */
	ROLE_PROCESSOR, /* a service processor */
	ROLE_TICKETD,
	ROLES,
	ROLE_NONE = ROLES
};
#define ROLE_BIT(r) (1u << (r))
#define ROLES_ALL ((1u << ROLES) - 1)

const char *role_name(enum role r);  /* "none" for ROLE_NONE */
enum role role_of(struct view word); /* ROLE_NONE: not in the list */
/* a,b,c or *: sets *roles to their bits. false: a word that is no role, or none. */
bool roles_parse(struct view list, unsigned *roles);
/* Appends the words, or "*". 0/-1 as buf_add. */
int roles_write(unsigned roles, struct buf *out);

#define WHO_NAME_MAX 64    /* bytes of name=, serial=, domain= and user=: a common name has no more (RFC 5280) */
#define WHO_GROUPS_MAX 1024
#define WHO_TEXT_MAX 2048  /* bytes of a line */
#define WHO_CHAIN_MAX 6    /* certificates from a holder to its root */

struct who {
	enum role role;  /* ROLE_NONE: only an authority */
	unsigned issues; /* 0: no authority */
	char name[WHO_NAME_MAX + 1], serial[WHO_NAME_MAX + 1];
	char user[WHO_NAME_MAX + 1], domain[WHO_NAME_MAX + 1];
	char groups[WHO_GROUPS_MAX + 1];
};

/* A line without LF. 1, or -1 with a constant reason and an empty *w (ROLE_NONE). */
int who_parse(struct who *w, struct view line, const char **why);
/* Appends the line. 0, or -1 with errno: EINVAL (who_parse would refuse it), ENOMEM. */
int who_write(const struct who *w, struct buf *out);

/* The lines of a verified chain, the holder's first, its root's last: each authority
 * must vouch for the holder's role. 1 and *w, or -1 as who_parse. A chain of one, a
 * root that shows itself, is nobody. */
int who_vouched(struct who *w, const struct view *line, unsigned n, const char **why);

/* The name that people know the holder by: user=, serial= or name=. */
const char *who_name(const struct who *w);

#endif
