/* pppio.h - a PPP link in a loop: moves bytes between a line, the engine and,
 * once there is one, a TUN device; kept to the line's speed where one is given. */
#ifndef SP_ENGINE_PPPIO_H
#define SP_ENGINE_PPPIO_H

#include "engine/pace.h"
#include "engine/ppp.h"
#include "engine/queue.h"
#include "sys/loop.h"
#include "wire/gro.h"

struct pppio_conf {
	struct loop *loop;
	struct ppp *ppp;
	int line;       /* up, non-blocking */
	uint64_t speed; /* bit/s that what is sent is kept to; 0: not paced */
	unsigned bits;  /* that a byte takes on the line; 0: 10 */
	/* Called once, when the link is down and what it had to say is written
	 * (or cannot be): the owner closes the line and frees everything. */
	void (*done)(void *arg);
	/* A packet of the TUN's on its way to the link; may be changed. false: it
	 * does not go. NULL: every packet goes. */
	bool (*leaves)(void *arg, uint8_t *ip, size_t n);
	/* The TUN was deleted under us: the link is being closed. NULL: nobody asks. */
	void (*tun_lost)(void *arg);
	void *arg;
};

struct pppio { /* storage of the owner's; zero: not begun */
	/* pppio.c's own */
	struct pppio_conf c;
	int tun;
	struct pace pace;
	struct queue queue; /* of a paced line: packets of the TUN's */
	struct gro gro;     /* packets for the TUN */
	struct loop_timer timer, linger;
	bool busy, ended, lost;
	bool full; /* the line, until poll says that it takes more */
};

/* ppp_open, and from now on all happens in the loop. Descriptors and engine stay
 * the owner's. May call done. */
void pppio_begin(struct pppio *io, const struct pppio_conf *conf);
/* From now on packets from this descriptor go over the link. */
void pppio_tun(struct pppio *io, int fd);
/* A packet for the TUN, from within ops.packet: it goes with those that came with it.
 * Dropped when there is no TUN, or no room. */
void pppio_packet(struct pppio *io, const uint8_t *ip, size_t n);
/* A packet of the owner's for the link, which waits its turn like the TUN's; dropped
 * where there is no room. From elsewhere than a callback, pppio_touch follows. */
void pppio_send(struct pppio *io, const uint8_t *ip, size_t n);
/* After any call of ppp_* by the owner (a verdict, ppp_close): looks what is to be
 * written and waited for. May call done, but not from within the engine's
 * callbacks: what they bring about is looked at after them. Not begun: nothing. */
void pppio_touch(struct pppio *io);
/* Nothing is watched or waited for any more, done is not called: before line, TUN
 * and engine go. Not begun, or twice: nothing. */
void pppio_stop(struct pppio *io);

#endif
