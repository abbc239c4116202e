/* tty.h - a serial line as a raw byte pipe, and its modem signals. A pty has
 * none: there B0 stands for DTR that is down, as those who hold the other end
 * can see it. */
#ifndef SP_SYS_TTY_H
#define SP_SYS_TTY_H

#include "sys/uucplock.h"

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

struct tty {
	int fd; /* non-blocking, close-on-exec; -1: none */
	/* tty.c's own */
	struct termios before, raw;
	struct uucplock lock;
};

struct tty_conf {
	uint64_t baud;
	bool rtscts;
	const char *lock; /* the folder of lock files; NULL: no lock file */
};

#define TTY_DTR_MS 250 /* DTR is down so long that a modem notices */

/* Is this a rate ttys can be set to? */
bool tty_rate(uint64_t baud);
/* Opens and locks it (EBUSY: another process has it; by lock file, then flock),
 * raw, CLOCAL, at that rate, DTR up. 0, or -1 with errno and a reason that is
 * valid until the next call; nothing is then open. */
int tty_open(struct tty *t, const char *path, const struct tty_conf *conf, const char **why);
/* Closes: what is buffered is discarded, DTR down, the settings as they were,
 * the lock file gone. Twice is no harm. */
void tty_close(struct tty *t);

/* Raises or drops DTR. */
void tty_dtr(struct tty *t, bool up);
/* 1: there is a carrier, 0: none, -1: it has no such signal. */
int tty_carrier(const struct tty *t);
/* From now on (CLOCAL off) the carrier's end is the line's: end of file; on a pty
 * that is for who holds the other end to do. 1; 0: it is gone already; -1: it
 * cannot be set, or a wire for the signal is missing: there is no carrier, but the
 * modem says that there is. Not to follow: 1. */
int tty_follow(struct tty *t, bool follow);
/* Drops DTR, discards what is buffered; true: there is a DTR, which must be
 * raised by tty_dtr TTY_DTR_MS later. A pty keeps what was written last. */
bool tty_hangup(struct tty *t);

/* What tests put something else in place of. */
extern struct tty_system {
	int (*control)(int fd, unsigned long request, int *bits); /* TIOCMGET, TIOCMBIS, TIOCMBIC */
	int (*set)(int fd, const struct termios *t);              /* TCSANOW */
} tty_system;

#endif
