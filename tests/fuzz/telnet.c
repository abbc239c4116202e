/* telnet.c - any bytes at both ends of a telnet session, and typed lines. The
 * first byte says which end and how large the pieces are. */
#include "fuzz/fuzz.h"

#include "wire/edit.h"
#include "wire/telnet.h"

#include <stdlib.h>

void fuzz_one(const uint8_t *p, size_t n)
{
	if (n < 1)
		return;
	struct buf user, wire;
	static const char *const hide[] = { "secret ", NULL };
	struct edit e = { .hide = hide };
	const char *why = NULL;
	size_t step = (size_t)(p[0] >> 1) + 1;
	buf_init(&user, 65536);
	buf_init(&wire, 65536);
	struct nvt *t = nvt_new(p[0] & 1 ? NVT_SERVER : NVT_CLIENT, &wire);
	for (size_t i = 1; t && i < n; i += step) {
		struct view v = { (const char *)p + i, n - i < step ? n - i : step };
		if (nvt_recv(t, v, &user, &wire, &why) != 0 && !why)
			abort();
	}
	for (size_t i = 0; i < user.len; i++)
		if (edit_key(&e, user.data[i], &wire) != EDIT_MORE)
			edit_reset(&e);
	if (e.n > EDIT_MAX || e.line[e.n] != '\0')
		abort();
	nvt_free(t);
	buf_clear(&user);
	buf_clear(&wire);
}
