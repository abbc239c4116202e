/* reach.h - what a user may reach now, by his grants and his groups'. */
#ifndef SP_ENGINE_REACH_H
#define SP_ENGINE_REACH_H

#include "base/num.h"
#include "engine/store.h"

struct reach {
	char user[256], domain[256];
	struct buf groups;   /* JSON array, NUL-terminated: vouched for, and by the table */
	char now[TIME_TEXT];
	bool everything;     /* a valid grant says so */
};

/* From what the security server vouches for: user=, domain=, groups=. 1 he is
 * somebody, 0 not (no name, or blocked), -1 failed (store_why). Clear it in
 * every case. */
int reach_of(struct reach *r, struct store *s, struct record *who, time_t now);
void reach_clear(struct reach *r);

/* Binds :user :domain :groups :now :everything. */
void reach_bind(const struct reach *r, struct sqlite3_stmt *st);

/* A grant g that is his; that is valid now; both. */
#define REACH_HIS \
	"((g.\"user\"=:user AND g.\"domain\" IN (:domain,'*')) OR " \
	"g.\"group\" IN (SELECT value FROM json_each(:groups)))"
#define REACH_NOW \
	"(g.valid_from<=:now AND (g.valid_until='' OR g.valid_until>:now) AND " \
	"(g.window='' OR window_open(g.window,g.zone,:now)))"
#define REACH_GRANT REACH_HIS " AND " REACH_NOW
/* A grant g whose scope has system s in it. */
#define REACH_SCOPE \
	"((g.scope='customer' AND g.object=s.customer) OR (g.scope='site' AND g.object=s.site) OR " \
	"(g.scope='system' AND g.object=s.system))"
#define REACH_SCOPE_ALL "(g.scope='everything' OR " REACH_SCOPE ")"
/* Has he a grant now for this object? A look into an index for each of his names, whatever
 * others have: it takes no longer where many have grants. */
#define REACH_BY(is, object) \
	"EXISTS(SELECT 1 FROM grants g WHERE g.\"user\"=:user AND g.\"domain\" IN (:domain,'*') AND g.\"group\"='' AND " \
	"g.scope='" is "' AND g.object=" object " AND " REACH_NOW ") OR " \
	"EXISTS(SELECT 1 FROM grants g WHERE g.\"group\" IN (SELECT value FROM json_each(:groups)) AND " \
	"g.scope='" is "' AND g.object=" object " AND " REACH_NOW ")"
/* System s is within his grants. */
#define REACH_SYSTEM \
	"(:everything OR " REACH_BY("customer", "s.customer") " OR " REACH_BY("site", "s.site") " OR " \
	REACH_BY("system", "s.system") ")"

#endif
