/* ticket.h - service tickets as records (step 300). A ticket is a record line,
 * or JSON: an object, a stream of objects (however they are laid out) or an
 * array of objects. What identifies the system is brought to one set of names;
 * what is not known is kept. Pure: bytes are fed in, records come out.
 *
 * JSON values: numbers, true and false become their text; null is left out; an
 * array of scalars is joined by ","; an object's fields become "object.field",
 * one level deep; anything deeper is kept as its compact JSON text. */
#ifndef SP_ENGINE_TICKET_H
#define SP_ENGINE_TICKET_H

#include "base/record.h"

#define TICKET_DOCUMENT_MAX (8u << 20) /* bytes of one JSON document */

struct json_t;

struct ticketin {
	struct buf in;
	size_t at;          /* bytes of `in` that were taken */
	unsigned long line; /* line of the byte at `at`, from 1 */
	unsigned long where; /* line of what ticketin_next returned last */
	struct json_t *doc; /* the document that is being taken apart */
	size_t element;     /* of an array: the next one */
	size_t scanned;     /* of the document at `at` */
	unsigned depth;
	bool string, escape; /* of the scan: in a string, behind a backslash */
	bool json_before;   /* the last document was JSON: blank lines may follow */
	bool skip;          /* rest of a line or document that is too long */
	char why[192];
};

void ticketin_init(struct ticketin *t);
void ticketin_clear(struct ticketin *t);
/* More input. 0, or -1 ENOMEM. */
int ticketin_add(struct ticketin *t, struct view bytes);
/* The next ticket, in the names below; r is valid until the next call for t. 1
 * got it, 0 more input is needed (with eof: it was the end), -1 malformed:
 * *why, t->where has the line; the next call goes on behind it. A record with
 * error= is handed out as it came. */
int ticketin_next(struct ticketin *t, bool eof, struct record *r, const char **why);

/* Adds one field of a ticket to r under the name that is used here: ticket,
 * serial, customer, site, phone, model, region, problem for their synonyms
 * (whatever their case, "-", "_" and blanks), else its own with "_" for bytes
 * that no key may have. foreign: names that mean something to the tools that
 * follow (error, hold, token ...) become ticket.NAME. NULL, or the reason: two
 * different values under one name, line over 64 KiB. */
const char *ticket_put(struct record *r, struct view key, struct view value, bool foreign);
/* After the last ticket_put: names that stand for another only when nothing
 * better is there (id, summary ...) take its place. */
void ticket_settle(struct record *r);
/* Does it say which system? serial, customer, site or phone, and not empty. */
bool ticket_identity(struct record *r);
/* What ticket_identity looks for, for a message. */
extern const char ticket_looked_for[];

#endif
