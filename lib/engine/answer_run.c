/* answer_run.c - the command of a call: which descriptors and what environment it has, and
 * who ends its group when we cannot. */
#include "engine/answer_impl.h"
#include "sys/sock.h"
#include "sys/spawn.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FD_LINE 3
#define FD_CALLER 4

/* In the guard: a group that nobody looks after any more. */
static void end_group(const void *item)
{
	pid_t group;
	memcpy(&group, item, sizeof group);
	for (int ms = 0; ms < ANSWER_FAREWELL && kill(-group, ms ? 0 : SIGTERM) == 0; ms += ANSWER_SWEEP)
		poll(NULL, 0, ANSWER_SWEEP);
	kill(-group, SIGKILL);
}

struct guard *answer_guard(void)
{
	return guard_new(sizeof(pid_t), end_group);
}

/* One that somebody has killed is replaced. */
bool answer_guarded(struct answer *a, pid_t pid)
{
	if (guard_add(a->guard, &pid) == 0)
		return true;
	guard_free(a->guard);
	a->guard = answer_guard();
	for (struct call *k = a->calls; k && a->guard; k = k->next)
		if (k->c.pid && guard_add(a->guard, &k->c.pid) < 0)
			return false;
	return a->guard != NULL;
}

pid_t answer_run(struct call *k)
{
	const struct circuit *l = k->line;
	char text[6][256];
	char *env[7] = { text[0], text[1], text[2], text[3], text[4], circuit_speed(l) ? text[5] : NULL, NULL };
	int caller = -1;
	if (answer_caller_listen(k, &caller) != 0)
		return -1;
	struct spawn_fd fd[] = { { circuit_fd(l), FD_LINE }, { caller, FD_CALLER }, { -1, 0 } };
	snprintf(text[0], sizeof text[0], "SP_CALL=%lu", k->c.number);
	snprintf(text[1], sizeof text[1], "SP_LINE=%s", circuit_name(l));
	snprintf(text[2], sizeof text[2], "SP_PEER=%s", circuit_peer(l));
	snprintf(text[3], sizeof text[3], "SP_BITS=%u", circuit_bits(l));
	snprintf(text[4], sizeof text[4], "SP_CALLER=%d", FD_CALLER);
	snprintf(text[5], sizeof text[5], "SP_SPEED=%llu", (unsigned long long)circuit_speed(l));
	sock_nonblock(circuit_fd(l), false);
	pid_t pid = spawn(&(struct spawn){ .argv = k->a->conf.argv, .fd = fd, .nfd = 3, .env = env, .group = true });
	close(caller); /* keeps errno: it is open */
	return pid;
}
