/* ask.h - the asking side of the protocol of chan.h, and by datagrams over dtls:: questions to whichever of
 * several addresses answers. One channel at a time, opened when there is a
 * question and kept for the next ones. A question whose address refuses the
 * connection, closes it, breaks the protocol or stays silent for its share of
 * the time is asked again, under the same id=, at the next address; when every
 * address was tried once (one whose channel had been used before: twice), or
 * the deadline has passed, or rows of it had come already, it ends with SP_PEER,
 * SP_TIMEOUT, or SP_DENIED: one end does not accept the other's certificate. */
#ifndef SP_ENGINE_ASK_H
#define SP_ENGINE_ASK_H

#include "base/exit.h"
#include "base/record.h"
#include "sys/loop.h"

struct ssl_ctx_st;
struct ask;
struct question;

/* How dtls: is asked. It is given, not called by name: who never asks there has no DTLS
 * library to load. */
struct ask_dgram;
extern const struct ask_dgram ask_dgram;

struct ask_conf {
	const char *const *address; /* "tls:HOST:PORT", "dtls:HOST:PORT", "unix:PATH"; must outlive the asker */
	unsigned naddress;          /* at least 1 */
	/* Needed when one is tls: or dtls:. Called when there is something to open there; what it
	 * returns is the caller's. NULL with a constant reason: what is asked ends with SP_SYSTEM. */
	struct ssl_ctx_st *(*context)(void *arg, bool datagrams, const char **why);
	void *arg;
	const struct ask_dgram *dgram; /* needed when one is dtls: */
	/* An answer was too long for a datagram: it is asked for there. May be NULL. */
	void (*moved)(const char *from, const char *to);
};

/* NULL with errno. Opens nothing yet. */
struct ask *ask_new(struct loop *l, const struct ask_conf *conf);
/* Also forgets the questions that are not answered, without calling back. */
void ask_free(struct ask *a);

/* Opens the channel now, for a question that will come: the loop has the time
 * for it meanwhile. A failure is nobody's until something is asked. */
void ask_open(struct ask *a);

/* How a question ended. All of it is valid during the call only. */
struct ask_end {
	enum sp_exit status; /* SP_OK, or what error= of the reply stands for, or SP_TIMEOUT,
	                      * SP_PEER when there was no (whole) reply, or SP_SYSTEM */
	int step;            /* step= of the reply, 0 when it named none */
	const char *detail;  /* for people; "" when all went well */
	struct record *last; /* the reply's last record, without id= and done=; NULL without reply */
	uint64_t count;      /* rows, of all pages */
};

struct ask_conf_question {
	const struct record *record; /* copied; id= is added, one that is in it is replaced */
	int64_t deadline;            /* clock_ms; for the whole answer; a stream: for its first row;
	                              * paged: for the first, then as long again for each row */
	bool paged;                  /* a reply with more=CURSOR: ask on with after=CURSOR */
	bool stream;                 /* op=watch: rows without end; asked again when the channel
	                              * breaks, for ever, every second; only a reply with error= or
	                              * done=, or no first row before the deadline, ends it, or that
	                              * before that one end does not accept the other's certificate */
	void (*row)(void *arg, struct record *r); /* without id=; may be NULL: rows are ignored */
	/* Called once, unless it was forgotten; the question is gone afterwards. May be NULL. */
	void (*end)(void *arg, const struct ask_end *end);
	void *arg;
};

/* NULL with errno. Calls back from within the loop only. */
struct question *ask(struct ask *a, const struct ask_conf_question *conf);
/* No more callbacks; what still comes for it is ignored. NULL: nothing.
 * Allowed within row, not within end. */
void ask_forget(struct question *q);

/* Asks and runs the loop until the question has ended (or something else stops
 * it). Returns how it ended; *step and detail (of `size`) are set. */
enum sp_exit ask_wait(struct ask *a, const struct ask_conf_question *conf, int *step, char *detail,
                      size_t size);

struct loop *ask_loop(const struct ask *a);
/* The address that the channel is open to, or was last tried. */
const char *ask_address(const struct ask *a);

#endif
