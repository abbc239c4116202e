/* guard.h - a child that undoes what the kernel, or others, would keep when we
 * are killed with -9. It knows a list of items; when we are gone, however, it
 * undoes those that are still on it, the last first, and ends. It is a process
 * of its own session, so that no signal to our group reaches it, and it has no
 * descriptors of ours open. */
#ifndef SP_SYS_GUARD_H
#define SP_SYS_GUARD_H

#include <stddef.h>

#define GUARD_ITEM_MAX 64  /* bytes of an item */
#define GUARD_ITEMS 256    /* items at once */

struct guard;

/* Undoes one item, in the child: it may open what it needs, and may not
 * assume any descriptor of the parent's. */
typedef void guard_undo_fn(const void *item);

/* Forks. NULL with errno. */
struct guard *guard_new(size_t item_size, guard_undo_fn *undo);
/* 0, or -1 with errno: EPIPE (the guard is gone, or NULL), ENOSPC (too many items).
 * Tell it before the deed: an undo of what was not done must be harmless. */
int guard_add(struct guard *g, const void *item);
/* It was undone by ourselves: off the list (equal bytes). Unknown: nothing. */
int guard_drop(struct guard *g, const void *item);
/* The guard undoes what is left and has ended when this returns. NULL is fine. */
void guard_free(struct guard *g);

#endif
