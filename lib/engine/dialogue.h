/* dialogue.h - a modem's dialogue (wire/modem.h) over any byte descriptor: a
 * tty, or whatever a terminal server's port is reached by. One dialogue is one
 * call: setting the modem up, dialing or waiting for a ring, the call itself,
 * hanging up. What the channel has beside bytes - DTR, carrier - its owner does
 * in callbacks.
 *
 * While the call is up the descriptor is not touched here: it is the user's. */
#ifndef SP_ENGINE_DIALOGUE_H
#define SP_ENGINE_DIALOGUE_H

#include "base/reason.h"
#include "sys/lineopt.h"
#include "sys/loop.h"

struct dialogue;

/* All from the loop. Those marked so may be NULL. */
struct dialogue_ops {
	/* Raises or drops DTR. NULL: the channel has none, and the modem is hung up by
	 * the escape sequence alone. */
	void (*dtr)(void *arg, bool up);
	/* 1: there is a carrier, 0: none, -1: the channel does not tell. NULL: as -1. */
	int (*carrier)(void *arg);
	void (*progress)(void *arg, const char *word); /* CIRCUIT_PROGRESS's words, and waiting. May be NULL */
	void (*ringing)(void *arg, const char *from);  /* about to be answered; from "" unknown. May be NULL */
	void (*missed)(void *arg, const char *from, const char *detail); /* that came to nothing; it waits again. May be NULL */
	/* CONNECT: the next byte of the descriptor is the call's first. The owner may
	 * free the dialogue here. */
	void (*up)(void *arg);
	/* The last event: the modem is idle, or is not to be had. REASON_NONE: it was
	 * hung up. The owner may free the dialogue here. */
	void (*down)(void *arg, enum reason reason, const char *detail);
};

struct dialogue_conf {
	struct loop *loop;
	int fd;           /* non-blocking; the owner's, who closes it after down or dialogue_free */
	const struct line_options *opt; /* copied: init, dial, prefix, command, rings, wait, guard */
	bool answer;      /* waits for a ring, however long; false: dials opt->dial */
	bool probe;       /* only sets the modem up; down follows, with REASON_NONE */
	int64_t deadline; /* calling: to be up, clock_ms; CLOCK_NEVER: the modem's own */
	const struct dialogue_ops *ops;
	void *arg;
};

/* Begins: events follow from the loop. NULL with errno and a constant reason
 * (EINVAL: no number, or one with characters that must not be dialed). */
struct dialogue *dialogue_new(const struct dialogue_conf *conf, const char **why);

/* Since up. */
uint64_t dialogue_speed(const struct dialogue *d);       /* bit/s on the line; 0: the modem did not say */
const char *dialogue_protocol(const struct dialogue *d); /* "LAPM/V42BIS"; "": did not say */
const char *dialogue_peer(const struct dialogue *d);     /* the number dialed, or who calls; "": unknown */

/* In order: waits until what was written is sent (bounded), then DTR, else the
 * escape sequence and ATH; down follows within CIRCUIT_HANGUP_MAX. From up on
 * the descriptor is read here again (what still comes is discarded). At any
 * time; twice is no harm. */
void dialogue_hangup(struct dialogue *d);
/* At once, without an event and without a word to the modem. NULL: nothing. */
void dialogue_free(struct dialogue *d);

#endif
