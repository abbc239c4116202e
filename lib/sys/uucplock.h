/* uucplock.h - lock files of serial lines, LCK..ttyS0 in /var/lock, as mgetty,
 * minicom and pppd make them (the form of HDB UUCP: the process id in ten places
 * and a newline). The name is the path behind /dev/ with _ for /; a symbolic
 * link is locked by what it leads to, and one in /dev by its own name too. */
#ifndef SP_SYS_UUCPLOCK_H
#define SP_SYS_UUCPLOCK_H

#include <sys/types.h>

#define UUCPLOCK_DIR "/var/lock"

struct uucplock { /* zero: none */
	char file[2][160];
	unsigned n;
};

/* Takes it in our name. A lock whose process is gone is replaced; one that is
 * empty is believed for as long as others take to write it. 0, or -1 with errno
 * (EBUSY: another process has it, or we do) and a reason, valid until the next
 * call, that names who has it. */
int uucplock_take(struct uucplock *l, const char *dir, const char *path, const char **why);
/* Removes what is still in our name. */
void uucplock_drop(struct uucplock *l);
/* Removes all locks in the name of a process that is gone and could not do it. */
void uucplock_forget(const char *dir, pid_t pid);

#endif
