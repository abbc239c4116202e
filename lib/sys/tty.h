/* tty.h - a serial line as a raw byte pipe. */
#ifndef SP_SYS_TTY_H
#define SP_SYS_TTY_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

/* Is this a rate ttys can be set to? */
bool tty_rate(uint64_t baud);
/* Opens and locks it (EBUSY: another process has it), raw, CLOCAL, at that
 * rate; non-blocking, close-on-exec. *before gets its former settings. fd, or
 * -1 with errno and a constant reason. */
int tty_open(const char *path, uint64_t baud, bool rtscts, struct termios *before, const char **why);
/* Discards what is buffered and drops DTR for a moment. A pty has no DTR. */
void tty_hangup(int fd);
/* Hangs up and leaves the settings as they were; DTR stays down with the close. */
void tty_restore(int fd, const struct termios *before);

#endif
