/* modem.h - the computer's side of a modem's dialogue (ITU-T V.250, and what
 * the field's modems say beside it): setting it up, dialing, waiting for a ring
 * and answering, hanging up. Bytes and times in; bytes and events out. No
 * descriptor and no clock: times are milliseconds that the caller knows.
 *
 * States, what each waits for and how long, are a table (modem.c). Lines that
 * are not understood are passed over, echo too; a line is bounded, and no
 * deadline is moved by what a modem says, however much that is. */
#ifndef SP_WIRE_MODEM_H
#define SP_WIRE_MODEM_H

#include "base/reason.h"
#include "wire/modem_result.h"

#include <stdint.h>

#define MODEM_LINE 128    /* what a line has more is cut off */
#define MODEM_COMMAND 192 /* the longest command, with CR */
#define MODEM_DRAIN_MS 500   /* hanging up: what was written is waited for, by the owner */
#define MODEM_HANGUP_MS 4400 /* and then modem_hangup takes at most this */

enum modem_event_kind {
	MODEM_PROGRESS, /* word: initialising, waiting, dialing, ringing, answering, hanging-up */
	MODEM_RINGING,  /* is about to be answered; facts.from */
	MODEM_MISSED,   /* it was answered, and came to nothing; detail. It waits again */
	MODEM_UP,       /* the next byte is the call's; facts */
	MODEM_DTR_DOWN,
	MODEM_DTR_UP,
	MODEM_END       /* last: reason (REASON_NONE: hung up), detail */
};

struct modem_event {
	enum modem_event_kind kind;
	const char *word;
	enum reason reason;
};

struct modem_conf { /* texts are borrowed until modem_init returns */
	bool answer;         /* waits for a ring; false: dials */
	bool probe;          /* only sets it up: then MODEM_END without a reason */
	bool dtr;            /* the channel can drop DTR */
	const char *init;    /* after ATZ and our own settings, with or without AT; "": nothing */
	const char *command; /* "ATDT" */
	const char *prefix, *number;
	unsigned rings;      /* answer after so many */
	int64_t wait, guard; /* ms: for a carrier, around the escape */
	int64_t deadline;    /* calling: to be up; INT64_MAX: the modem's own */
};

struct modem { /* storage of the caller's */
	struct modem_facts facts;
	char detail[160]; /* of MODEM_END, MODEM_MISSED */
	/* modem.c's own */
	struct modem_conf conf;
	char init[MODEM_COMMAND], dial[MODEM_COMMAND], setup[64];
	char out[MODEM_COMMAND]; /* to be written, from outat */
	size_t outn, outat;
	char line[MODEM_LINE];
	size_t n;
	unsigned state, tries, rings;
	bool again; /* when hung up: from the start, not the end */
	bool verbose, cut;
	int64_t at, limit; /* the state's deadline; hanging up: the last moment */
	enum reason reason;
	const char *word;
	struct modem_event event[8];
	unsigned nevent;
};

/* Digits * # A-D + , W @ ! T P - and blanks, with at least one digit? Otherwise
 * false and a constant reason: nothing else may get into a dial command. */
bool modem_number(const char *text, const char **why);

/* Begins. 0, or -1 with a constant reason: number, prefix or command must not be sent. */
int modem_init(struct modem *m, const struct modem_conf *conf, int64_t now, const char **why);
/* Bytes from the modem. Returns how many were taken: it stops where an event
 * was made (take it, go on), and at MODEM_UP for good. */
size_t modem_recv(struct modem *m, struct view bytes, int64_t now);
/* May CONNECT come next? Then read byte by byte: what follows it is the call's. */
bool modem_may_connect(const struct modem *m);
/* What is to be written, and that n bytes of it were. */
struct view modem_output(const struct modem *m);
void modem_written(struct modem *m, size_t n);
/* The oldest event; false: none. */
bool modem_take(struct modem *m, struct modem_event *ev);
/* modem_tick then; INT64_MAX: never (the call is up, or all is over). */
int64_t modem_deadline(const struct modem *m);
void modem_tick(struct modem *m, int64_t now);
/* In order, from any state; what was written before is sent. MODEM_END follows. */
void modem_hangup(struct modem *m, int64_t now);
/* There is no carrier any more while we hang up: that was it. */
void modem_no_carrier(struct modem *m, int64_t now);

#endif
