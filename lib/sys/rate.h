/* rate.h - the rate at which this machine sends to one IPv4 address, set in the
 * kernel by netlink: an HTB class on the device that routes there, for that
 * address alone. Everything else on the device is sent as before. Needs
 * CAP_NET_ADMIN. */
#ifndef SP_SYS_RATE_H
#define SP_SYS_RATE_H

#include "sys/guard.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct rate { /* the guard's item: no padding, no pointers */
	int32_t ifindex;
	uint32_t minor; /* of the class */
};

/* A guard that undoes rates. NULL with errno. */
struct guard *rate_guard(void);
/* Has this process CAP_NET_ADMIN? */
bool rate_permitted(void);

/* Sets it; the guard knows of it before it is done. 0 and *out, or -1 with
 * errno and a constant reason; EBUSY: the device has a queueing discipline of
 * somebody else's, which is left alone. */
int rate_set(struct guard *g, struct in_addr to, uint64_t bits_per_second, struct rate *out, const char **why);
/* Takes it away, and the device's discipline with the last one. */
int rate_undo(struct guard *g, const struct rate *r);

#endif
