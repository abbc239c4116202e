/* login_groups.c - the passwords of groups. A group with a password counts only
 * for who asked for it and gave it: otherwise leaving group= out would pass by. */
#include "engine/login_groups.h"

#include "base/recio.h"
#include "sys/key.h"
#include "wire/passhash.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define GROUPS_MAX 10000

struct login_groups {
	struct record *row;
	size_t n, cap;
};

static const char *add(struct login_groups *g, struct record *r)
{
	if (!record_get(r, "group").n || login_groups_has(g, record_get(r, "group")))
		return "no group=, or the same again";
	if (!passhash_ok(record_get(r, "hash")))
		return "hash= is none that sp-login --hash writes";
	if (g->n == GROUPS_MAX)
		return "too many groups";
	if (g->n == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 16;
		struct record *p = realloc(g->row, cap * sizeof *p);
		if (!p)
			return "out of memory";
		g->row = p;
		g->cap = cap;
	}
	record_init(&g->row[g->n]);
	if (record_copy(&g->row[g->n], r) != 0)
		return "out of memory";
	g->n++;
	return NULL;
}

static const char *read_all(struct login_groups *g, struct recin *in)
{
	struct record r;
	const char *why = NULL;
	record_init(&r);
	for (int got = 0; !why && (got != 0 || !in->eof);) {
		got = recin_next(in, &r, &why);
		if (got == 1)
			why = add(g, &r);
		else if (got == 0 && !in->eof && recin_fill(in) < 0)
			why = "unable to read";
	}
	record_clear(&r);
	return why;
}

struct login_groups *login_groups_load(const char *path, const char **why, unsigned long *line)
{
	struct login_groups *g = calloc(1, sizeof *g);
	struct recin in;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	recin_init(&in, fd, path);
	*line = 0;
	*why = !g ? "out of memory" : fd < 0 ? "unable to open it" :
	       !key_private(fd) ? "others than its owner can read it" : NULL;
	if (!*why) {
		*why = read_all(g, &in);
		*line = *why ? in.line : 0;
	}
	recin_clear(&in);
	if (fd >= 0)
		close(fd);
	if (!*why)
		return g;
	login_groups_free(g);
	return NULL;
}

void login_groups_free(struct login_groups *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++)
		record_clear(&g->row[i]);
	free(g->row);
	free(g);
}

static struct record *find(const struct login_groups *g, struct view group)
{
	for (size_t i = 0; g && i < g->n; i++)
		if (view_eq(record_get(&g->row[i], "group"), group))
			return &g->row[i];
	return NULL;
}

bool login_groups_has(const struct login_groups *g, struct view group)
{
	return find(g, group) != NULL;
}

bool login_groups_pass(const struct login_groups *g, struct view group, const struct secret *password)
{
	struct record *r = find(g, group);
	return !r || passhash_holds(record_get(r, "hash"), password);
}

int login_groups_filter(const struct login_groups *g, struct view list, struct view group, struct buf *out)
{
	struct view one;
	size_t start = out->len;
	if (group.n)
		return buf_addv(out, group);
	while (view_split(&list, ',', &one)) {
		if (!one.n || login_groups_has(g, one))
			continue;
		if ((out->len > start && buf_addc(out, ',') != 0) || buf_addv(out, one) != 0)
			return -1;
	}
	return 0;
}
