/* inform.h - what the end of a link that gave the address answers by DHCP (wire/dhcp.h),
 * and how often: a caller that asks without end gets an answer a second. Times are
 * clock_ms(). */
#ifndef SP_ENGINE_INFORM_H
#define SP_ENGINE_INFORM_H

#include "engine/ppp_event.h"
#include "wire/dhcp.h"

#define INFORM_EVERY 1000 /* ms an answer, in the long run */
#define INFORM_AT_ONCE 4  /* answers after a rest */

struct inform { /* storage of the owner's; zero: nothing is for us */
	struct dhcp_link link;
	uint64_t count[DHCP_VERDICTS]; /* packets; DHCP_OTHER is not counted */
	int64_t paid;                  /* inform.c's own: until when answers are used up */
};

/* The link is up: from now on questions are answered. mru: what was asked for by
 * struct ppp_conf, 0 too. */
void inform_begin(struct inform *f, const struct ppp_event *up, uint16_t mru);
/* A packet from the link. DHCP_OTHER: not for us. DHCP_ANSWER: send what is in `to`,
 * an empty one with room for DHCP_ANSWER_MAX. Else it was for us, and is dropped. */
enum dhcp_verdict inform_input(struct inform *f, int64_t now, const uint8_t *ip, size_t n, struct out *to);
/* How many were for us, answered or not. */
uint64_t inform_packets(const struct inform *f);

#endif
