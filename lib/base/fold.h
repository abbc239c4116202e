/* fold.h - text brought into one form, so that what a person would call the
 * same name compares equal byte for byte. */
#ifndef SP_BASE_FOLD_H
#define SP_BASE_FOLD_H

#include "base/buf.h"

/* Appends `in` in lower case of any script and without accents: "MÜLLER" and
 * "Müller" give "muller", "ΑΘΗΝΑ" and "Αθήνα" the same, ß gives ss, Turkish
 * dotted and dotless i both give i. Composed and decomposed letters give the
 * same. Bytes that are not UTF-8 stay as they are. 0/-1 errno (ENOENT: this
 * machine has no C.UTF-8 locale). */
int fold_text(struct view in, struct buf *out);

/* The same, and only letters and digits are left: serial numbers. */
int fold_serial(struct view in, struct buf *out);

/* Appends the digits of a telephone number as dialed from abroad, as far as it
 * says so: "+49 (0)30 1234" and "0049 30 1234" give "49301234". A national
 * number (7 digits or more) loses its leading 0. *full: it began with + or 00. 0/-1 errno. */
int fold_phone(struct view in, struct buf *out, bool *full);

/* Turns the code points of b round from byte `from` on: what an index needs to
 * find text by its end. */
void fold_reverse(struct buf *b, size_t from);

#endif
