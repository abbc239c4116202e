/* Lines as a chain's certificates say them, the holder's first: what is taken must be
 * written again as it was taken. */
#include "fuzz/fuzz.h"
#include "wire/who.h"

#include <stdlib.h>

void fuzz_one(const uint8_t *p, size_t n)
{
	struct view rest = { (const char *)p, n }, line[WHO_CHAIN_MAX + 2];
	struct who w, again;
	struct buf out;
	const char *why;
	unsigned lines = 0;
	while (lines < sizeof line / sizeof *line && view_split(&rest, '\n', &line[lines]))
		lines++;
	buf_init(&out, WHO_TEXT_MAX);
	if (who_vouched(&w, line, lines, &why) == 1 && w.role == ROLE_NONE)
		abort();
	if (lines && who_parse(&w, line[0], &why) == 1 &&
	    (who_write(&w, &out) != 0 || who_parse(&again, buf_view(&out), &why) != 1 || memcmp(&w, &again, sizeof w) != 0))
		abort();
	buf_clear(&out);
}
