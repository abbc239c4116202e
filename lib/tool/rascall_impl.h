/* rascall_impl.h - a call to the RAS, as rascall.c (line, link, verdict),
 * rascall_permit.c and rascall_dhcp.c have it; nobody else includes it. */
#ifndef SP_TOOL_RASCALL_IMPL_H
#define SP_TOOL_RASCALL_IMPL_H

#include "engine/circuit.h"
#include "engine/inform.h"
#include "engine/pppio.h"
#include "engine/worker.h"
#include "sys/tun.h"
#include "tool/rascall.h"

struct call {
	struct hold_session *s;
	const struct rascall_conf *conf;
	struct circuit *line;
	struct tun tun;
	struct ppp *ppp;
	struct pppio io;
	struct inform inform; /* begun with the link, unless it is switched off */
	struct worker *check;
	struct ras_caller caller;
	struct ras_permit permit;
	struct loop_timer permit_end;
	int64_t renewals;     /* ration.h */
	struct in_addr peer;  /* the caller's address, once it is up */
	uint64_t foreign;     /* packets from addresses that the permit does not name */
	unsigned again;       /* times that the link was negotiated or the permit renewed since it came up */
	enum sp_exit status; /* what it ends with */
	int step;
	const char *why;
	char proof[MSCHAP_PROOF + 1]; /* what an accepted caller must be told; empty: anything */
	char detail[256]; /* what the filter said, for why */
	uint64_t speed;   /* bit/s; 0: not known */
	uint64_t bits;    /* of a byte on the line */
	bool ready, stopping;
	bool over; /* the link is; the line is being hung up */
};

#define CALL_AGAIN_LOGGED 16 /* what happens more often on one link is counted, but not written down each time */

/* What it ends with; the first cause counts. */
void call_fails(struct call *c, enum sp_exit status, int step, const char *why);

/* Is this password to be taken for a permit? */
bool call_is_permit(const struct call *c, const struct ppp_check *k);
/* Takes the permit: SP_OK, and the call ends with it; else why not. */
enum sp_exit call_permit(struct call *c, struct view text, const char **why);
/* struct ppp_ops' again: a later one, on a link that is up by one. */
bool call_permit_again(void *arg, const struct ppp_check *k);

/* Does a packet come from whom the permit names? Counts those that do not. */
bool call_source(struct call *c, const uint8_t *ip);

/* struct ppp_ops' packet. */
void call_packet(void *arg, const uint8_t *ip, size_t n);

#endif
