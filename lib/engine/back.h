/* back.h - connections that service processors hold to their router, kept until
 * somebody of this machine asks for one by its serial. The serial is the one in
 * the certificate, and nothing else. One connection of each serial waits, the
 * newest: after a crash the old one is not yet known to be dead. */
#ifndef SP_ENGINE_BACK_H
#define SP_ENGINE_BACK_H

#include "base/record.h"
#include "sys/loop.h"

#define BACK_CALLERS 1024 /* at most, asking at once */

struct ssl_ctx_st;
struct back;

struct back_conf {
	struct loop *loop;
	unsigned peers;     /* connections at most; who comes then waits to be accepted */
	unsigned strangers; /* of them from one address that have not said who they are */
	/* serial= state=waiting|picked|ended peer= [reason= seconds= in_bytes= out_bytes= detail=] */
	void (*event)(void *arg, struct record *r);
	/* Who was refused: peer= detail=, and what refusal.h has. */
	void (*refused)(void *arg, struct record *r);
	void *arg;
};

struct back *back_new(const struct back_conf *conf); /* NULL with errno */
/* Takes the descriptors over, at once listening. ctx: that lets in the role processor alone.
 * 0/-1 errno. */
int back_listen(struct back *b, int fd, struct ssl_ctx_st *ctx); /* service processors */
int back_listen_local(struct back *b, int fd);                   /* callers: a unix socket */
/* Ends all, each told as an event. NULL: nothing. */
void back_free(struct back *b);

#endif
