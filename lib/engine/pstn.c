/* pstn.c - the exchange: its directory, its modems, its numbers. */
#include "engine/pstn_call.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

uint32_t pstn_draw(struct pstn *x)
{
	x->random ^= x->random << 13; /* xorshift64; never 0 */
	x->random ^= x->random >> 7;
	x->random ^= x->random << 17;
	return (uint32_t)(x->random >> 32);
}

static void sweep(void *arg)
{
	struct pstn *x = arg;
	int64_t now = clock_ms();
	for (struct modem *m = x->modems; m; m = m->next)
		port_look(m, now);
	loop_at(x->conf.loop, &x->sweep, now + PSTN_SWEEP, sweep, x);
}

struct pstn *pstn_new(const struct pstn_conf *conf, const char **why)
{
	struct pstn *x = calloc(1, sizeof *x);
	int e;
	*why = "out of memory";
	if (!x)
		return NULL;
	x->conf = *conf;
	x->random = conf->seed * 2 + 0x9e3779b97f4a7c15u;
	x->random += x->random == 0;
	*why = "unable to open the directory";
	x->dirfd = open(conf->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->dirfd < 0)
		goto out;
	*why = "another exchange has the directory";
	if (flock(x->dirfd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			errno = EBUSY;
		goto out;
	}
	loop_at(conf->loop, &x->sweep, clock_ms() + PSTN_SWEEP, sweep, x);
	return x;
out:
	e = errno;
	if (x->dirfd >= 0)
		close(x->dirfd);
	free(x);
	errno = e;
	return NULL;
}

/* Do they mean the same digits? */
static bool same_number(const char *a, const char *b)
{
	static const char spoken[] = "+-(). ";
	for (;;) {
		while (*a && strchr(spoken, *a))
			a++;
		while (*b && strchr(spoken, *b))
			b++;
		if (*a != *b || !*a)
			return *a == *b;
		a++;
		b++;
	}
}

static struct modem *exact(struct pstn *x, const char *number)
{
	struct modem *m = x->modems;
	while (m && !same_number(m->number, number))
		m = m->next;
	return m;
}

struct modem *pstn_find(struct pstn *x, const char *number)
{
	const char *prefix = x->conf.prefix;
	struct modem *m = exact(x, number);
	if (!m && prefix && *prefix && strncmp(number, prefix, strlen(prefix)) == 0)
		m = exact(x, number + strlen(prefix));
	return m;
}

static bool number_ok(const char *s)
{
	size_t n = strlen(s), digits = strspn(s + (*s == '+'), "0123456789*#ABCD-");
	return n > 0 && n < PSTN_NAME && digits + (*s == '+') == n && strpbrk(s, "0123456789*#ABCD");
}

static bool name_ok(const char *s)
{
	size_t n = strlen(s);
	return n > 0 && n < PSTN_NAME && *s != '.' &&
	       strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ*#+_.-") == n;
}

/* A symlink that dangles is what an exchange that was killed has left. */
static bool name_free(const struct pstn *x, const char *name)
{
	struct stat st;
	for (const struct modem *m = x->modems; m; m = m->next)
		if (strcmp(m->name, name) == 0)
			return false;
	return fstatat(x->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISLNK(st.st_mode);
}

static int refuse(int e, const char *text, const char **why)
{
	*why = text;
	errno = e;
	return -1;
}

int pstn_modem(struct pstn *x, const char *number, const char *name, uint64_t speed, const char **why)
{
	unsigned n = 0;
	name = name ? name : number;
	speed = speed ? speed : x->conf.speed;
	for (const struct modem *m = x->modems; m; m = m->next)
		n++;
	if (!number_ok(number))
		return refuse(EINVAL, "a number is digits, * # A-D, up to 63; a + may stand in front", why);
	if (!name_ok(name))
		return refuse(EINVAL, "a name is letters, digits and _ . - + * #, not beginning with a dot", why);
	if (speed < PSTN_SPEED_MIN || speed > PSTN_SPEED_MAX)
		return refuse(EINVAL, "a speed is 300 to 1000000000", why);
	if (exact(x, number))
		return refuse(EEXIST, "this number is in use", why);
	if (!name_free(x, name))
		return refuse(EEXIST, "this name is in use", why);
	if (n >= PSTN_MODEMS)
		return refuse(ENOSPC, "no more modems", why);
	struct modem *m = calloc(1, sizeof *m);
	if (!m)
		return refuse(ENOMEM, "out of memory", why);
	m->x = x;
	m->speed = speed;
	snprintf(m->number, sizeof m->number, "%s", number);
	snprintf(m->name, sizeof m->name, "%s", name);
	if (port_new(m) < 0) {
		int e = errno;
		free(m);
		return refuse(e, "unable to make its pty", why);
	}
	hayes_init(&m->h);
	struct modem **p = &x->modems;
	while (*p)
		p = &(*p)->next;
	*p = m;
	return 0;
}

void pstn_remove(struct modem *m)
{
	struct modem **p = &m->x->modems;
	if (m->call)
		call_end(m->call, "admin-reset");
	while (*p != m)
		p = &(*p)->next;
	*p = m->next;
	loop_cancel(m->x->conf.loop, &m->guard);
	port_free(m);
	hayes_clear(&m->h);
	free(m);
}

void pstn_free(struct pstn *x)
{
	if (!x)
		return;
	while (x->modems)
		pstn_remove(x->modems);
	while (x->calls)
		call_free(x->calls);
	loop_cancel(x->conf.loop, &x->sweep);
	close(x->dirfd);
	free(x);
}
