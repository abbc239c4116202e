/* reply.h - answers to questions that come as datagrams. One answer is one datagram, of
 * whole record lines; it is kept for a while, so that the same question by the same party,
 * whose answer was lost, gets the same answer and does nothing twice. */
#ifndef SP_ENGINE_REPLY_H
#define SP_ENGINE_REPLY_H

#include "base/record.h"
#include "base/siphash.h"
#include "sys/cert.h"
#include "sys/dtls.h"

#define REPLY_MAX DTLS_MAX   /* bytes of an answer */
#define REPLY_ID 65
#define REPLIES_MAX 1024     /* kept, or under way, of all */
#define REPLIES_OF_ONE 16    /* of one party */
#define REPLY_KEEP_MS 60000

struct reply {
	struct reply *next; /* the latest is first */
	uint64_t key;
	char party[CERT_ID], id[REPLY_ID];
	void *at;   /* who is asked: NULL when the answer is complete */
	void *to;   /* who is told; NULL: nobody is there now */
	bool large; /* it did not fit: text has nothing */
	struct buf text;
	int64_t when; /* clock_ms, that it was asked */
};

struct replies {
	struct reply *first;
	unsigned n;
	uint8_t secret[SIPHASH_KEY];
	bool ready;
};

/* One record line, with LF or without. 1, 0 with a constant reason. r points into it. */
int reply_question(struct record *r, struct view datagram, const char **why);

/* The answer to this question of that party, if it was asked not long ago; then the latest of all. */
struct reply *reply_find(struct replies *all, const char *party, struct view question, int64_t now);
/* A place for it. NULL: as many as may be are under way, or out of memory. */
struct reply *reply_new(struct replies *all, const char *party, const char *id, struct view question, int64_t now);
/* The one under way at `at` that has this id; NULL. */
struct reply *reply_under_way(struct replies *all, const void *at, struct view id);
bool reply_any_under_way(const struct replies *all, const void *at);
/* A record more. */
void reply_add(struct reply *r, const struct record *row);
/* It is not kept. */
void reply_drop(struct replies *all, struct reply *r);
void replies_clear(struct replies *all);

#endif
