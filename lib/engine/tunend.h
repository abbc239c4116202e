/* tunend.h - a TUN device in a loop, with offloads: the kernel's packets come to a callback one
 * by one, ours go to the kernel together where they belong together (wire/gso.h, gro.h). What
 * it cannot take is lost, as on a wire. */
#ifndef SP_ENGINE_TUNEND_H
#define SP_ENGINE_TUNEND_H

#include "base/view.h"
#include "sys/loop.h"
#include "sys/tun.h"
#include "wire/gro.h"

struct tunend { /* storage of the owner's; tun.fd < 0: closed */
	struct tun tun;
	struct loop *loop;
	/* One packet, which may be changed. lost: the device was deleted under us. */
	void (*packet)(void *arg, uint8_t *ip, size_t n);
	void (*lost)(void *arg);
	void *arg;
	/* tunend.c's own */
	struct gro gro;
	struct loop_timer flush;
};

/* name and *why as of tun_open; own 0: no address. It is up. loop and the callbacks are set
 * already. 0, or -1 with errno. */
int tunend_open(struct tunend *e, const char *name, unsigned mtu, struct in_addr own, const char **why);
/* It may wait for others behind it, until the loop's next turn. */
void tunend_write(struct tunend *e, struct view ip);
/* The device and its routes are gone. Twice: nothing. */
void tunend_close(struct tunend *e);

#endif
