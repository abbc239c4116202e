/* pool.h - what a router hands out to one call at a time: its lines, and the
 * aliases of its pool. The next free one after the last, so that an address
 * that was just given back rests for as long as the pool allows. */
#ifndef SP_ENGINE_POOL_H
#define SP_ENGINE_POOL_H

#include <stdbool.h>
#include <stdint.h>

#define POOL_MAX 65536

struct pool {
	uint32_t first, n; /* numbers first .. first + n - 1 */
	uint32_t last;     /* offset of the one that was handed out last */
	uint32_t used;
	uint8_t *taken;    /* one byte each */
};

/* 0/-1 ENOMEM, EINVAL (n is 0 or over POOL_MAX). */
int pool_init(struct pool *p, uint32_t first, uint32_t n);
void pool_clear(struct pool *p);
/* "10.200.0.0/24": its hosts (of a /31 and /32 all addresses), as numbers. 0, or
 * -1 with a constant reason. */
int pool_init_prefix(struct pool *p, const char *text, const char **why);

bool pool_take(struct pool *p, uint32_t *number); /* false: none is free */
void pool_give(struct pool *p, uint32_t number);  /* one that is not taken: nothing */

#endif
