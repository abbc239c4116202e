/* hold.c - the holder: records come in and become sessions, both ends are
 * watched, and what ends one end, or a signal, undoes everything backwards.
 * A reader that is there and does not read keeps nobody from holding. */
#include "tool/hold_impl.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READER_GRACE 2000 /* ms that a reader has to go first after a signal */
#define UNDO_GRACE 4000   /* ms from a signal to when undoing should be over, that included */
#define STOP_LIMIT 10000  /* ms that undoing may take */
#define OUT_HIGH 1048576  /* bytes that are not read: no more input until they are fewer */

void holder_look(struct holder *h)
{
	bool no_more = h->unwinding || h->input_over || h->started >= tool_common.max;
	if (no_more && h->active == 0 && (!h->pending || h->signals)) /* after a signal he had his time */
		loop_stop(h->loop);
}

static void reader_went(struct holder *h);
static void on_reader(void *arg, int fd, short revents);
static void on_input(void *arg, int fd, short revents);

/* What could be written is; for the rest the loop tells when there is room. */
static int push(struct holder *h)
{
	int rc = recout_push(&h->out);
	if (rc < 0)
		return -1;
	h->pending = rc == 1;
	if (!h->reader && !h->pending)
		loop_forget(h->loop, h->out.fd);
	else if (loop_fd(h->loop, h->out.fd, h->pending ? POLLOUT : 0, on_reader, h) != 0)
		return -1;
	return 0;
}

static void output_failed(struct holder *h)
{
	int e = errno;
	if (e == EILSEQ)
		tool_say("a value is not UTF-8 and cannot be written as JSON");
	else if (e != EPIPE)
		tool_say("unable to write standard output: %s", strerror(e));
	if (e != EPIPE)
		h->worst = sp_exit_worse(h->worst, e == EILSEQ ? SP_RECORD : SP_SYSTEM);
	reader_went(h);
}

void holder_emit(struct holder *h, struct record *r)
{
	if (h->reader_gone || h->h->command) /* standard output is COMMAND's: it has the fields, tool_fail said the rest */
		return;
	if (recout_queue(&h->out, r) != 0 || push(h) != 0)
		output_failed(h);
}

static void stop_took_too_long(void *arg)
{
	struct holder *h = arg;
	tool_say("undoing takes too long: giving up");
	h->worst = sp_exit_worse(h->worst, SP_TIMEOUT);
	loop_stop(h->loop);
}

static void unwind(struct holder *h)
{
	if (!h->unwinding)
		loop_at(h->loop, &h->limit, clock_deadline(STOP_LIMIT), stop_took_too_long, h);
	h->unwinding = true;
	for (struct hold_impl *i = h->sessions; i; i = i->next)
		session_stop(i);
	holder_look(h);
}

static void reader_went(struct holder *h)
{
	h->reader_gone = true;
	loop_forget(h->loop, h->out.fd);
	h->reader = h->pending = false;
	buf_wipe(&h->out.out);
	unwind(h);
}

/* Timers and signals call this from the loop. */
static void unwind_now(void *arg)
{
	unwind(arg);
}

static bool much_waits(struct holder *h)
{
	return h->pending && h->out.out.len >= OUT_HIGH;
}

static void take_all(struct holder *h);

static void on_reader(void *arg, int fd, short revents)
{
	struct holder *h = arg;
	(void)fd;
	if (revents & (POLLERR | POLLHUP | POLLNVAL))
		reader_went(h);
	else if (push(h) != 0)
		output_failed(h);
	if (h->resting && !much_waits(h)) {
		h->resting = false;
		loop_fd(h->loop, h->in.fd, POLLIN, on_input, h);
		take_all(h);
	}
	holder_look(h);
}

static void on_signal(void *arg, int signo)
{
	struct holder *h = arg;
	(void)signo;
	if (h->signals == 0)
		h->undo_by = clock_deadline(UNDO_GRACE);
	if (h->signals++ == 0 && h->reader && !h->unwinding)
		loop_at(h->loop, &h->grace, clock_deadline(READER_GRACE), unwind_now, h);
	else
		unwind(h);
}

/* A record with error=: an upstream session has ended; ours of it ends too. One that
 * failed between its holder and us counts among those that there may be: no other comes
 * in its place, and who holds it learns of it by our end. */
