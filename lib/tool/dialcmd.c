/* dialcmd.c - profiles and transcripts as sp-dial's options have it. */
#include "tool/dialcmd.h"

#include "base/num.h"
#include "engine/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAULTS_MAX 20

struct faults {
	const char *file;
	unsigned n;
};

static void on_fault(void *arg, unsigned long line, const char *why, const char *what)
{
	struct faults *f = arg;
	char where[32] = "";
	if (line)
		snprintf(where, sizeof where, "line %lu: ", line);
	if (f->n++ < FAULTS_MAX)
		tool_say("%s: %s%s%s%.200s", f->file, where, why, *what ? ": " : "", what);
}

/* The profile; NULL after its faults were told. */
static struct profile *read_profile(struct faults *f)
{
	struct profile *p = NULL;
	struct buf b;
	buf_init(&b, 1 << 20);
	if (dial_file(f->file, 65536, &b) != 0) {
		tool_say("%s: %s", f->file, strerror(errno));
		f->n++;
	} else {
		p = profile_read(buf_view(&b), on_fault, f);
	}
	buf_clear(&b);
	return p;
}

static void out_record(struct recout *out, struct record *r)
{
	if (recout_add(out, r) != 0)
		tool_die(SP_SYSTEM, "unable to write: %s", strerror(errno));
	record_clear(r);
}

static void out_end(struct recout *out)
{
	if (recout_flush(out) != 0)
		tool_die(SP_SYSTEM, "unable to write: %s", strerror(errno));
	recout_clear(out);
}

enum sp_exit dialcmd_check(const char *file)
{
	struct faults f = { file, 0 };
	struct profile *p = read_profile(&f);
	if (p)
		profile_lint(p, on_fault, &f);
	if (f.n > FAULTS_MAX)
		tool_say("%s: and %u more", file, f.n - FAULTS_MAX);
	if (f.n == 0) {
		struct recout out;
		struct record r = { 0 };
		recout_init(&out, STDOUT_FILENO, tool_common.json);
		record_set(&r, "profile", p->name);
		record_setf(&r, "states", "%u", p->states);
		record_setf(&r, "rows", "%u", p->rows);
		out_record(&out, &r);
		out_end(&out);
	}
	profile_free(p);
	return f.n ? SP_USAGE : SP_OK;
}

struct replayed {
	struct recout out;
	const char *profile, *file;
	enum sp_exit status;
};

static void on_call(void *arg, const struct replay_call *c)
{
	struct replayed *re = arg;
	struct record r = { 0 };
	record_set(&r, "call", c->call);
	record_set(&r, "profile", re->profile);
	record_set(&r, "replay", c->line ? "different" : "same");
	record_setf(&r, "records", "%u", c->records);
	if (c->line) {
		record_setf(&r, "line", "%lu", c->line);
		record_set(&r, "detail", c->why);
		tool_say("%s: line %lu: %s", re->file, c->line, c->why);
	}
	out_record(&re->out, &r);
	re->status = c->line ? SP_USAGE : re->status == SP_NONE ? SP_OK : re->status;
}

enum sp_exit dialcmd_replay(const char *profile, const char *file)
{
	struct faults f = { profile, 0 };
	struct profile *p = read_profile(&f);
	struct replayed re = { .profile = p ? p->name : "", .file = file, .status = SP_NONE };
	unsigned long line = 0;
	const char *why = "";
	struct buf b;
	if (!p)
		return SP_USAGE;
	buf_init(&b, REPLAY_MAX + (1 << 16));
	if (dial_file(file, REPLAY_MAX, &b) != 0)
		tool_die(SP_SYSTEM, "%s: %s", file, strerror(errno));
	recout_init(&re.out, STDOUT_FILENO, tool_common.json);
	if (replay(p, buf_view(&b), on_call, &re, &line, &why) != 0) {
		tool_say("%s: line %lu: %s", file, line, why);
		re.status = SP_RECORD;
	}
	out_end(&re.out);
	buf_clear(&b);
	profile_free(p);
	return re.status;
}

int dialcmd_transcript(const char *path)
{
	struct stat st;
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0 || fstat(fd, &st) != 0)
		tool_die(SP_SYSTEM, "unable to open %s: %s", path, strerror(errno));
	if (S_ISREG(st.st_mode) && (st.st_mode & 077))
		tool_die(SP_SYSTEM, "%s: others than its owner can read or write it", path);
	return fd;
}

void dialcmd_name(char *out, size_t size)
{
	static unsigned n;
	char now[TIME_TEXT], *to = now;
	time_text(time(NULL), now);
	for (const char *from = now; *from; from++)
		if (*from != '-' && *from != ':')
			*to++ = *from;
	*to = '\0';
	snprintf(out, size, "%s-%ld-%u", now, (long)getpid(), ++n);
}

bool dialcmd_args(struct record *vars, struct view args)
{
	struct view word, key;
	while (args.n && view_split(&args, ' ', &word)) {
		if (word.n == 0)
			continue;
		if (!view_split(&word, '=', &key) || !word.p || !record_key_ok(key) || record_setv(vars, key, word) != 0)
			return false;
	}
	return true;
}

bool dialcmd_vars(struct record *vars, struct record *r, const char *group)
{
	const char *user = record_str(r, "user"), *domain = record_str(r, "domain");
	if (record_copy(vars, r) != 0 || (group && record_set(vars, "group", group) != 0) ||
	    !dialcmd_args(vars, record_get(r, "profile_args")))
		return false;
	bool of = domain && *domain;
	return !user || record_setf(vars, "login", "%s%s%s", of ? domain : "", of ? "\\" : "", user) == 0;
}

bool dialcmd_secrets(const struct opt_list *list, const struct profile *p, struct record *vars, char *why, size_t size)
{
	struct secret s = { 0 };
	bool ok = true;
	for (unsigned i = 0; i < list->n && ok; i++) {
		const char *is = strchr(list->v[i], '=');
		struct view key = { list->v[i], is ? (size_t)(is - list->v[i]) : 0 };
		ok = is && record_key_ok(key) && profile_secret(p, key);
		if (!ok)
			snprintf(why, size, "--secret %.64s: not KEY=FILE with a KEY that the profile marks as secret", list->v[i]);
		else if (secret_read_file(&s, is + 1) != 0 || record_setv(vars, key, secret_view(&s)) != 0)
			ok = snprintf(why, size, "%.256s: %s", is + 1, errno == EPERM ? "others than its owner can read it" : strerror(errno)) < 0;
	}
	secret_clear(&s);
	return ok;
}

const char *const *dialcmd_dirs(const char *profiles)
{
	static char tree[3][PATH_MAX];
	static const char *dirs[6];
	static const char *const beside[] = { "../../share/profiles", "../../../share/profiles", "../share/sp/profiles" };
	char exe[PATH_MAX];
	unsigned n = 0;
	ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
	exe[len > 0 ? len : 0] = '\0';
	char *slash = strrchr(exe, '/');
	if (slash)
		*slash = '\0';
	if (profiles) {
		dirs[n++] = profiles;
	} else {
		for (unsigned i = 0; i < 3; i++)
			if (snprintf(tree[i], sizeof tree[i], "%.4000s/%s", exe, beside[i]) > 0)
				dirs[n++] = tree[i];
		dirs[n++] = SP_SHAREDIR "/profiles";
	}
	dirs[n] = NULL;
	return dirs;
}
