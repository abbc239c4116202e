/* files.h - small files as a whole. */
#ifndef SP_SYS_FILES_H
#define SP_SYS_FILES_H

#include "base/buf.h"

#include <sys/types.h>

/* Appends what path holds. 0, or -1 with errno (EFBIG: more than out may have). */
int file_read(const char *path, struct buf *out);
int file_read_from(int fd, struct buf *out);
/* The file is all of v, or as it was before: never a part of it, and on the disk when
 * this returns. 0, or -1 with errno. */
int file_replace(const char *path, struct view v, mode_t mode);
/* Adds v at the end, on the disk when this returns. 0, or -1 with errno. */
int file_append(const char *path, struct view v, mode_t mode);

#endif
