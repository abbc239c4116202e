/* proxied.h - a client's way through a proxy: TLS to that, HTTP's CONNECT (wire/httpconnect.h), and
 * then a descriptor that leads where it was asked for. */
#ifndef SP_ENGINE_PROXIED_H
#define SP_ENGINE_PROXIED_H

#include "base/exit.h"
#include "sys/sock.h"
#include "sys/stream.h"
#include "wire/httpconnect.h"

#define PROXIED_WHY 256

/* HOST:PORT in to. false: that is none. */
bool proxied_parse(struct httpconnect *to, const char *text);

/* The proxy's answer in `in`: 1 it leads there, and what is behind it is left; 0 need more; -1
 * it does not: *status, and why for people. */
int proxied_heard(struct buf *in, enum sp_exit *status, char why[PROXIED_WHY]);

struct proxied_conf {
	struct addr proxy;      /* tls:, with the name that its certificate must say (addr_peer) */
	struct ssl_ctx_st *ctx; /* a client's; outlives it */
	struct httpconnect to;
	int64_t deadline;       /* for being there, clock_ms */
	/* Once one of these: fd is the caller's, non-blocking and close-on-exec; its end of file is
	 * the connection's end. Or there is none: then only proxied_free is left to do. */
	void (*open)(void *arg, int fd);
	void (*failed)(void *arg, enum sp_exit status, const char *why);
	void *arg;
};

struct proxied;
/* NULL with errno and a constant reason. Calls back from within the loop only. */
struct proxied *proxied_new(struct loop *l, const struct proxied_conf *conf, const char **why);
/* The connection ends. Safe in its callbacks. NULL: nothing. */
void proxied_free(struct proxied *p);

#endif
