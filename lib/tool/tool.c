/* tool.c - messages, failures, the log, and the way out of a program. */
#include "tool/tool.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <string.h>
#include <unistd.h>

#define LOG_VALUE_MAX 1024

static void say(const char *fmt, va_list ap)
{
	char text[4096];
	int n = snprintf(text, sizeof text, "%s: ", tool_name);
	n += vsnprintf(text + n, sizeof text - (size_t)n - 1, fmt, ap);
	size_t len = n < (int)sizeof text - 1 ? (size_t)n : sizeof text - 2;
	text_tame(text, len);
	text[len] = '\n';
	if (write(STDERR_FILENO, text, len + 1) < 0)
		return; /* there is nowhere left to say so */
}

void tool_say(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void tool_die(enum sp_exit status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	exit((int)status);
}

void tool_fail(struct record *r, enum sp_exit status, int step, const char *fmt, ...)
{
	char detail[1536];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	const char *serial = record_str(r, "serial"), *ticket = record_str(r, "ticket");
	const char *what = serial ? serial : ticket;
	if (record_set(r, "error", sp_exit_name(status)) != 0 ||
	    (step && record_setf(r, "step", "%d", step) != 0) || record_set(r, "detail", detail) != 0)
		tool_say("unable to mark a record as failed: %s", strerror(errno));
	if (step)
		tool_say("%s%sstep %d: %s", what ? what : "", what ? ": " : "", step, detail);
	else
		tool_say("%s%s%s", what ? what : "", what ? ": " : "", detail);
}

static void set_all(struct record *r, const char *key, va_list ap)
{
	for (const char *value; key; key = va_arg(ap, const char *)) {
		value = va_arg(ap, const char *);
		if (value && record_set(r, key, value) != 0)
			tool_die(SP_SYSTEM, "unable to make a record: %s: %s", key, strerror(errno));
	}
}

static int log_open(void)
{
	static int fd = -1;
	uint64_t n;
	if (fd >= 0)
		return fd;
	if (strncmp(tool_common.log, "fd:", 3) == 0 && num_u64(view_of(tool_common.log + 3), 0, 1 << 20, &n))
		return fd = (int)n;
	fd = open(tool_common.log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		tool_die(SP_SYSTEM, "unable to open %s: %s", tool_common.log, strerror(errno));
	return fd;
}

/* What strangers send ends here, too: a value over LOG_VALUE_MAX is cut, with
 * dots behind it, so that no length of theirs fills the log or ends the tool. */
static void log_value(struct record *r, const char *key, const char *value)
{
	struct view v = view_of(value);
	char cut[LOG_VALUE_MAX + 4];
	if (v.n > LOG_VALUE_MAX) {
		snprintf(cut, sizeof cut, "%.*s...", LOG_VALUE_MAX, value);
		v = view_of(cut);
	}
	if (record_setv(r, view_of(key), v) != 0)
		tool_die(SP_SYSTEM, "unable to make a record: %s: %s", key, strerror(errno));
}

void tool_log(int step, const char *event, ...)
{
	struct record r = { 0 };
	struct buf line;
	struct timespec now;
	char when[TIME_TEXT];
	va_list ap;
	if (!tool_common.log)
		return;
	buf_init(&line, 2 * RECORD_LINE_MAX);
	clock_gettime(CLOCK_REALTIME, &now);
	time_text(now.tv_sec, when);
	when[19] = '\0'; /* the Z: milliseconds come first */
	record_setf(&r, "time", "%s.%03ldZ", when, now.tv_nsec / 1000000);
	record_set(&r, "tool", tool_name);
	record_setf(&r, "pid", "%d", (int)getpid());
	if (step)
		record_setf(&r, "step", "%d", step);
	record_set(&r, "event", event);
	va_start(ap, event);
	for (const char *key; (key = va_arg(ap, const char *));) {
		const char *value = va_arg(ap, const char *);
		if (value)
			log_value(&r, key, value);
	}
	va_end(ap);
	int fd = log_open();
	if (record_write(&r, &line) != 0 || write(fd, line.data, line.len) != (ssize_t)line.len)
		tool_die(SP_SYSTEM, "unable to write %s: %s", tool_common.log, strerror(errno));
	buf_clear(&line);
	record_clear(&r);
}

void tool_need(const void *value, const char *option)
{
	if (!value)
		tool_die(SP_USAGE, "--%s is needed", option);
}

void tool_ready(struct recout *out, const char *key, ...)
{
	struct record r = { 0 };
	va_list ap;
	record_set(&r, "ready", tool_name);
	va_start(ap, key);
	set_all(&r, key, ap);
	va_end(ap);
	if (recout_add(out, &r) != 0 || recout_flush(out) != 0)
		tool_die(SP_SYSTEM, "unable to write standard output: %s", strerror(errno));
	record_clear(&r);
}

void tool_descriptors(uint64_t want, uint64_t n, const char *things)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= want)
		return;
	r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
	setrlimit(RLIMIT_NOFILE, &r);
	if (r.rlim_cur < want)
		tool_say("%llu descriptors are allowed: fewer than %llu %s can be held", (unsigned long long)r.rlim_cur,
		         (unsigned long long)n, things);
}

void tool_confine(void)
{
	struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	tool_hide();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void tool_hide(void)
{
	prctl(PR_SET_DUMPABLE, 0);
}