static void failed_upstream(struct holder *h, struct record *r)
{
	const char *session = record_str(r, "session"), *word = record_str(r, "error");
	bool ours = false;
	h->worst = sp_exit_worse(h->worst, sp_exit_of(word ? word : ""));
	holder_emit(h, r);
	for (struct hold_impl *i = h->sessions; i && session; i = i->next) {
		const char *own = record_str(&i->s.rec, "session");
		if (own && strcmp(own, session) == 0) {
			ours = true;
			session_stop(i);
		}
	}
	h->started += !ours && record_has(r, "hold");
	holder_look(h);
}

static void take(struct holder *h)
{
	if (record_has(&h->rec, "error")) {
		failed_upstream(h, &h->rec);
	} else if (session_renew(h, &h->rec)) {
		if (!h->h->renew)
			holder_emit(h, &h->rec);
	} else if (h->started >= tool_common.max) {
		tool_fail(&h->rec, SP_USAGE, 0, "more than %llu records: raise --max to hold so many",
		          (unsigned long long)tool_common.max);
		h->worst = sp_exit_worse(h->worst, SP_USAGE);
		holder_emit(h, &h->rec);
	} else {
		session_new(h, &h->rec);
	}
}

static void input_ended(struct holder *h)
{
	loop_forget(h->loop, h->in.fd);
	h->input_over = true;
	if (h->started == 0 && h->in.line == 0)
		h->worst = sp_exit_worse(h->worst, SP_NONE);
	for (struct hold_impl *i = h->sessions; i; i = i->next)
		if (i->upstream)
			session_stop(i);
	holder_look(h);
}

static void take_all(struct holder *h)
{
	const char *why;
	for (int got; !h->unwinding && !much_waits(h) && (got = recin_next(&h->in, &h->rec, &why)) != 0;) {
		if (got == 1) {
			take(h);
			continue;
		}
		tool_say("%s: line %lu: %s", h->in.name, h->in.line, why);
		h->worst = sp_exit_worse(h->worst, SP_RECORD);
	}
	h->resting = !h->unwinding && much_waits(h);
	if (h->resting)
		loop_forget(h->loop, h->in.fd);
	else if (h->in.eof && !h->input_over)
		input_ended(h);
}

static void on_input(void *arg, int fd, short revents)
{
	struct holder *h = arg;
	(void)fd;
	(void)revents;
	if (recin_fill(&h->in) < 0) {
		if (errno == EAGAIN)
			return;
		tool_say("unable to read stdin: %s", strerror(errno));
		h->worst = sp_exit_worse(h->worst, SP_SYSTEM);
		h->in.eof = true;
	}
	take_all(h);
}

static void alone(void *arg)
{
	struct holder *h = arg;
	h->input_over = true;
	session_new(h, &h->rec);
}

static void watch_input(struct holder *h)
{
	if (h->h->alone) {
		loop_at(h->loop, &h->grace, clock_ms(), alone, h); /* from the loop: it may fail at once */
	} else {
		loop_fd(h->loop, STDIN_FILENO, POLLIN, on_input, h);
	}
}

static void watch_reader(struct holder *h)
{
	struct stat st;
	if (fstat(h->out.fd, &st) != 0 || (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)))
		return; /* a terminal, a file: held until a signal or the session's own end */
	h->reader = loop_fd(h->loop, h->out.fd, 0, on_reader, h) == 0;
}

enum sp_exit hold_run(const struct hold *h)
{
	struct holder me = { .h = h, .worst = SP_OK, .undo_by = CLOCK_NEVER };
	if (h->command && tool_common.no_hold)
		tool_die(SP_USAGE, "-- %s is run while something is held: not with --no-hold", h->command[0]);
	me.loop = loop_new();
	if (!me.loop)
		tool_die(SP_SYSTEM, "out of memory");
	recin_init(&me.in, STDIN_FILENO, "stdin");
	recout_init(&me.out, STDOUT_FILENO, tool_common.json);
	if (h->setup)
		h->setup(me.loop, h->config);
	loop_signal(me.loop, SIGINT, on_signal, &me);
	loop_signal(me.loop, SIGTERM, on_signal, &me);
	loop_signal(me.loop, SIGHUP, on_signal, &me);
	watch_reader(&me);
	watch_input(&me);
	if (loop_run(me.loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	sessions_free(&me);
	record_clear(&me.rec);
	recin_clear(&me.in);
	recout_clear(&me.out);
	loop_free(me.loop);
	return me.command_status ? (enum sp_exit)me.command_status : me.worst;
}
