/* dial.h - the first session: a telnet connection to a router and the dialogue
 * of its profile over it (talk.h). What the session brings is told; the call is
 * held as long as the dial object is, and hung up politely by dial_hangup. */
#ifndef SP_ENGINE_DIAL_H
#define SP_ENGINE_DIAL_H

#include "engine/talk.h"
#include "sys/loop.h"
#include "sys/sock.h"

struct dial_ops { /* from the loop; all but end may be followed by more */
	void (*note)(void *arg, int step, const char *word);
	void (*progress)(void *arg, int step, struct record *fields);
	void (*ready)(void *arg, struct record *fields);
	void (*end)(void *arg, enum sp_exit status, int step, const char *detail, struct record *fields);
};

struct dial_proxy {                /* engine/proxied.h */
	struct addr at;
	struct ssl_ctx_st *ctx;
	char session[64];              /* whose the connection is; "": it is not said */
};

struct dial_conf {
	const struct profile *profile; /* outlives the dial, as does the password */
	struct record *vars;           /* outlives it too */
	const struct secret *password;
	const char *host, *port;       /* copied */
	struct ssl_ctx_st *tls;        /* the caller's; NULL: in the clear */
	const struct dial_proxy *proxy; /* outlives it. NULL: directly */
	int64_t deadline;              /* for the connection, clock_ms */
	int transcript;                /* descriptor for transcript.h, or -1 */
	const char *call;              /* its name there */
	void (*unwritten)(void *arg, int error); /* the transcript could not be */
	const struct dial_ops *ops;
	void *arg;
};

struct dial;

/* Begins to connect. NULL with errno and a constant reason. */
struct dial *dial_new(struct loop *l, const struct dial_conf *conf, const char **why);
/* vars have another permit=: the profile's row for that, if its state has one. */
void dial_renewed(struct dial *d);
/* The profile's hangup state; `end` with SP_OK follows, soon. After end: nothing. */
void dial_hangup(struct dial *d);
bool dial_ended(const struct dial *d);
/* Closes at once; no more ops. Safe within ops. NULL: nothing. */
void dial_free(struct dial *d);

/* Reads DIR/NAME.profile for the first of the directories that has it. NULL with
 * a reason in why[]: the file and its line. */
struct profile *dial_profile(const char *const *dir, const char *name, char *why, size_t size);
/* The same of a file by its path. */
struct profile *dial_profile_file(const char *path, char *why, size_t size);
/* All of a file, up to max bytes and one. 0/-1 errno. */
int dial_file(const char *path, size_t max, struct buf *b);

#endif
