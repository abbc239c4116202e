/* answer_caller.c - who has the last places. Who a caller is the command finds out; it says
 * so, a record a line, on the descriptor SP_CALLER: caller=stranger, later caller=known. Of a
 * command that says neither no caller is a stranger. */
#include "engine/answer_impl.h"
#include "engine/places.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define FIRST 1000      /* ms in which nobody takes the one place that an address has */
#define TOLD 10         /* refused calls a second that are told one by one */

/* --- what the command says --- */

void answer_caller_forget(struct call *k)
{
	if (k->says.fd < 0)
		return;
	loop_forget(k->a->conf.loop, k->says.fd);
	close(k->says.fd);
	recin_clear(&k->says);
	k->says.fd = -1;
}

static void on_said(void *arg, int fd, short revents)
{
	struct call *k = arg;
	struct record r = { 0 };
	const char *why;
	(void)fd;
	(void)revents;
	int rc = recin_fill(&k->says);
	for (int got; (got = recin_next(&k->says, &r, &why)) != 0;) {
		struct view caller = got == 1 ? record_get(&r, "caller") : (struct view){ NULL, 0 };
		k->known |= view_is(caller, "known");
		k->a->tells |= view_is(caller, "stranger");
	}
	record_clear(&r);
	if (rc == 0 || (rc < 0 && errno != EAGAIN && errno != EINTR))
		answer_caller_forget(k);
}

int answer_caller_listen(struct call *k, int *theirs)
{
	int p[2];
	if (pipe2(p, O_CLOEXEC) != 0)
		return -1;
	recin_init(&k->says, p[0], "SP_CALLER");
	if (fcntl(p[0], F_SETFL, O_NONBLOCK) == 0 && loop_fd(k->a->conf.loop, p[0], POLLIN, on_said, k) == 0) {
		*theirs = p[1];
		return 0;
	}
	int e = errno;
	answer_caller_forget(k);
	close(p[1]);
	errno = e;
	return -1;
}

/* --- places --- */

static bool is_stranger(const struct call *k)
{
	return !k->known && !k->yielded && k->c.pid && (k->phase == RUNNING || k->phase == NOTICING);
}

static const char *next_stranger(const void *server, void **at)
{
	const struct answer *a = server;
	const struct call *before = *at;
	struct call *k = before ? before->next : a->calls;
	while (k && !is_stranger(k))
		k = k->next;
	*at = k;
	return k ? k->source : NULL;
}

/* Where more addresses call than there are places, each call would end another one: none in
 * its first second, in which a caller can say who he is. */
static bool just_came(struct call *k)
{
	void *at = NULL;
	const char *source;
	unsigned n = 0;
	while ((source = next_stranger(k->a, &at)))
		n += strcmp(source, k->source) == 0;
	return n == 1 && clock_ms() - k->c.since < FIRST;
}

static void yield(struct call *k)
{
	k->yielded = true;
	k->a->yielded++;
	k->c.reason = REASON_BUSY;
	k->phase = KILLED;
	loop_cancel(k->a->conf.loop, &k->timer);
	kill(-k->c.pid, SIGKILL); /* it holds nothing yet, and has had its time */
}

bool answer_has_place(struct call *k)
{
	struct answer *a = k->a;
	if (a->active - a->yielded <= a->conf.max)
		return true;
	bool may = a->tells && a->active <= GUARD_ITEMS;
	struct call *old = may ? places_yielder(next_stranger, a, k->source) : NULL;
	if (!old || just_came(old))
		return false;
	yield(old);
	return true;
}

bool answer_refused_untold(struct answer *a)
{
	int64_t now = clock_ms();
	if (now - a->refused_at >= 1000) {
		a->refused_at = now;
		a->refused = 0;
	}
	return a->refused++ >= TOLD;
}
