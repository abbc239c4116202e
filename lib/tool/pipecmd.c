/* pipecmd.c - records to a command and back, while both ends are watched.
 * A record with error= goes round the command; a line that it gives back and
 * that is no record is refused. The command is ended by the end of its input
 * and, when the reader has gone, by SIGTERM, then SIGKILL. */
#include "tool/pipecmd.h"

#include "base/num.h"
#include "sys/loop.h"
#include "sys/spawn.h"
#include "tool/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUEUE_HIGH (256u << 10) /* for the command: above it, nothing more is read */

struct pipe {
	struct loop *loop;
	char **command;
	bool each;
	struct recin in, back;
	struct record rec;
	struct recout out;
	struct buf queue; /* lines for the command */
	size_t feed;      /* bytes of it that the command that runs may have */
	int to;
	pid_t pid;
	bool got, ended, ran, back_open, holding, watched, unwinding;
	struct loop_timer late;
	enum sp_exit worst;
	int bad; /* exit status of a command that failed */
};

static void consider(struct pipe *p);

static void close_to(struct pipe *p)
{
	if (p->to < 0)
		return;
	loop_forget(p->loop, p->to);
	close(p->to);
	p->to = -1;
}

static void put(struct pipe *p, struct record *r)
{
	if (recout_add(&p->out, r) != 0)
		filter_write_failed();
}

