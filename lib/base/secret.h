/* secret.h - passwords and keys: wiped when cleared, compared in constant
 * time, and of a type that no print function accepts. */
#ifndef SP_BASE_SECRET_H
#define SP_BASE_SECRET_H

#include "base/view.h"

#define SECRET_MAX 1024

struct secret {
	size_t n;
	char b[SECRET_MAX + 1]; /* b[n] is always NUL */
};

void secret_clear(struct secret *s);
/* false when it does not fit or contains NUL; s is then empty. */
bool secret_set(struct secret *s, struct view v);
bool secret_equal(const struct secret *a, const struct secret *b);
/* The bytes, to be handed to the one function that needs them. */
struct view secret_view(const struct secret *s);

/* First line of a file, without its LF. 0, or -1 with errno; EPERM when
 * somebody but its owner (or the owner is neither us nor root) can read it,
 * EMSGSIZE when too long. */
int secret_read_file(struct secret *s, const char *path);
/* First line from a descriptor, read a byte at a time so that what follows is
 * left for the next reader. 0, or -1 with errno. */
int secret_read_fd(struct secret *s, int fd);

/* How a secret may be shown: its first characters and an ellipsis. */
void secret_shorten(struct view v, char out[16]);

#endif
