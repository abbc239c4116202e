/* spent.c - a file of one record, sequence= and time=, replaced as a whole: it is
 * written beside, and on the disk, before it takes the other's place, and so is the
 * folder's entry. Refuses a file that it did not write. */
#include "engine/spent.h"

#include "base/num.h"
#include "base/record.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LINE 128
#define PATIENCE 2000 /* ms for another process, which has the file for as long as a disk takes */
#define LOOK 10

static bool parse(struct spent *s, struct view line)
{
	struct record r = { 0 };
	const char *why;
	uint64_t sequence;
	bool ok = line.n && line.p[line.n - 1] == '\n' && record_parse(&r, (struct view){ line.p, line.n - 1 }, &why) == 1 &&
	          num_u64(record_get(&r, "sequence"), 1, UINT32_MAX, &sequence) && time_parse(record_get(&r, "time"), &s->time);
	if (ok)
		s->sequence = (uint32_t)sequence;
	record_clear(&r);
	return ok;
}

static int load(struct spent *s)
{
	char line[LINE];
	int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	ssize_t n = read(fd, line, sizeof line);
	int e = errno;
	close(fd);
	errno = n < 0 ? e : EBADMSG;
	return n > 0 && parse(s, (struct view){ line, (size_t)n }) ? 0 : -1;
}

static int lock(int fd)
{
	int rc = flock(fd, LOCK_EX | LOCK_NB);
	for (int ms = 0; rc != 0 && (errno == EWOULDBLOCK || errno == EINTR) && ms < PATIENCE; ms += LOOK) {
		poll(NULL, 0, LOOK);
		rc = flock(fd, LOCK_EX | LOCK_NB);
	}
	return rc;
}

int spent_open(struct spent *s, const char *path)
{
	char name[sizeof s->path + 8];
	*s = (struct spent){ .lock = -1 };
	errno = ENAMETOOLONG;
	if (!view_str(view_of(path), s->path, sizeof s->path))
		return -1;
	snprintf(name, sizeof name, "%s.lock", path);
	s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (s->lock >= 0 && lock(s->lock) == 0 && load(s) == 0)
		return 0;
	spent_close(s);
	return -1;
}

static int write_out(const char *path, const char *line, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return -1;
	ssize_t written = write(fd, line, n);
	if (written >= 0 && (size_t)written != n)
		errno = ENOSPC;
	int rc = written == (ssize_t)n && fsync(fd) == 0 ? 0 : -1, e = errno;
	close(fd);
	errno = e;
	return rc;
}

static int sync_folder(const char *path)
{
	char folder[sizeof ((struct spent *)0)->path];
	snprintf(folder, sizeof folder, "%s", path);
	char *slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd), e = errno;
	if (fd >= 0)
		close(fd);
	errno = e;
	return rc;
}

int spent_store(struct spent *s, uint32_t sequence, time_t time)
{
	char line[LINE], when[TIME_TEXT], name[sizeof s->path + 8];
	time_text(time, when);
	int n = snprintf(line, sizeof line, "sequence=%lu\ttime=%s\n", (unsigned long)sequence, when);
	snprintf(name, sizeof name, "%s.new", s->path);
	if (write_out(name, line, (size_t)n) != 0 || rename(name, s->path) != 0 || sync_folder(s->path) != 0)
		return -1;
	s->sequence = sequence;
	s->time = time;
	return 0;
}

void spent_close(struct spent *s)
{
	int e = errno;
	if (s->lock >= 0)
		close(s->lock);
	s->lock = -1;
	errno = e;
}
