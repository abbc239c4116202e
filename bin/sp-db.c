/* sp-db.c - loads, replaces, dumps and checks the tables of the store. */
#include "base/csv.h"
#include "engine/load.h"
#include "tool/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *db;
static bool csv, empty_ok;
static struct recout out;

static const struct opt options[] = {
	{ "db", 0, OPT_STR, &db, "FILE", "the store; leases and calls are in FILE-live" },
	{ "csv", 0, OPT_FLAG, &csv, NULL, "CSV in and out, the first line names the columns" },
	{ "empty-ok", 0, OPT_FLAG, &empty_ok, NULL, "replace: no row at all empties the table" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-db",
	.summary = "load, replace, dump and check the tables of the store",
	.operands = "create|load TABLE [FILE ...]|replace TABLE [FILE ...]|dump TABLE|check [TABLE ...]",
	.opt = options,
};

static const struct table *table_named(const char *name)
{
	const struct table *t = name ? table_find(name) : NULL;
	if (t)
		return t;
	char names[512] = "";
	for (const struct table *i = tables; i->name; i++) {
		strcat(names, " ");
		strcat(names, i->name);
	}
	tool_die(SP_USAGE, "%s%s: the tables are%s", name ? name : "a table is needed", name ? " is no table" : "", names);
}

static struct store *opened(enum store_mode mode)
{
	char why[512];
	struct store *s = store_open(db, mode, why, sizeof why);
	if (!s)
		tool_die(SP_SYSTEM, "unable to open the store: %s", why);
	return s;
}

/* One way of reading rows, whichever the format is. */
struct input {
	struct recin rec;
	struct csvin csv;
	const char *name;
};

static unsigned long line_of(const struct input *in)
{
	return csv ? in->csv.line : in->rec.line;
}

static int next_row(struct input *in, struct record *r, const char **why)
{
	int got = csv ? csvin_next(&in->csv, r, why) : 0;
	if (in->csv.error)
		tool_die(SP_SYSTEM, "unable to read %s: %s", in->name, *why); /* nothing is committed yet */
	if (csv)
		return got;
	while ((got = recin_next(&in->rec, r, why)) == 0 && !in->rec.eof) {
		struct pollfd p = { .fd = in->rec.fd, .events = POLLIN };
		if (recin_fill(&in->rec) < 0 && (errno != EAGAIN || poll(&p, 1, -1) < 0))
			tool_die(SP_SYSTEM, "unable to read %s: %s", in->name, strerror(errno));
	}
	return got;
}

static enum sp_exit load_input(struct load *l, int fd, const char *name)
{
	struct input in = { .name = name };
	struct record r = { 0 };
	const char *why;
	enum sp_exit status = SP_OK;
	int got;
	recin_init(&in.rec, fd, name);
	csvin_init(&in.csv, fd, name);
	while (status == SP_OK && (got = next_row(&in, &r, &why)) != 0) {
		if (got == 1 && load_row(l, &r) == 0)
			continue;
		tool_say("%s: line %lu: %s", name, line_of(&in), got == 1 ? l->why : why);
		status = SP_RECORD;
	}
	record_clear(&r);
	recin_clear(&in.rec);
	csvin_clear(&in.csv);
	return status;
}

static enum sp_exit load_files(struct load *l, char **files)
{
	enum sp_exit status = SP_OK;
	if (!*files)
		return load_input(l, STDIN_FILENO, "stdin");
	for (; *files && status == SP_OK; files++) {
		int fd = open(*files, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			tool_say("unable to open %s: %s", *files, strerror(errno));
		status = fd < 0 ? SP_SYSTEM : load_input(l, fd, *files);
		if (fd >= 0)
			close(fd);
	}
	return status;
}

static void report(const char *table, uint64_t rows, const char *key, uint64_t n)
{
	struct record r = { 0 };
	if (record_set(&r, "table", table) != 0 || record_setf(&r, "rows", "%llu", (unsigned long long)rows) != 0 ||
	    (key && record_setf(&r, key, "%llu", (unsigned long long)n) != 0) || recout_add(&out, &r) != 0)
		filter_write_failed();
	record_clear(&r);
}

static enum sp_exit load(char **args, bool replace)
{
	const struct table *t = table_named(args[0]);
	struct store *s = opened(STORE_LOAD);
	struct load l;
	if (load_begin(&l, s, t, replace) != 0)
		tool_die(SP_SYSTEM, "unable to write %s: %s", db, l.why);
	enum sp_exit status = load_files(&l, args + 1);
	if (status == SP_OK && l.rows == 0 && !(replace && empty_ok)) {
		tool_say("no row was read: %s is as it was%s", t->name, replace ? " (--empty-ok empties it)" : "");
		status = SP_NONE;
	}
	if (status != SP_OK) {
		load_abort(&l);
	} else if (load_end(&l) != 0) {
		tool_say("unable to %s %s: %s", replace ? "replace" : "load", t->name, l.why);
		status = SP_RECORD;
	} else {
		report(t->name, l.rows, NULL, 0);
	}
	store_close(s);
	return status;
}

static void put_csv(const struct table *t, struct record *r)
{
	struct buf line;
	buf_init(&line, 4 * RECORD_LINE_MAX);
	if (dump_csv(t, r, out.shorten, &line) != 0 || recout_line(&out, buf_view(&line)) != 0)
		filter_write_failed();
	buf_clear(&line);
}

static uint64_t dumped;

static int dump_row(void *arg, struct record *r)
{
	const struct table *t = arg;
	dumped++;
	if (csv)
		put_csv(t, r);
	else if (recout_add(&out, r) != 0)
		filter_write_failed();
	return 0;
}

static enum sp_exit dump(char **args)
{
	const struct table *t = table_named(args[0]);
	union { const struct table *t; void *p; } arg = { t };
	struct store *s = opened(STORE_READ);
	if (csv)
		put_csv(t, NULL);
	if (load_dump(s, t, dump_row, arg.p) != 0)
		tool_die(SP_SYSTEM, "unable to read %s: %s", db, store_why(s));
	store_close(s);
	return dumped ? SP_OK : SP_NONE;
}

static uint64_t faults;

static int fault(void *arg, struct record *row, const char *why)
{
	const struct table *t = *(const struct table **)arg;
	struct record r = { 0 };
	faults++;
	record_set(&r, "table", t->name);
	for (const struct col *c = t->col; c->name; c++)
		if ((c->flags & COL_KEY) && record_has(row, c->name))
			record_setv(&r, view_of(c->name), record_get(row, c->name));
	record_set(&r, "error", sp_exit_name(SP_RECORD));
	record_set(&r, "detail", why);
	if (recout_add(&out, &r) != 0)
		filter_write_failed();
	record_clear(&r);
	return 0;
}

static void check_one(struct store *s, const struct table *t)
{
	uint64_t rows, before = faults;
	if (load_check(s, t, fault, &t, &rows) != 0)
		tool_die(SP_SYSTEM, "unable to read %s: %s", db, store_why(s));
	report(t->name, rows, "faults", faults - before);
}

static enum sp_exit check(char **args)
{
	struct store *s = opened(STORE_READ);
	for (char **a = args; *a; a++)
		table_named(*a);
	for (char **a = args; *a; a++)
		check_one(s, table_named(*a));
	for (const struct table *t = tables; t->name && !*args; t++)
		check_one(s, t);
	store_close(s);
	return faults ? SP_RECORD : SP_OK;
}

int main(int argc, char **argv)
{
	char **args = argv + tool_options(&tool, argc, argv);
	const char *command = *args ? *args++ : "";
	enum sp_exit status = SP_OK;
	tool_confine();
	tool_need(db, "db");
	recout_init(&out, STDOUT_FILENO, tool_common.json);
	if (strcmp(command, "create") == 0)
		store_close(opened(STORE_CREATE));
	else if (strcmp(command, "load") == 0 || strcmp(command, "replace") == 0)
		status = load(args, command[0] == 'r');
	else if (strcmp(command, "dump") == 0)
		status = dump(args);
	else if (strcmp(command, "check") == 0)
		status = check(args);
	else
		tool_die(SP_USAGE, "%s%s: the commands are create, load, replace, dump and check", *command ? command : "what to do",
		         *command ? " is no command" : " is missing");
	return (int)tool_finish(&out, status);
}
