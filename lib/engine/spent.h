/* spent.h - which permits a service processor has taken: the highest number, and the
 * latest time that it knows of, in a file. It outlives everything: a number is on the
 * disk before anybody hears that it was taken. Several processes may use one file. */
#ifndef SP_ENGINE_SPENT_H
#define SP_ENGINE_SPENT_H

#include <stdint.h>
#include <time.h>

struct spent {
	char path[1024];
	int lock;          /* descriptor of path.lock; -1: not open */
	uint32_t sequence; /* 0: none yet */
	time_t time;       /* 0: unknown */
};

/* Waits for other processes, two seconds at most, and reads. A file that is not there is the beginning. 0, or -1
 * with errno: EBADMSG (it holds something else: nothing is taken until a person has
 * looked), ENAMETOOLONG, EWOULDBLOCK (another has it), and those of files. */
int spent_open(struct spent *s, const char *path);
/* Writes both, on the disk when it returns. 0/-1 with errno, and the file as it was. */
int spent_store(struct spent *s, uint32_t sequence, time_t time);
void spent_close(struct spent *s);

#endif
