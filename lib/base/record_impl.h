/* record_impl.h - what record.c and recparse.c share; nobody else includes it. */
#ifndef SP_BASE_RECORD_IMPL_H
#define SP_BASE_RECORD_IMPL_H

#include "base/record.h"

/* No fields, no memory of its own; the table of fields is kept. */
void record_reset(struct record *r);
/* Twice the room for fields. false: ENOMEM. */
bool record_grow(struct record *r);

/* One more field, not set; NULL: ENOMEM. */
static inline struct field *record_field_new(struct record *r)
{
	return r->n < r->cap || record_grow(r) ? &r->field[r->n++] : NULL;
}

#endif
