/* uucplock.c - lock files by link(2): they appear whole or not at all. Who
 * replaces a stale one holds flock(2) on it meanwhile, so that of two who see it
 * one does; programs that know no flock are not kept from it by anybody. */
#include "sys/uucplock.h"

#include "base/num.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define YOUNG 5   /* s that an empty lock file is believed to be still being written */
#define PID_MOST (1 << 22)
#define ROUNDS 20 /* times that it may change under us */

/* The directory may be everybody's: what somebody has put there in place of a file
 * (a FIFO, a device) must not keep us waiting. */
static int look_at(const char *file)
{
	return open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Who wrote it, whether or not that process lives. 0: nobody that could be one,
 * -1: unknown, and not to be touched. */
static pid_t writer(int fd)
{
	char b[32] = "";
	uint64_t pid;
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	ssize_t n = pread(fd, b, sizeof b, 0);
	if (n < 0)
		return -1;
	if (n == 0)
		return time(NULL) - st.st_mtime < YOUNG ? -1 : 0;
	int binary;
	memcpy(&binary, b, sizeof binary);
	if (n == (ssize_t)sizeof binary && binary > 0 && binary <= PID_MOST) /* as some do it; four digits are more */
		return binary;
	struct view v = { b, (size_t)n };
	while (v.n && (*v.p == ' ' || *v.p == '0'))
		v = (struct view){ v.p + 1, v.n - 1 };
	struct view line;
	if (!view_split(&v, '\n', &line))
		return 0;
	view_split(&line, ' ', &v); /* some write their name behind it */
	return num_u64(v, 1, 1 << 30, &pid) ? (pid_t)pid : 0;
}

/* Who holds it? 0: nobody (it is stale), -1: unknown, and not to be touched. */
static pid_t holder(int fd)
{
	pid_t pid = writer(fd);
	return pid <= 0 || kill(pid, 0) == 0 || errno == EPERM ? pid : 0;
}

static const char *held_by(pid_t pid)
{
	static char text[96];
	char name[40] = "", path[64];
	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	FILE *f = pid > 0 ? fopen(path, "re") : NULL;
	if (f && fgets(name, sizeof name, f))
		name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
	text_tame(name, strlen(name));
	if (pid > 0)
		snprintf(text, sizeof text, "process %d (%s) has the tty", (int)pid, name[0] ? name : "?");
	else
		snprintf(text, sizeof text, "another process has the tty");
	return text;
}

static const char *not_made(const char *file)
{
	static char text[sizeof ((struct uucplock *)0)->file[0] + 32];
	snprintf(text, sizeof text, "unable to make its lock file %s", file);
	return text;
}

static bool is_still(int fd, const char *file)
{
	struct stat a, b;
	return fstat(fd, &a) == 0 && lstat(file, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* One look at a lock that is there. 1: it is ours now. 0: it changed, once more.
 * -1 with errno. */
static int replace(const char *ours, const char *file, const char **why)
{
	int rc = -1, fd = look_at(file);
	if (fd < 0) {
		*why = "unable to read its lock file";
		return errno == ENOENT ? 0 : -1;
	}
	pid_t pid = flock(fd, LOCK_EX | LOCK_NB) == 0 ? holder(fd) : -1;
	if (!is_still(fd, file))
		rc = 0;
	else if (pid == 0)
		rc = rename(ours, file) == 0 ? 1 : -1;
	else
		errno = EBUSY;
	int e = errno;
	*why = e == EBUSY ? held_by(pid) : "unable to replace its lock file";
	close(fd);
	errno = e;
	return rc;
}

static int take(const char *ours, const char *file, const char **why)
{
	for (int i = 0; i < ROUNDS; i++) {
		*why = not_made(file);
		if (link(ours, file) == 0)
			return 0;
		int rc = errno == EEXIST ? replace(ours, file, why) : -1;
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	errno = EBUSY;
	return -1;
}

/* A file of our own that says who we are, to be linked. */
static int write_ours(const char *dir, char *ours, size_t size)
{
	char text[16];
	int n = snprintf(text, sizeof text, "%10d\n", (int)getpid());
	if ((size_t)snprintf(ours, size, "%s/LCK..TM.XXXXXX", dir) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = mkostemp(ours, O_CLOEXEC);
	if (fd < 0)
		return -1;
	bool ok = fchmod(fd, 0644) == 0 && write(fd, text, (size_t)n) == n;
	if (close(fd) == 0 && ok)
		return 0;
	unlink(ours);
	errno = ENOSPC;
	return -1;
}

static bool name_of(const char *dir, const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	if (strncmp(path, "/dev/", 5) == 0)
		name = path + 5;
	size_t at = strlen(dir) + strlen("/LCK..");
	if ((size_t)snprintf(out, size, "%s/LCK..%s", dir, name) >= size)
		return false;
	for (char *p = out + at; *p; p++)
		if (*p == '/')
			*p = '_';
	return true;
}

static int take_name(struct uucplock *l, const char *dir, const char *path, const char **why)
{
	char ours[sizeof l->file[0]], *file = l->file[l->n];
	errno = ENAMETOOLONG;
	*why = "the name of its lock file is too long";
	if (!name_of(dir, path, file, sizeof l->file[0]))
		return -1;
	for (unsigned i = 0; i < l->n; i++)
		if (strcmp(l->file[i], file) == 0)
			return 0;
	*why = not_made(file);
	if (write_ours(dir, ours, sizeof ours) < 0)
		return -1;
	int rc = take(ours, file, why), e = errno;
	unlink(ours);
	l->n += rc == 0;
	errno = e;
	return rc;
}

/* The usual folder is a symlink to one in /run, which only an init system makes:
 * where there is none, a container say, it is missing. */
static void make_usual(const char *dir)
{
	if (strcmp(dir, UUCPLOCK_DIR) != 0 || access(dir, F_OK) == 0)
		return;
	mode_t mask = umask(0);
	if (mkdir("/run/lock", 01777) == 0 || errno == EEXIST)
		mkdir(UUCPLOCK_DIR, 01777); /* where it is no symlink */
	umask(mask);
}

int uucplock_take(struct uucplock *l, const char *dir, const char *path, const char **why)
{
	char *real = realpath(path, NULL);
	l->n = 0;
	*why = "unable to open the tty";
	if (!real)
		return -1;
	make_usual(dir);
	int rc = take_name(l, dir, real, why);
	if (rc == 0 && strncmp(path, "/dev/", 5) == 0)
		rc = take_name(l, dir, path, why);
	int e = errno;
	free(real);
	if (rc != 0)
		uucplock_drop(l);
	errno = e;
	return rc;
}

void uucplock_drop(struct uucplock *l)
{
	while (l->n > 0) {
		const char *file = l->file[--l->n];
		int fd = look_at(file);
		if (fd >= 0 && holder(fd) == getpid())
			unlink(file);
		if (fd >= 0)
			close(fd);
	}
}

static void forget(const char *file, pid_t pid)
{
	int fd = look_at(file);
	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && writer(fd) == pid && is_still(fd, file))
		unlink(file);
	close(fd);
}

void uucplock_forget(const char *dir, pid_t pid)
{
	char file[512];
	DIR *d = opendir(dir);
	if (!d)
		return;
	if (kill(pid, 0) == 0 || errno == EPERM)
		goto out;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (strncmp(e->d_name, "LCK..", 5) == 0 && (size_t)snprintf(file, sizeof file, "%s/%s", dir, e->d_name) < sizeof file)
			forget(file, pid);
out:
	closedir(d);
}
