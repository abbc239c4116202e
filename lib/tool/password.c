/* password.c - where a password comes from: a file, a descriptor, the terminal.
 * Whatever ends the question, the terminal echoes again. */
#include "tool/tool.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Stages that ask on one terminal take turns: the first to have its answer
 * would else switch the echo on for the next one's. The lock is on the device
 * itself, which standard error or input leads to, not on /dev/tty. */
static void take_turns(short type)
{
	struct flock turn = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };
	for (int fd = STDERR_FILENO; fd >= STDIN_FILENO; fd--)
		if (isatty(fd) && fcntl(fd, F_SETLKW, &turn) == 0)
			return;
}

static int asking = -1; /* the terminal whose echo is off */
static struct termios before;

/* A signal's default end, but with the echo as it was. */
static void echo_back(int signo)
{
	tcsetattr(asking, TCSANOW, &before);
	signal(signo, SIG_DFL);
	raise(signo);
}

static void watch_signals(void (*handler)(int))
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], handler);
}

static void ask_terminal(struct secret *s, const char *prompt)
{
	struct termios quiet;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	take_turns(F_WRLCK);
	if (fd < 0 || tcgetattr(fd, &before) != 0)
		tool_die(SP_USAGE, "no terminal to ask for the password: use --password-file or --password-fd");
	quiet = before;
	asking = fd;
	watch_signals(echo_back);
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	dprintf(fd, "%s", prompt);
	int rc = secret_read_fd(s, fd);
	tcsetattr(fd, TCSAFLUSH, &before);
	watch_signals(SIG_DFL);
	dprintf(fd, "\n");
	take_turns(F_UNLCK);
	close(fd);
	if (rc != 0)
		tool_die(SP_SYSTEM, "unable to read the password: %s", strerror(errno));
}

void tool_password(struct secret *s, const char *file, const char *fd, const char *prompt)
{
	uint64_t n;
	if (file) {
		if (secret_read_file(s, file) != 0)
			tool_die(SP_SYSTEM, "unable to use %s: %s", file,
			         errno == EPERM ? "others than its owner can read it" : strerror(errno));
	} else if (fd) {
		if (!num_u64(view_of(fd), 0, 1 << 20, &n))
			tool_die(SP_USAGE, "%s is no descriptor number", fd);
		if (secret_read_fd(s, (int)n) != 0)
			tool_die(SP_SYSTEM, "unable to read the password from descriptor %s: %s", fd, strerror(errno));
		close((int)n);
	} else {
		ask_terminal(s, prompt);
	}
}
