/* connect.h - a connection being made, along every address of its name; and how
 * long to wait before the next try where one has failed. */
#ifndef SP_ENGINE_CONNECT_H
#define SP_ENGINE_CONNECT_H

#include "sys/loop.h"
#include "sys/sock.h"

struct connect;

/* From the loop, once; the connect is gone. fd: connected, non-blocking, the
 * receiver's; or -1 with the errno of the last try (ETIMEDOUT: the deadline). */
typedef void connect_fn(void *arg, int fd, int error);

/* tcp, tls or unix. NULL with errno and a constant reason: nothing was begun. */
struct connect *connect_new(struct loop *l, const struct addr *a, int64_t deadline, connect_fn *fn, void *arg,
                            const char **why);
void connect_free(struct connect *c); /* without a call. NULL: nothing */

#define RETRY_FIRST 500   /* ms */
#define RETRY_MOST 60000

/* Starts as zeros: delays that double, each shortened by up to a half at random,
 * so that many that lost the same peer do not come back at once. */
struct retry {
	int64_t delay;
};
int64_t retry_next(struct retry *r); /* ms to wait before the next try */

#endif
