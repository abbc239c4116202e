/* pstn.h - a telephone exchange for laboratories: modems (wire/hayes.h) on
 * ptys, calls between them with a line's speed, latency and training time, and
 * faults when they are asked for. What happens comes out as records. */
#ifndef SP_ENGINE_PSTN_H
#define SP_ENGINE_PSTN_H

#include "base/record.h"
#include "sys/loop.h"

struct pstn_conf {
	struct loop *loop;
	const char *dir;    /* for the modems' symlinks */
	uint64_t speed;     /* bit/s; 8 a byte, as an error-correcting modem's line has */
	int64_t latency, training, ring; /* ms; ring: from one RING to the next */
	const char *prefix; /* digits that get an outside line; NULL: none are needed */
	uint64_t seed;      /* of bit errors and noise */
	void (*tell)(void *arg, struct record *r); /* events, and the answers of pstn_command */
	void *arg;
};

#define PSTN_MODEMS 256
#define PSTN_SPEED_MIN 300
#define PSTN_SPEED_MAX 1000000000
#define PSTN_LATENCY_MAX 5000 /* ms */

struct pstn;

/* Opens and locks the directory. NULL with errno and a constant reason (EBUSY:
 * another exchange has it). conf's strings outlive it. */
struct pstn *pstn_new(const struct pstn_conf *conf, const char **why);
/* Ends the calls, hangs up, removes the symlinks. */
void pstn_free(struct pstn *x);

/* A modem: its pty's slave is the symlink DIR/NAME (NULL: the number). speed 0:
 * the exchange's. 0, or -1 with errno and a constant reason: EINVAL, EEXIST
 * (number or name in use, or a file that is no symlink), ENOSPC, or a call's. */
int pstn_modem(struct pstn *x, const char *number, const char *name, uint64_t speed, const char **why);

/* One command record, sp-pstn(8); answered by conf.tell. */
void pstn_command(struct pstn *x, struct record *r);

#endif
