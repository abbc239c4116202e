/* hayes.h - the modem's own side of the dialogue with a computer: AT commands
 * (V.250, and what Hayes and its successors had besides), result codes, data
 * mode and the way out of it. Bytes and times in; bytes and events out. No
 * descriptor and no clock: times are milliseconds that the caller knows.
 * It refuses what it does not know with ERROR; it sends no fax. */
#ifndef SP_WIRE_HAYES_H
#define SP_WIRE_HAYES_H

#include "base/buf.h"

#include <stdint.h>

#define HAYES_LINE 256   /* a longer command line is an ERROR */
#define HAYES_NUMBER 64  /* digits of a number, with the NUL */
#define HAYES_SREGS 64
#define HAYES_TEXT 40    /* a + parameter's value, with the NUL */
#define HAYES_OUT 16384  /* more is not kept for a computer that does not read */

/* ESCAPED: a call is up, commands are taken */
enum hayes_state { HAYES_COMMAND, HAYES_DIALLING, HAYES_ANSWERING, HAYES_ONLINE, HAYES_ESCAPED };

/* DIAL: h->dial; ANSWER: it goes off-hook on what rings */
enum hayes_event { HAYES_NONE, HAYES_DIAL, HAYES_ANSWER, HAYES_HANGUP };

enum hayes_result {
	HAYES_OK, HAYES_CONNECT, HAYES_RING, HAYES_NO_CARRIER, HAYES_ERROR,
	HAYES_NO_DIALTONE, HAYES_BUSY, HAYES_NO_ANSWER, HAYES_DELAYED, HAYES_BLACKLISTED, HAYES_VOICE
};

/* Parameters of one letter, in the order of their table. */
enum hayes_par {
	PAR_E, PAR_Q, PAR_V, PAR_X, PAR_W, PAR_A, PAR_C, PAR_D, PAR_OTHER, PAR_COUNT = PAR_OTHER + 24
};
enum hayes_ext { EXT_FCLASS, EXT_MS, EXT_ER, EXT_MR, EXT_DR, EXT_ILRR, EXT_OTHER, EXT_COUNT = EXT_OTHER + 9 };

struct hayes_set { /* what &W stores and Z brings back */
	uint8_t par[PAR_COUNT];
	uint8_t s[HAYES_SREGS];
	char ext[EXT_COUNT][HAYES_TEXT];
};

struct hayes_dial {
	char number[HAYES_NUMBER]; /* 0-9 * # A-D only */
	unsigned pause_ms;         /* commas, S8 each */
	bool wait_tone;            /* W: a dial tone is waited for whatever X says */
	bool quiet;                /* @: NO ANSWER whatever X says */
};

struct hayes {
	enum hayes_state state;
	struct buf out;  /* for the computer; the caller consumes */
	struct buf line; /* data for the line; the caller consumes */
	struct hayes_dial dial;
	bool off_hook;   /* with no call: ATH1, or a number ended by ; */
	uint64_t speed;  /* of the call */
	unsigned port_speed; /* of the computer's side, for W0; the caller's to set */
	/* hayes.c's own */
	struct hayes_set set, stored;
	char cmd[HAYES_LINE], last[HAYES_LINE], last_number[HAYES_NUMBER], part[HAYES_NUMBER], book[4][HAYES_NUMBER];
	size_t n;
	bool too_long;
	uint8_t sreg; /* the register that = and ? mean */
	enum hayes_event event[8];
	unsigned nevent, plus;
	int64_t began, heard, plus_at;
};

void hayes_init(struct hayes *h);
void hayes_clear(struct hayes *h);

/* Bytes of the computer. Returns how many were taken: it stops behind a command
 * that made an event (take it, then go on), and in data mode when h->line is
 * full. */
size_t hayes_dte(struct hayes *h, struct view bytes, int64_t now);
/* The oldest event, taken. */
enum hayes_event hayes_take(struct hayes *h);
/* Look again then (INT64_MAX: never), and call hayes_tick. */
int64_t hayes_deadline(const struct hayes *h);
void hayes_tick(struct hayes *h, int64_t now);
/* Bytes of the computer wait outside (flow control): that is no silence. */
void hayes_held(struct hayes *h, int64_t now);

/* From the line. hayes_ring: true when S0 makes it answer by itself (the event
 * is then there); with able false (DTR is down) it does not. */
bool hayes_ring(struct hayes *h, bool able, int64_t now);
void hayes_ring_end(struct hayes *h);
void hayes_connect(struct hayes *h, uint64_t speed, int64_t now);
void hayes_fail(struct hayes *h, enum hayes_result why); /* instead of CONNECT */
void hayes_lost(struct hayes *h);                        /* the carrier */
/* DTR fell: &D says what that means. */
void hayes_dtr(struct hayes *h);

/* Do X, W and @ allow this result? Otherwise it waits for S7: NO CARRIER. */
bool hayes_hears(const struct hayes *h, enum hayes_result r);
unsigned hayes_s(const struct hayes *h, unsigned reg);
bool hayes_par(const struct hayes *h, enum hayes_par p, unsigned value);
/* The most that +MS allows, bit/s; 0: no bound. */
uint64_t hayes_most(const struct hayes *h);

#endif
