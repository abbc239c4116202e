/* pool.c - numbers that are handed out one at a time. Refuses prefixes with host
 * bits set and pools over 65536. */
#include "engine/pool.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

int pool_init(struct pool *p, uint32_t first, uint32_t n)
{
	*p = (struct pool){ .first = first, .n = n, .last = n - 1 };
	if (n == 0 || n > POOL_MAX) {
		errno = EINVAL;
		return -1;
	}
	p->taken = calloc(n, 1);
	return p->taken ? 0 : -1;
}

void pool_clear(struct pool *p)
{
	free(p->taken);
	*p = (struct pool){ 0 };
}

int pool_init_prefix(struct pool *p, const char *text, const char **why)
{
	char host[INET_ADDRSTRLEN];
	struct in_addr a;
	uint64_t bits = 0;
	struct view rest = view_of(text), part;
	*why = "not ADDRESS/BITS";
	if (!view_split(&rest, '/', &part) || !view_str(part, host, sizeof host) || inet_pton(AF_INET, host, &a) != 1 ||
	    !num_u64(rest, 0, 32, &bits))
		return -1;
	*why = "a pool has 16 to 32 bits";
	if (bits < 16)
		return -1;
	uint32_t net = ntohl(a.s_addr), size = (uint32_t)1 << (32 - bits);
	*why = "the address is not the first of its network";
	if (net & (size - 1))
		return -1;
	*why = "out of memory";
	return size > 2 ? pool_init(p, net + 1, size - 2) : pool_init(p, net, size);
}

bool pool_take(struct pool *p, uint32_t *number)
{
	for (uint32_t i = 1; i <= p->n; i++) {
		uint32_t at = (p->last + i) % p->n;
		if (p->taken[at])
			continue;
		p->taken[at] = 1;
		p->last = at;
		p->used++;
		*number = p->first + at;
		return true;
	}
	return false;
}

void pool_give(struct pool *p, uint32_t number)
{
	uint32_t at = number - p->first;
	if (at >= p->n || !p->taken[at])
		return;
	p->taken[at] = 0;
	p->used--;
}
