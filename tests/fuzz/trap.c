/* trap.c - bindings of any names, types and bytes: a valid record or a reason. */
#include "base/cursor.h"
#include "fuzz/fuzz.h"
#include "wire/trap.h"

#include <stdlib.h>

#define VARS 12

static trap_id ids[2 * VARS][TRAP_OID_MAX];

static const trap_id known[][12] = {
	{ 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 },
	{ 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 4341, 1 },
	{ 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 4341, 0 },
	{ 1, 3, 6, 1, 2, 1, 2, 2, 1 },
};
static const size_t known_len[] = { 11, 11, 11, 9 };

static struct trap_oid oid(struct cur *c, trap_id *id)
{
	size_t n = cur_u8(c) % 8, at = 0;
	unsigned k = cur_u8(c) % 6;
	if (k < 4) {
		for (; at < known_len[k]; at++)
			id[at] = known[k][at];
		n = k == 0 ? 0 : n % 3;
	}
	for (; n > 0; n--)
		id[at++] = cur_u8(c);
	return (struct trap_oid){ id, at };
}

void fuzz_one(const uint8_t *p, size_t n)
{
	struct cur c = cur_of(p, n);
	struct trap_var var[VARS] = { 0 };
	struct record r = { 0 }, again = { 0 };
	struct buf line;
	const char *why = NULL;
	size_t k = 0;
	buf_init(&line, 1 << 20);
	for (; k < VARS && cur_left(&c); k++) {
		var[k].name = oid(&c, ids[2 * k]);
		var[k].type = (enum trap_type)(cur_u8(&c) % 7);
		var[k].number = (int64_t)(int32_t)cur_u32(&c);
		var[k].oid = oid(&c, ids[2 * k + 1]);
		size_t bytes = cur_u8(&c);
		bytes = bytes < cur_left(&c) ? bytes : cur_left(&c);
		var[k].bytes = (struct view){ (const char *)cur_bytes(&c, bytes), bytes };
	}
	if (trap_decode(var, k, &r, &why) != 1 && !why)
		abort();
	if (!why && (record_write(&r, &line) != 0 ||
	             record_parse(&again, (struct view){ line.data, line.len - 1 }, &why) != 1))
		abort();
	record_clear(&r);
	record_clear(&again);
	buf_clear(&line);
}
