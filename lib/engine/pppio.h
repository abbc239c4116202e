/* pppio.h - a PPP link in a loop: moves bytes between a line, the engine and,
 * once there is one, a TUN device. Not paced. */
#ifndef SP_ENGINE_PPPIO_H
#define SP_ENGINE_PPPIO_H

#include "engine/ppp.h"
#include "sys/loop.h"

struct pppio { /* storage of the owner's */
	struct loop *loop;
	struct ppp *ppp;
	int line, tun; /* -1: none */
	/* Called once, when the link is down and what it had to say is written
	 * (or cannot be): the owner closes the line and frees everything. */
	void (*done)(void *arg);
	void *arg;
	/* pppio.c's own */
	struct loop_timer timer, linger;
	bool ended, lost;
};

/* The line is up (non-blocking): ppp_open, and from now on all happens in the
 * loop. Descriptors and engine stay the owner's. */
void pppio_begin(struct pppio *io, struct loop *l, struct ppp *ppp, int line, void (*done)(void *), void *arg);
/* From now on packets from this descriptor go over the link. */
void pppio_tun(struct pppio *io, int fd);
/* A packet for the TUN, from ops.packet; dropped when there is none, or no room. */
void pppio_packet(struct pppio *io, const uint8_t *ip, size_t n);
/* After any call of ppp_* by the owner from outside of the engine's callbacks
 * (a verdict, ppp_close): looks what is to be written and waited for. May call
 * done. */
void pppio_touch(struct pppio *io);

#endif
