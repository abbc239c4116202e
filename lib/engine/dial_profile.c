/* dial_profile.c - finds and reads profile files. A profile's name comes from a
 * record: it may not lead out of the directory. */
#include "engine/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROFILE_MAX 65536

int dial_file(const char *path, size_t max, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : 1;
	while (n > 0 && b->len <= max) {
		n = buf_reserve(b, 4096) == 0 ? read(fd, b->data + b->len, 4096) : -1;
		if (n > 0)
			b->len += (size_t)n;
	}
	int e = errno;
	if (fd >= 0)
		close(fd);
	errno = e;
	return n < 0 ? -1 : 0;
}

struct profile *dial_profile_file(const char *path, char *why, size_t size)
{
	struct buf b;
	unsigned long line = 0;
	const char *reason = "";
	struct profile *p = NULL;
	buf_init(&b, PROFILE_MAX + 8192);
	if (dial_file(path, PROFILE_MAX, &b) != 0) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
	} else {
		p = profile_parse(buf_view(&b), &line, &reason);
		if (!p && line)
			snprintf(why, size, "%s: line %lu: %s", path, line, reason);
		else if (!p)
			snprintf(why, size, "%s: %s", path, reason);
	}
	buf_clear(&b);
	return p;
}

struct profile *dial_profile(const char *const *dir, const char *name, char *why, size_t size)
{
	char path[PATH_MAX];
	snprintf(why, size, "there is no profile %s", name);
	if (!record_key_ok(view_of(name)) || name[0] == '.')
		return NULL;
	for (; *dir; dir++) {
		int n = snprintf(path, sizeof path, "%s/%s.profile", *dir, name);
		if (n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0)
			return dial_profile_file(path, why, size);
	}
	return NULL;
}
