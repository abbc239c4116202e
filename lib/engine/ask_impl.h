/* ask_impl.h - inside ask.c, ask_channel.c and ask_dgram.c: the questions, and the
 * channel, or association, that they go over. Between ask_enter and ask_leave callbacks may free the
 * asker; its storage stays until then. */
#ifndef SP_ENGINE_ASK_IMPL_H
#define SP_ENGINE_ASK_IMPL_H

#include "engine/ask.h"
#include "engine/chan.h"

struct dtls;

struct question {
	struct question *next;
	struct ask *a;
	struct record rec;
	struct ask_conf_question conf;
	char id[40];
	int64_t patience; /* ms for a reply, or for each row of pages */
	unsigned lost;    /* channels on which it was lost */
	bool spare;       /* the first of them had been used before: one try more */
	bool begun;       /* a row came: of this page, or over this channel */
	bool unsendable;  /* too long */
	struct loop_timer timer;
	struct loop_timer again; /* over dtls: until it is sent once more */
	unsigned sent;           /* so many times */
	uint64_t count;
};

struct ask {
	struct loop *loop;
	struct ask_conf conf;
	struct chan *c;
	struct dtls *d;      /* one of them at most */
	struct ssl_ctx_st *ctx; /* of d */
	unsigned next;       /* address of the host of d */
	int64_t until, heard; /* for being open; when something came last */
	const char *why;     /* the last of its addresses was of no use */
	char over[400];      /* where the present address's answers are that are too long, or "" */
	const char *over_text;
	bool open, used;
	bool early; /* to be opened although there is no question */
	unsigned at;
	struct question *list;
	struct loop_timer again;
	char prefix[17];
	unsigned long serial;
	unsigned busy;
	bool freed;
};

/* ask.c */
void ask_enter(struct ask *a);
void ask_leave(struct ask *a);
/* Calls back and frees q. */
void question_end(struct question *q, const struct ask_end *end);
void question_fail(struct question *q, enum sp_exit status, const char *why);
void ask_answer(struct ask *a, struct record *r);

/* ask_channel.c */
void question_send(struct question *q);
/* Arms the timer for its share of the time that is left. */
void question_arm(struct question *q);
/* The channel is of no use: the questions go to the next address, or end. */
void ask_lost(struct ask *a, enum sp_exit status, const char *why);
void ask_hang_up(struct ask *a);
/* There may be questions and no channel. */
void ask_wake(struct ask *a);

/* ask_dgram.c. All but open are of an asker that has an association. */
struct ask_dgram {
	void (*open)(struct ask *a, struct ssl_ctx_st *ctx, int64_t until);
	bool (*send)(struct question *q); /* false: too long */
	void (*hang_up)(struct ask *a);
	/* Nothing was heard: the monitor may have forgotten this association. The next one. */
	void (*doubt)(struct ask *a);
	/* An answer more=tls came: its question goes over tls:. False: it is another one. */
	bool (*over_tls)(struct ask *a, struct record *r);
};

#endif
