/* config.c - which configuration file, and its keys one by one. */
#include "tool/config.h"

#include "tool/tool.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pass {
	config_fn *fn;
	void *arg;
	const char *why;
	char key[64];
};

/* Values stay for the program's life: options point to them. */
static char *keep_text(const char *value)
{
	static struct kept { struct kept *next; char text[]; } *all;
	size_t n = strlen(value) + 1;
	struct kept *k = malloc(sizeof *k + n);
	if (!k)
		return NULL;
	k->next = all;
	all = k;
	return memcpy(k->text, value, n);
}

static int on_key(void *user, const char *section, const char *key, const char *value)
{
	struct pass *p = user;
	char *keep = keep_text(value ? value : "");
	p->why = keep ? p->fn(p->arg, section, key, keep) : "out of memory";
	if (p->why)
		snprintf(p->key, sizeof p->key, "%s", key);
	return p->why == NULL;
}

static void read_one(FILE *f, const char *path, config_fn *fn, void *arg)
{
	struct pass p = { .fn = fn, .arg = arg };
	int line = ini_parse_file(f, on_key, &p);
	fclose(f);
	if (line != 0)
		tool_die(SP_USAGE, "%s: line %d: %s%s%s", path, line, p.why ? p.key : "", p.why ? ": " : "",
		         p.why ? p.why : "not a [section] or key = value");
}

void config_read(config_fn *fn, void *arg)
{
	char home[512];
	const char *named = getenv("SP_CONFIG"), *h = getenv("HOME");
	snprintf(home, sizeof home, "%s/.config/sp/sp.conf", h ? h : "");
	const char *paths[] = { home, "/etc/sp/sp.conf" };
	if (named && *named) {
		FILE *f = fopen(named, "re");
		if (!f)
			tool_die(SP_USAGE, "unable to read %s: %s", named, strerror(errno));
		read_one(f, named, fn, arg);
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		FILE *f = i == 0 && !h ? NULL : fopen(paths[i], "re");
		if (!f)
			continue;
		read_one(f, paths[i], fn, arg);
		return;
	}
}
