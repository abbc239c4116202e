/* uucplock.c - lock files: whose they are, when they are replaced, what they are
 * called. */
#include "sys/uucplock.h"
#include "unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

static char dir[] = "/tmp/sp-lock.XXXXXX", path[160], real[128], file[256];

static void put(const char *text, size_t n)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, text, n) != (ssize_t)n || close(fd) != 0)
		abort();
}

static const char *content(void)
{
	static char b[64];
	int fd = open(file, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, b, sizeof b - 1);
	b[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return b;
}

static bool there(void)
{
	return access(file, F_OK) == 0;
}

static int entries(void)
{
	char command[128];
	snprintf(command, sizeof command, "exit $(ls -A %s | wc -l)", dir);
	return WEXITSTATUS(system(command));
}

static void taken(void)
{
	struct uucplock l, second;
	const char *why = "";
	char want[32];
	struct stat st;
	check(uucplock_take(&l, dir, path, &why) == 0, "taken (%s)", why);
	snprintf(want, sizeof want, "%10d\n", (int)getpid());
	check_str(content(), want, "ten places and a newline");
	check(stat(file, &st) == 0 && (st.st_mode & 0777) == 0644 && st.st_nlink == 1, "readable by all, one name");
	check(entries() == 1, "no other file");
	check(uucplock_take(&second, dir, real, &why) == -1 && errno == EBUSY, "a second time: %s", why);
	snprintf(want, sizeof want, "process %d (", (int)getpid());
	check(strstr(why, want) != NULL, "it names who");
	uucplock_drop(&second);
	check(there(), "who has not got it removes nothing");
	uucplock_drop(&l);
	uucplock_drop(&l);
	check(!there() && entries() == 0, "removed");
}

static pid_t dead(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

static void stale(const char *before, const char *after, const char *what)
{
	struct uucplock l;
	const char *why = "";
	char text[64], want[32];
	snprintf(text, sizeof text, "%s%d%s", before, (int)dead(), after);
	put(text, strlen(text));
	check(uucplock_take(&l, dir, path, &why) == 0, "replaced: %s %s", what, why);
	snprintf(want, sizeof want, "%10d\n", (int)getpid());
	check_str(content(), want, "it is ours");
	uucplock_drop(&l);
	check(entries() == 0, "nothing is left");
}

static void held(const char *before, const char *after, const char *what)
{
	struct uucplock l;
	const char *why = "";
	char text[64], want[32];
	snprintf(text, sizeof text, "%s%d%s", before, (int)getppid(), after);
	put(text, strlen(text));
	snprintf(want, sizeof want, "process %d (", (int)getppid());
	check(uucplock_take(&l, dir, path, &why) == -1 && errno == EBUSY && strstr(why, want), "respected: %s: %s", what, why);
	check(entries() == 1, "and left alone");
	unlink(file);
}

static void binary(void)
{
	struct uucplock l;
	const char *why = "";
	int pid = (int)getppid();
	put((const char *)&pid, sizeof pid);
	check(uucplock_take(&l, dir, path, &why) == -1 && errno == EBUSY, "a binary one is respected: %s", why);
	pid = (int)dead();
	put((const char *)&pid, sizeof pid);
	check(uucplock_take(&l, dir, path, &why) == 0, "and replaced when stale");
	uucplock_drop(&l);
}

/* Four digits are as long as a number of the machine's. */
static void four(void)
{
	struct uucplock l;
	const char *why = "";
	put("   1", 4);
	check(uucplock_take(&l, dir, path, &why) == -1 && errno == EBUSY && strstr(why, "process 1 ("), "four places are text: %s", why);
	unlink(file);
}

static void empty(void)
{
	struct uucplock l;
	const char *why = "";
	put("", 0);
	check(uucplock_take(&l, dir, path, &why) == -1 && errno == EBUSY, "a young empty one is being written: %s", why);
	utime(file, &(struct utimbuf){ 1000, 1000 });
	check(uucplock_take(&l, dir, path, &why) == 0, "an old one is stale");
	put("         1\n", 11);
	uucplock_drop(&l);
	check(there(), "what somebody put in its place is not removed");
	unlink(file);
}

/* The directory may be everybody's. */
static void no_file(void)
{
	struct uucplock l;
	const char *why = "";
	check(mkfifo(file, 0666) == 0, "somebody puts a FIFO there");
	alarm(5);
	check(uucplock_take(&l, dir, path, &why) == -1 && errno == EBUSY, "it keeps nobody waiting: %s", why);
	uucplock_forget(dir, dead());
	alarm(0);
	check(there(), "and stays: it is not ours");
	unlink(file);
	check(symlink("/dev/zero", file) == 0 && uucplock_take(&l, dir, path, &why) == -1, "nor is a symlink followed: %s", why);
	unlink(file);
}

/* Of many who see a stale lock at once one gets it. */
static void race(void)
{
	char text[32];
	int winners = 0, status, go[2], hold[2];
	snprintf(text, sizeof text, "%10d\n", (int)dead());
	put(text, strlen(text));
	if (pipe(go) < 0 || pipe(hold) < 0)
		abort();
	for (int i = 0; i < 16; i++)
		if (fork() == 0) {
			struct uucplock l;
			const char *why;
			char c;
			close(go[1]);
			close(hold[1]);
			status = read(go[0], &c, 1) == 0 && uucplock_take(&l, dir, path, &why) == 0 ? 1 : 0;
			if (status)
				poll(&(struct pollfd){ hold[0], POLLIN, 0 }, 1, 5000); /* has it until all have tried */
			_exit(status);
		}
	close(go[1]);
	for (int i = 0; i < 15 && wait(&status) > 0; i++) /* the one waits */
		winners += WEXITSTATUS(status);
	close(hold[1]);
	while (wait(&status) > 0)
		winners += WEXITSTATUS(status);
	close(go[0]);
	close(hold[0]);
	check(winners == 1, "of sixteen who replace a stale lock one has it: %d", winners);
	unlink(file);
}

static void errors(void)
{
	struct uucplock l;
	const char *why = "";
	char many[300];
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	check(uucplock_take(&l, "/no/such/folder", path, &why) == -1 && errno == ENOENT && l.n == 0, "no folder: %s", why);
	check(uucplock_take(&l, dir, "/no/such/tty", &why) == -1 && errno == ENOENT, "no tty: %s", why);
	check(uucplock_take(&l, many, path, &why) == -1 && errno == ENAMETOOLONG, "too long: %s", why);
	check(symlink("/dev/null", file) == 0 && uucplock_take(&l, dir, path, &why) == -1, "a link is not followed: %s", why);
	unlink(file);
}

static void by_two_names(void)
{
	struct uucplock l;
	const char *why = "";
	char other[256];
	check(uucplock_take(&l, dir, "/dev/stdin", &why) == 0, "one in /dev that leads elsewhere (%s)", why);
	snprintf(other, sizeof other, "%s/LCK..stdin", dir);
	check(access(other, F_OK) == 0 && entries() == 2, "is locked by both names");
	uucplock_drop(&l);
	check(entries() == 0, "which both go");
}

int main(void)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY);
	if (m < 0 || grantpt(m) < 0 || unlockpt(m) < 0 || ptsname_r(m, real, sizeof real) != 0 || !mkdtemp(dir))
		abort();
	snprintf(path, sizeof path, "%s.tty", dir);
	snprintf(file, sizeof file, "%s/LCK..pts_%s", dir, strrchr(real, '/') + 1);
	if (symlink(real, path) < 0)
		abort();
	taken();
	stale("    ", "\n", "HDB");
	stale("", "", "without a newline");
	stale("0000", "\n", "with zeros");
	stale("garbage ", "\n", "garbage");
	held("    ", "\n", "HDB");
	held("", "", "without a newline");
	held("   ", " minicom root\n", "with more behind it");
	binary();
	four();
	empty();
	no_file();
	race();
	errors();
	by_two_names();
	unlink(path);
	rmdir(dir);
	return tap_done();
}