static void writable(void *arg, int fd, short revents)
{
	struct pipe *p = arg;
	(void)revents;
	ssize_t n = p->feed ? write(fd, p->queue.data, p->feed) : 0;
	if (n > 0) {
		buf_consume(&p->queue, (size_t)n);
		p->feed -= (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		close_to(p); /* it wants no more: head(1) */
		buf_consume(&p->queue, p->feed);
		p->feed = 0;
	}
	consider(p);
}

static void from_command(void *arg, int fd, short revents)
{
	struct pipe *p = arg;
	const char *why;
	int got, filled = recin_fill(&p->back);
	(void)revents;
	if (filled < 0 && errno == EAGAIN)
		return;
	while ((got = recin_next(&p->back, &p->rec, &why)) != 0) {
		if (got == 1) {
			put(p, &p->rec);
			continue;
		}
		tool_say("%s: line %lu: %s", p->command[0], p->back.line, why);
		p->worst = sp_exit_worse(p->worst, SP_RECORD);
	}
	if (filled <= 0) {
		loop_forget(p->loop, fd);
		close(fd);
		recin_clear(&p->back);
		p->back_open = false;
	}
	if (recout_flush(&p->out) != 0)
		filter_write_failed();
	consider(p);
}

static void exited(void *arg, pid_t pid, int status)
{
	struct pipe *p = arg;
	(void)pid;
	p->pid = -1;
	close_to(p);
	if (p->each && p->feed) { /* what it did not want */
		buf_consume(&p->queue, p->feed);
		p->feed = 0;
	}
	status = spawn_status(status);
	if (status != 0 && !p->unwinding) {
		tool_say("%s ended with %d", p->command[0], status);
		p->bad = status > p->bad ? status : p->bad;
	}
	consider(p);
}

static void start(struct pipe *p)
{
	int in[2], out[2];
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		tool_die(SP_SYSTEM, "unable to make a pipe: %s", strerror(errno));
	struct spawn_fd fd[] = { { in[0], 0 }, { out[1], 1 } };
	p->pid = spawn(&(struct spawn){ .argv = p->command, .fd = fd, .nfd = 2, .group = true });
	if (p->pid < 0)
		tool_die(SP_USAGE, "unable to run %s: %s", p->command[0], strerror(errno));
	close(in[0]);
	close(out[1]);
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	p->to = in[1];
	p->ran = p->back_open = true;
	recin_init(&p->back, out[0], p->command[0]);
	if (loop_child(p->loop, p->pid, exited, p) != 0 || loop_fd(p->loop, out[0], POLLIN, from_command, p) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
}

static void one(struct pipe *p, struct record *r)
{
	p->got = true;
	p->holding |= record_has(r, "hold");
	if (record_has(r, "error"))
		put(p, r);
	else if (record_write(r, &p->queue) != 0)
		tool_die(SP_SYSTEM, "unable to keep a record: %s", strerror(errno));
}

static void input(void *arg, int fd, short revents)
{
	struct pipe *p = arg;
	const char *why;
	int got, filled = recin_fill(&p->in);
	(void)revents;
	if (filled < 0 && errno == EAGAIN)
		return;
	if (filled < 0)
		tool_die(SP_SYSTEM, "unable to read stdin: %s", strerror(errno));
	while ((got = recin_next(&p->in, &p->rec, &why)) != 0) {
		if (got == 1) {
			one(p, &p->rec);
			continue;
		}
		p->got = true;
		tool_say("%s: line %lu: %s", p->in.name, p->in.line, why);
		p->worst = sp_exit_worse(p->worst, SP_RECORD);
	}
	p->ended = filled == 0;
	if (p->ended || p->queue.len > QUEUE_HIGH)
		loop_forget(p->loop, fd);
	if (recout_flush(&p->out) != 0)
		filter_write_failed();
	consider(p);
}

/* How much of the queue the command that runs is to have. */
static void feed_more(struct pipe *p)
{
	if (p->each && p->pid < 0 && !p->back_open && p->queue.len) {
		start(p);
		p->feed = (size_t)((char *)memchr(p->queue.data, '\n', p->queue.len) + 1 - p->queue.data);
	} else if (!p->each && p->to >= 0) {
		p->feed = p->queue.len;
	} else if (!p->each) {
		p->queue.len = 0; /* it wants no more */
	}
	if (p->to >= 0 && p->feed == 0 && (p->each || p->ended))
		close_to(p);
	else if (p->to >= 0)
		loop_fd(p->loop, p->to, p->feed ? POLLOUT : 0, writable, p);
	if (!p->ended && p->queue.len <= QUEUE_HIGH)
		loop_fd(p->loop, p->in.fd, POLLIN, input, p);
}

/* What is to be done next, whatever has just happened. */
static void consider(struct pipe *p)
{
	if (!p->unwinding)
		feed_more(p);
	bool idle = p->pid < 0 && !p->back_open;
	bool holds = p->holding && p->watched && !p->ended && !p->bad;
	if (idle && (p->unwinding || p->ended || (!p->each && !holds)) && (p->unwinding || !p->queue.len))
		loop_stop(p->loop);
}

static void kill_hard(void *arg)
{
	struct pipe *p = arg;
	if (p->pid > 0)
		kill(-p->pid, SIGKILL);
	loop_stop(p->loop);
}

static void unwind(void *arg)
{
	struct pipe *p = arg;
	p->unwinding = true;
	close_to(p);
	if (p->pid > 0)
		kill(-p->pid, SIGTERM);
	loop_at(p->loop, &p->late, clock_deadline(2000), kill_hard, p);
	consider(p);
}

static void reader_gone(void *arg, int fd, short revents)
{
	struct pipe *p = arg;
	(void)revents;
	loop_forget(p->loop, fd);
	unwind(p);
}

/* The reader goes first if it is there: up to 2 s; a second signal hurries. */
static void signalled(void *arg, int signo)
{
	struct pipe *p = arg;
	(void)signo;
	if (!p->watched || p->late.armed)
		unwind(p);
	else
		loop_at(p->loop, &p->late, clock_deadline(2000), unwind, p);
}

static void begin(struct pipe *p)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct stat st;
	p->loop = loop_new();
	if (!p->loop || loop_fd(p->loop, p->in.fd, POLLIN, input, p) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	p->watched = fstat(p->out.fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
	if (p->watched)
		loop_fd(p->loop, p->out.fd, 0, reader_gone, p);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		loop_signal(p->loop, signals[i], signalled, p);
	if (!p->each)
		start(p);
}

int pipecmd_run(char **command, bool each)
{
	struct pipe p = { .command = command, .each = each, .pid = -1, .to = -1 };
	recin_init(&p.in, STDIN_FILENO, "stdin");
	recout_init(&p.out, STDOUT_FILENO, tool_common.json);
	buf_init(&p.queue, 16u << 20);
	begin(&p);
	if (loop_run(p.loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	record_clear(&p.rec);
	recin_clear(&p.in);
	buf_clear(&p.queue);
	loop_free(p.loop);
	enum sp_exit status = tool_finish(&p.out, p.got ? p.worst : sp_exit_worse(p.worst, SP_NONE));
	return p.bad ? p.bad : (int)status;
}
