/* password.c - where a password or a code comes from: a file, a descriptor, the terminal.
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

/* What is asked for: its name in messages, the options that give it otherwise. */
struct wanted {
	const char *what, *options;
	bool echo;
};

static void ask_terminal(struct secret *s, const char *prompt, const struct wanted *w)
{
	struct termios quiet;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	take_turns(F_WRLCK);
	if (fd < 0 || tcgetattr(fd, &before) != 0)
		tool_die(SP_USAGE, "no terminal to ask for the %s: use %s", w->what, w->options);
	quiet = before;
	asking = fd;
	watch_signals(echo_back);
	if (!w->echo)
		quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	dprintf(fd, "%s", prompt);
	int rc = secret_read_fd(s, fd);
	tcsetattr(fd, TCSAFLUSH, &before);
	watch_signals(SIG_DFL);
	if (!w->echo)
		dprintf(fd, "\n");
	take_turns(F_UNLCK);
	close(fd);
	if (rc != 0)
		tool_die(SP_SYSTEM, "unable to read the %s: %s", w->what, strerror(errno));
}

/* The descriptor that was read, else -1. */
static int get(struct secret *s, const char *file, const char *fd, const char *prompt, const struct wanted *w)
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
			tool_die(SP_SYSTEM, "unable to read the %s from descriptor %s: %s", w->what, fd, strerror(errno));
		return (int)n;
	} else {
		ask_terminal(s, prompt, w);
	}
	return -1;
}

void tool_password(struct secret *s, const char *file, const char *fd, const char *prompt)
{
	static const struct wanted password = { "password", "--password-file or --password-fd", false };
	int used = get(s, file, fd, prompt, &password);
	if (used >= 0)
		close(used);
}

void tool_code(struct secret *s, const char *file, const char *fd, const char *prompt, bool echo)
{
	const struct wanted code = { "code", "--code-file or --code-fd", echo };
	char shown[1200];
	snprintf(shown, sizeof shown, "%s", prompt);
	text_tame(shown, strlen(shown));
	get(s, file, fd, shown, &code);
}
