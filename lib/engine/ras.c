/* ras.c - who is calling, and may they: names, patterns, secrets, and the
 * question to a filter that knows better. */
#include "engine/ras.h"

#include "wire/chap.h"
#include "wire/username.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool printable(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == 0x7f)
			return false;
	return true;
}

bool ras_caller(struct view name, struct ras_caller *c)
{
	const char *at = name.n ? memrchr(name.p, '%', name.n) : NULL;
	struct view user = { name.p, at ? (size_t)(at - name.p) : name.n };
	struct view router = { at ? at + 1 : "", at ? name.n - user.n - 1 : 0 };
	c->user[0] = c->router[0] = '\0';
	return user.n > 0 && printable(name) && view_str(user, c->user, sizeof c->user) &&
	       view_str(router, c->router, sizeof c->router);
}

/* A refusal counts for every way of writing the user: EMEA\guest, Guest@vendor. */
static bool denied(const char *const *pattern, unsigned n, const char *name)
{
	char bare[256];
	if (!view_str(username_split(view_of(name)).user, bare, sizeof bare))
		return true;
	for (unsigned i = 0; i < n; i++)
		if (fnmatch(pattern[i], name, FNM_NOESCAPE | FNM_CASEFOLD) == 0 ||
		    fnmatch(pattern[i], bare, FNM_NOESCAPE | FNM_CASEFOLD) == 0)
			return true;
	return false;
}

static bool matches(const char *const *pattern, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (fnmatch(pattern[i], name, FNM_NOESCAPE) == 0) /* EMEA\alice has no escape in it */
			return true;
	return false;
}

const char *ras_refusal(const struct ras_rules *rules, const struct ras_caller *c)
{
	if (rules->routers && !matches(rules->router, rules->routers, c->router))
		return "unknown router";
	if (denied(rules->deny_user, rules->deny_users, c->user))
		return "user is denied";
	if (rules->users && !matches(rules->user, rules->users, c->user))
		return "user is not permitted";
	return NULL;
}

bool ras_secret(const struct secret *secret, const struct ppp_check *c, char proof[MSCHAP_PROOF + 1])
{
	struct secret given;
	proof[0] = '\0';
	if (c->method == PPP_MSCHAP)
		return mschap_check(secret, c->name, c->challenge, c->response, proof);
	if (c->method == PPP_CHAP)
		return chap_check(c->chap_id, secret, c->challenge, c->response);
	bool ok = secret_set(&given, c->password);
	ok = secret_equal(&given, secret) && ok;
	secret_clear(&given);
	return ok;
}

static int set_hex(struct record *r, const char *key, struct view v)
{
	char hex[2 * 255 + 1] = "";
	for (size_t i = 0; i < v.n && i < 255; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)v.p[i]);
	return record_set(r, key, hex);
}

/* DOMAIN\user is two fields; user@realm stays one. */
static int set_user(struct record *r, const char *name)
{
	const char *slash = strchr(name, '\\');
	if (!slash)
		return record_set(r, "user", name);
	if (record_set(r, "user", slash + 1) != 0)
		return -1;
	return record_setv(r, view_of("domain"), (struct view){ name, (size_t)(slash - name) });
}

int ras_question(struct record *r, const struct ras_caller *caller, const struct ppp_check *c)
{
	if (set_user(r, caller->user) != 0 || record_set(r, "router", caller->router) != 0 ||
	    record_set(r, "service", "ras") != 0)
		return -1;
	if (c->method == PPP_PAP)
		return record_setv(r, view_of("password"), c->password);
	if (record_setf(r, "chap_id", "%u", c->chap_id) != 0 || set_hex(r, "chap_challenge", c->challenge) != 0)
		return -1;
	return set_hex(r, "chap_response", c->response);
}

struct ras_end ras_end(enum ppp_reason reason, bool was_up)
{
	static const struct ras_end end[] = {
		[PPP_CLOSED] = { SP_OK, 0, NULL },
		[PPP_PEER_CLOSED] = { SP_OK, 0, NULL },
		[PPP_LINE_LOST] = { SP_PEER, RAS_ASK, "the line went away" },
		[PPP_SILENT] = { SP_TIMEOUT, RAS_ASK, "the caller does not answer" },
		[PPP_ECHO_LOST] = { SP_PEER, RAS_ADDRESS, "the caller answers no more" },
		[PPP_REFUSED] = { SP_DENIED, RAS_VERDICT, "refused" },
		[PPP_AUTH_METHOD] = { SP_DENIED, RAS_VERDICT, "the caller does not say who it is" },
		[PPP_LOOPED] = { SP_PEER, RAS_ASK, "the line is looped back" },
		[PPP_ADDRESS] = { SP_PEER, RAS_ADDRESS, "no address that both sides accept" },
		[PPP_PROTOCOL] = { SP_PEER, RAS_ASK, "the caller breaks the protocol" },
	};
	if (reason == PPP_PEER_CLOSED && !was_up)
		return (struct ras_end){ SP_PEER, RAS_ASK, "the caller ended the call before it was up" };
	return end[reason];
}
