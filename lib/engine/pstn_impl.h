/* pstn_impl.h - the exchange's own: modems with their ports, and the faults they
 * are to have. pstn.c keeps them, pstn_port.c is the pty, pstn_command.c obeys;
 * calls are in pstn_call.h. */
#ifndef SP_ENGINE_PSTN_IMPL_H
#define SP_ENGINE_PSTN_IMPL_H

#include "engine/pstn.h"
#include "wire/hayes.h"

#define PSTN_NAME 64
#define PSTN_SWEEP 20 /* ms between two looks at who has a pty open, and at its DTR */

enum fault_kind { /* up to VOICE they decide a call; the others happen on one */
	FAULT_NO_DIALTONE, FAULT_DELAYED, FAULT_BLACKLISTED, /* of who calls */
	FAULT_BUSY, FAULT_NO_ANSWER, FAULT_NO_CARRIER, FAULT_VOICE, /* of who is called */
	FAULT_DROP, FAULT_ERRORS, FAULT_STALL, FAULT_NOISE, FAULT_ESCAPE,
	FAULTS
};

struct fault {
	bool set, forever;
	uint64_t after, bytes, count;
	int64_t ms;
	double rate;
};

struct call;

struct port {
	int fd; /* the pty's master */
	char slave[PSTN_NAME];
	bool open;    /* somebody has the slave */
	bool ending;  /* nobody has it any more, but not all that he wrote was read */
	bool held;    /* its bytes wait: back-pressure */
	bool dropped; /* the modem was told that DTR is down */
	int64_t low_since; /* when DTR fell; 0: it is up */
	int64_t hangup_by; /* the carrier fell: hang up by then; 0: not */
	int64_t fell_until; /* it fell while CLOCAL was on: who turns that off before then is hung up on */
};

struct modem {
	struct modem *next;
	struct pstn *x;
	char number[PSTN_NAME], name[PSTN_NAME];
	uint64_t speed;
	struct hayes h;
	struct loop_timer guard; /* hayes_deadline */
	struct port port;
	struct call *call;
	unsigned side; /* of call */
	struct fault fault[FAULTS];
};

struct pstn {
	struct pstn_conf conf;
	int dirfd;
	struct modem *modems;
	struct call *calls;
	unsigned long count;
	uint64_t random;
	struct loop_timer sweep;
};

/* pstn.c */
struct modem *pstn_find(struct pstn *x, const char *number); /* punctuation does not count */
void pstn_remove(struct modem *m);
uint32_t pstn_draw(struct pstn *x);

/* pstn_pty.c: 0/-1 errno */
int port_new(struct modem *m);
void port_free(struct modem *m); /* removes the symlink */
int pty_slave(const struct modem *m); /* opened for a moment */
unsigned pty_baud(const struct modem *m); /* what the program set; 0: B0 */
bool pty_obeys(const struct modem *m); /* is CLOCAL off? */
bool pty_was_read(const struct modem *m); /* all that was said to the program? */

/* pstn_port.c */
void port_look(struct modem *m, int64_t now);
void port_flush(struct modem *m);
void port_resume(struct modem *m); /* there may be room again */
bool port_able(const struct modem *m); /* is DTR up? */
void port_carrier_fell(struct modem *m);

#endif
