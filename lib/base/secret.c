/* secret.c - one type for what must not be seen. */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void secret_clear(struct secret *s)
{
	explicit_bzero(s, sizeof *s);
}

bool secret_set(struct secret *s, struct view v)
{
	secret_clear(s);
	if (v.n > SECRET_MAX || (v.n && memchr(v.p, '\0', v.n)))
		return false;
	if (v.n)
		memcpy(s->b, v.p, v.n);
	s->n = v.n;
	return true;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
	size_t diff = a->n ^ b->n;
	for (size_t i = 0; i < SECRET_MAX; i++)
		diff |= (size_t)(unsigned char)(a->b[i] ^ b->b[i]);
	return diff == 0;
}

struct view secret_view(const struct secret *s)
{
	return (struct view){ s->b, s->n };
}

int secret_read_fd(struct secret *s, int fd)
{
	secret_clear(s);
	for (;;) {
		char c;
		ssize_t n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (n == 1 && c == '\0') || (n == 1 && c != '\n' && s->n == SECRET_MAX)) {
			if (n >= 0)
				errno = c ? EMSGSIZE : EINVAL;
			secret_clear(s);
			return -1;
		}
		if (n == 0 || c == '\n')
			return 0;
		s->b[s->n++] = c;
	}
}

int secret_read_file(struct secret *s, const char *path)
{
	struct stat st;
	int rc = -1;
	secret_clear(s);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0)
		goto out;
	if (S_ISREG(st.st_mode) &&
	    ((st.st_mode & 077) || (st.st_uid != geteuid() && st.st_uid != 0))) {
		errno = EPERM;
		goto out;
	}
	rc = secret_read_fd(s, fd);
out:;
	int e = errno;
	close(fd);
	errno = e;
	return rc;
}

void secret_shorten(struct view v, char out[16])
{
	if (v.n <= 8)
		snprintf(out, 16, "...");
	else
		snprintf(out, 16, "%.4s...", v.p);
}
