/* files.c - small files, read and written as a whole. */
#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int close_keeping_errno(int fd, int rc)
{
	int e = errno;
	if (fd >= 0 && close(fd) != 0 && rc == 0)
		return -1;
	errno = e;
	return rc;
}

int file_read_from(int fd, struct buf *out)
{
	ssize_t n = 1;
	while (n > 0) {
		size_t room = out->max - out->len, want = room < 4096 ? room : 4096;
		char one;
		if (want && buf_reserve(out, want) != 0)
			n = -1;
		else if (want && (n = read(fd, out->data + out->len, want)) > 0)
			out->len += (size_t)n;
		else if (!want && (n = read(fd, &one, 1)) > 0)
			errno = EFBIG, n = -1;
	}
	return n == 0 ? 0 : -1;
}

int file_read(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return close_keeping_errno(fd, fd < 0 ? -1 : file_read_from(fd, out));
}

static int write_all(int fd, struct view v)
{
	for (size_t at = 0; at < v.n;) {
		ssize_t n = write(fd, v.p + at, v.n - at);
		if (n < 0 && errno != EINTR)
			return -1;
		at += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd);
}

int file_replace(const char *path, struct view v, mode_t mode)
{
	char other[PATH_MAX];
	if (snprintf(other, sizeof other, "%s.XXXXXX", path) >= (int)sizeof other) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = mkostemp(other, O_CLOEXEC);
	if (fd < 0)
		return -1;
	int rc = fchmod(fd, mode) == 0 ? write_all(fd, v) : -1;
	rc = close_keeping_errno(fd, rc);
	if (rc == 0)
		rc = rename(other, path);
	if (rc != 0) {
		int e = errno;
		unlink(other);
		errno = e;
	}
	return rc;
}

int file_append(const char *path, struct view v, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, mode);
	return close_keeping_errno(fd, fd < 0 ? -1 : write_all(fd, v));
}
