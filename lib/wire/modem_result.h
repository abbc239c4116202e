/* modem_result.h - one line of a modem's: which result code it is (V.250 6.3.3
 * and its verbose and numeric forms, those of the field's chips too), and what
 * it tells about the call. */
#ifndef SP_WIRE_MODEM_RESULT_H
#define SP_WIRE_MODEM_RESULT_H

#include "base/view.h"

#include <stdint.h>

enum modem_result {
	RESULT_OTHER, /* not known, or no result: echo, a banner, noise */
	RESULT_OK,
	RESULT_CONNECT,
	RESULT_RING,
	RESULT_NO_CARRIER,
	RESULT_ERROR,
	RESULT_NO_DIALTONE,
	RESULT_BUSY,
	RESULT_NO_ANSWER,
	RESULT_DELAYED,
	RESULT_BLACKLISTED,
	RESULT_VOICE,   /* or a facsimile */
	RESULT_RINGING, /* the other end is rung */
	RESULT_REPORT,  /* no result, but facts */
	RESULT_COUNT
};

struct modem_facts { /* zero: not said */
	uint64_t speed;    /* bit/s on the line; CARRIER and +MRR count more than CONNECT */
	bool carrier;      /* speed is such a one */
	char protocol[32]; /* "LAPM/V42BIS" */
	char from[40];     /* who calls */
};

/* numeric: a line of digits is a result code. Text in any case. */
enum modem_result modem_result(struct view line, bool numeric, struct modem_facts *f);
/* "NO CARRIER"; "" for what is none. */
const char *modem_result_name(enum modem_result r);

#endif
