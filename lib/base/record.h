/* record.h - one record: a line of TAB-separated key=value fields, sp-record(5).
 * Parsing copies nothing: fields point into the line, which must outlive the
 * record or be taken over with record_own. Values that are set, and values
 * that had to be unescaped, live in the record's own memory until
 * record_clear or the next record_parse. */
#ifndef SP_BASE_RECORD_H
#define SP_BASE_RECORD_H

#include "base/buf.h"

#define RECORD_LINE_MAX 65536 /* bytes, without the LF */

struct field {
	struct view key;
	struct view raw; /* as in the line: escapes still in it */
	bool plain;      /* no escape in raw */
};

struct record {
	struct field *field;
	size_t n, cap;
	struct chunk *own; /* memory of values that are not in the line */
};

void record_init(struct record *r); /* empty; allocates nothing */
void record_clear(struct record *r);

/* 1 and the fields of `line` (no LF in it), or -1 with a constant reason.
 * ENOMEM is the reason "out of memory". */
int record_parse(struct record *r, struct view line, const char **why);
/* Makes every field independent of the line. 0/-1 ENOMEM. */
int record_own(struct record *r);
/* A deep copy. 0/-1 ENOMEM; `to` was initialised and is cleared first. */
int record_copy(struct record *to, const struct record *from);

/* The field, or NULL. */
struct field *record_find(const struct record *r, struct view key);
bool record_has(const struct record *r, const char *key);
/* The value, unescaped; p == NULL when there is none. Valid until the record
 * changes. */
struct view record_get(struct record *r, const char *key);
/* The same NUL-terminated; NULL when there is none. */
const char *record_str(struct record *r, const char *key);
struct view field_value(struct record *r, struct field *f);

/* Replaces in place, or adds at the end. Values are copied and escaped. 0, or
 * -1 with EINVAL (bad key, NUL in the value), EMSGSIZE (the line would grow
 * over RECORD_LINE_MAX) or ENOMEM. */
int record_setv(struct record *r, struct view key, struct view value);
int record_set(struct record *r, const char *key, const char *value);
int record_setf(struct record *r, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void record_drop(struct record *r, const char *key);
/* The same for a secret, whose bytes are wiped where they stand: the line that
 * r was parsed from, if it is still used, must be writable. */
void record_wipe(struct record *r, const char *key);
/* Sets all fields of `from` in `to`. */
int record_merge(struct record *to, const struct record *from);

/* Appends the line and its LF. 0/-1 errno. */
int record_write(const struct record *r, struct buf *out);

/* Is this key's value a secret (secret, token, permit, password, code)? */
bool record_key_secret(struct view key);
/* [0-9A-Za-z_.-]+ */
bool record_key_ok(struct view key);

/* Unescapes raw into out, which has room for raw.n bytes; returns the length. */
size_t record_unescape(struct view raw, char *out);

#endif
