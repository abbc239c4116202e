/* alloc_inside.c - the address of a system within the gateway's tunnel, which all service
 * processors have another of while they are connected. Looked for from a place by chance
 * on: one that was just given back rests, mostly. */
#include "engine/alloc_impl.h"

#include "engine/calls.h"

#include <arpa/inet.h>
#include <sys/random.h>

enum sp_exit alloc_inside(const struct alloc *a, struct record *answer)
{
	const struct issuer *i = a->issuer;
	struct record other = { 0 };
	char text[INET_ADDRSTRLEN];
	uint32_t start;
	int taken = 1;
	if (!i || !i->ninside)
		return SP_OK;
	if (getrandom(&start, sizeof start, 0) != (ssize_t)sizeof start)
		return SP_SYSTEM;
	for (uint32_t n = 0; n < i->ninside && taken == 1; n++) {
		struct in_addr at = { htonl(i->inside + (start % i->ninside + n) % i->ninside) };
		inet_ntop(AF_INET, &at, text, sizeof text);
		taken = calls_lease_inside(a->store, text, &other);
	}
	record_clear(&other);
	if (taken == 1)
		return alloc_no(answer, SP_BUSY, "every address within the tunnel is taken");
	return taken == 0 && record_set(answer, "inside", text) == 0 ? SP_OK : SP_SYSTEM;
}
