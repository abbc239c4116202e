/* tunend.h - a TUN device in a loop: the kernel's packets come to a callback, ours go to the
 * kernel. What it cannot take is lost, as on a wire. */
#ifndef SP_ENGINE_TUNEND_H
#define SP_ENGINE_TUNEND_H

#include "base/view.h"
#include "sys/loop.h"
#include "sys/tun.h"

struct tunend { /* storage of the owner's; tun.fd < 0: closed */
	struct tun tun;
	struct loop *loop;
	/* One packet, which may be changed. lost: the device was deleted under us. */
	void (*packet)(void *arg, uint8_t *ip, size_t n);
	void (*lost)(void *arg);
	void *arg;
};

/* name and *why as of tun_open; own 0: no address. It is up. loop, packet, lost and arg are
 * set already. 0, or -1 with errno. */
int tunend_open(struct tunend *e, const char *name, unsigned mtu, struct in_addr own, const char **why);
void tunend_write(struct tunend *e, struct view ip);
/* The device and its routes are gone. Twice: nothing. */
void tunend_close(struct tunend *e);

#endif
