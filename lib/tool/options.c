/* options.c - the option table of a program, read from its command line and
 * from the configuration (INI), and printed by --help. */
#include "tool/tool.h"

#include "base/num.h"
#include "tool/config.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTIONS_MAX 64

struct tool_common tool_common = { .timeout = -1, .max = 1 };
const char *tool_name = "sp";

static bool help_wanted, version_wanted;

static const struct opt every[] = {
	{ "json", 0, OPT_FLAG, &tool_common.json, NULL, "write JSON Lines instead of records" },
	{ "timeout", 0, OPT_SECONDS, &tool_common.timeout, "SECONDS", "give up waiting after this time" },
	{ "log", 0, OPT_STR, &tool_common.log, "FILE", "append a record of every event to FILE" },
	{ "help", 'h', OPT_FLAG, &help_wanted, NULL, "show this and exit" },
	{ "version", 'V', OPT_FLAG, &version_wanted, NULL, "show the version and exit" },
	{ 0 },
};

static const struct opt holding[] = {
	{ "no-hold", 0, OPT_FLAG, &tool_common.no_hold, NULL, "end at once, without undoing" },
	{ "max", 0, OPT_NUM, &tool_common.max, "N", "at most N sessions side by side (1)" },
	{ 0 },
};

/* All options of a program in one list. */
static unsigned gather(const struct tool *t, const struct opt **all)
{
	const struct opt *lists[] = { t->opt, t->holds ? holding : NULL, every };
	unsigned n = 0;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		for (const struct opt *o = lists[i]; o && o->name && n < OPTIONS_MAX; o++)
			all[n++] = o;
	return n;
}

static void help(const struct tool *t, const struct opt *const *all, unsigned n)
{
	printf("usage: %s [options]%s%s\n%s\n\n", t->name, *t->operands ? " " : "", t->operands, t->summary);
	for (unsigned i = 0; i < n; i++) {
		char left[64];
		snprintf(left, sizeof left, "--%s%s%s", all[i]->name, all[i]->arg ? " " : "",
		         all[i]->arg ? all[i]->arg : "");
		if (all[i]->letter)
			printf("  -%c, %-26s %s\n", all[i]->letter, left, all[i]->help);
		else
			printf("      %-26s %s\n", left, all[i]->help);
	}
}

static const char *assign(const struct opt *o, const char *text)
{
	struct opt_list *list = o->to;
	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->to = true;
		return NULL;
	case OPT_STR:
		*(const char **)o->to = text;
		return NULL;
	case OPT_NUM:
		return num_u64(view_of(text), 0, UINT64_MAX, o->to) ? NULL : "not a number";
	case OPT_SECONDS:
		return num_ms(view_of(text), o->to) ? NULL : "not a number of seconds";
	case OPT_LIST:
		if (list->n == OPT_LIST_MAX)
			return "given too often";
		list->v[list->n++] = text;
		return NULL;
	}
	return "unknown kind";
}

struct reading {
	const struct opt *const *all;
	bool *given;  /* on the command line, or by the tool's own section */
	bool *found;  /* by the section that is being read */
	bool common;  /* [sp] is being read, not the tool's own section */
	unsigned n;
	const char *tool;
};

static const char *from_config(void *arg, const char *section, const char *key, const char *value)
{
	struct reading *rd = arg;
	if (strcmp(section, rd->common ? "sp" : rd->tool) != 0)
		return NULL;
	for (unsigned i = 0; i < rd->n; i++) {
		const struct opt *o = rd->all[i];
		if (strcmp(o->name, key) != 0)
			continue;
		if (rd->given[i])
			return NULL;
		rd->found[i] = true;
		if (o->kind == OPT_FLAG && strcmp(value, "yes") != 0)
			return strcmp(value, "no") == 0 ? NULL : "must be yes or no";
		return assign(o, value);
	}
	return rd->common ? NULL : "unknown key";
}

/* The tool's own section first: what it says, [sp] says no more. sp itself has
 * none, [sp] being of all tools. */
static void options_of_config(const struct tool *t, const struct opt *const *all, unsigned n, bool *given)
{
	bool found[OPTIONS_MAX] = { false };
	struct reading rd = { .all = all, .given = given, .found = found, .n = n, .tool = t->name };
	if (strcmp(t->name, "sp") != 0)
		config_read(from_config, &rd);
	for (unsigned i = 0; i < n; i++)
		given[i] = given[i] || found[i];
	rd.common = true;
	config_read(from_config, &rd);
}

static void getopt_tables(const struct opt *const *all, unsigned n, struct option *lng, char *letters)
{
	*letters++ = '+';
	for (unsigned i = 0; i < n; i++) {
		lng[i] = (struct option){ all[i]->name, all[i]->kind != OPT_FLAG, NULL, 256 + (int)i };
		if (!all[i]->letter)
			continue;
		*letters++ = all[i]->letter;
		if (all[i]->kind != OPT_FLAG)
			*letters++ = ':';
	}
	lng[n] = (struct option){ 0 };
	*letters = '\0';
}

static unsigned chosen(const struct opt *const *all, unsigned n, int c)
{
	if (c >= 256)
		return (unsigned)c - 256;
	unsigned i = 0;
	while (i < n && all[i]->letter != c)
		i++;
	return i;
}

/* A standard descriptor that is closed would be given to the next open, and be
 * taken for input or output: it is one that cannot be read or written instead. */
static void descriptors_keep(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int tool_options(const struct tool *t, int argc, char **argv)
{
	const struct opt *all[OPTIONS_MAX];
	struct option lng[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 2];
	bool given[OPTIONS_MAX] = { false };
	unsigned n = gather(t, all);
	tool_name = t->name;
	descriptors_keep();
	signal(SIGPIPE, SIG_IGN); /* a reader that went is seen as EPIPE: tool_finish */
	getopt_tables(all, n, lng, letters);
	opterr = 1;
	for (int c; (c = getopt_long(argc, argv, letters, lng, NULL)) != -1;) {
		unsigned i = chosen(all, n, c);
		if (c == '?' || i >= n)
			exit(SP_USAGE); /* getopt has said what is wrong */
		const char *why = assign(all[i], optarg);
		if (why)
			tool_die(SP_USAGE, "--%s %s: %s", all[i]->name, optarg, why);
		given[i] = true;
	}
	if (help_wanted)
		help(t, all, n);
	if (version_wanted)
		printf("%s %s\n", t->name, SP_VERSION);
	if (help_wanted || version_wanted)
		exit(fflush(stdout) == 0 ? SP_OK : SP_SYSTEM);
	options_of_config(t, all, n, given);
	return optind;
}
