/* ask.c - unit tests of lib/engine/ask.h against answering sides that behave
 * well and badly, in one loop over unix sockets. */
#include "engine/ask.h"
#include "engine/chan.h"
#include "sys/sock.h"
#include "unit/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum manner { ANSWERS, SILENT, CLOSES, GARBAGE, NO_ID, DENIES, PAGES, STREAMS, ONCE, HALF, CIRCLE };

static struct loop *loop;
static char dir[64], own_id[64];

struct server {
	char path[96], address[104];
	int fd;
	enum manner manner;
	unsigned conns, asked;
	struct chan *c;
};

static void say(struct server *s, const char *id, const char *text)
{
	struct record r = { 0 };
	const char *why;
	char line[256];
	snprintf(line, sizeof line, "id=%s\t%s", id, text);
	if (record_parse(&r, view_of(line), &why) == 1)
		chan_send(s->c, &r);
	record_clear(&r);
}

static void on_question(void *arg, struct record *q)
{
	struct server *s = arg;
	struct record r = { 0 };
	char id[64];
	view_str(record_get(q, "id"), id, sizeof id);
	snprintf(own_id, sizeof own_id, "%s", id);
	s->asked++;
	switch (s->manner) {
	case ANSWERS:
		say(s, "other", "system=none");
		say(s, id, "system=a");
		say(s, id, "system=b");
		say(s, id, "done=2\textra=x");
		break;
	case ONCE:
		if (s->asked == 1) {
			say(s, id, "done=0");
			break;
		}
		/* fall through */
	case CLOSES:
		chan_free(s->c);
		s->c = NULL;
		break;
	case GARBAGE:
		stream_write(chan_stream(s->c), view_of("garbage\n"));
		break;
	case NO_ID:
		record_set(&r, "done", "0");
		chan_send(s->c, &r);
		record_clear(&r);
		break;
	case DENIES:
		say(s, id, "error=denied\tstep=307\tdetail=no valid token");
		break;
	case PAGES:
		say(s, id, record_has(q, "after") ? "system=c" : "system=a");
		say(s, id, record_has(q, "after") ? "done=1" : "done=1\tmore=a");
		break;
	case STREAMS:
		say(s, id, "state=dialing");
		if (s->conns == 1) {
			stream_write(chan_stream(s->c), view_of("garbage\n"));
			break;
		}
		say(s, id, "state=up");
		say(s, id, "done=0");
		break;
	case HALF:
		say(s, id, "system=a");
		stream_write(chan_stream(s->c), view_of("garbage\n"));
		break;
	case CIRCLE:
		say(s, id, "system=a");
		say(s, id, "done=1\tmore=a");
		break;
	case SILENT:
		break;
	}
}

static void on_gone(void *arg, const char *why)
{
	struct server *s = arg;
	(void)why;
	chan_free(s->c);
	s->c = NULL;
}

static const struct chan_ops server_ops = { .record = on_question, .closed = on_gone };

static void on_accept(void *arg, int fd, short revents)
{
	struct server *s = arg;
	(void)revents;
	int conn = sock_accept(fd);
	if (conn < 0)
		return;
	s->conns++;
	chan_free(s->c);
	s->c = chan_accept(loop, conn, NULL, CLOCK_NEVER, &server_ops, s);
}

static void serve(struct server *s, const char *name, enum manner manner)
{
	struct addr a = { .kind = ADDR_UNIX };
	char bound[128];
	const char *why;
	*s = (struct server){ .manner = manner };
	snprintf(s->path, sizeof s->path, "%s/%s", dir, name);
	snprintf(s->address, sizeof s->address, "unix:%s", s->path);
	snprintf(a.path, sizeof a.path, "%s", s->path);
	s->fd = sock_listen(&a, bound, sizeof bound, &why);
	if (s->fd < 0 || loop_fd(loop, s->fd, POLLIN, on_accept, s) != 0)
		exit(8);
}

static void unserve(struct server *s)
{
	chan_free(s->c);
	loop_forget(loop, s->fd);
	close(s->fd);
	unlink(s->path);
}

struct seen {
	char text[256], detail[256];
	enum sp_exit status;
	int step;
	uint64_t count;
	char extra[16];
};

static void on_row(void *arg, struct record *r)
{
	struct seen *s = arg;
	struct view v = record_get(r, "system");
	size_t at = strlen(s->text);
	if (!v.p)
		v = record_get(r, "state");
	snprintf(s->text + at, sizeof s->text - at, "%.*s%s ", (int)v.n, v.p ? v.p : "", record_has(r, "id") ? "!" : "");
}

static void on_end(void *arg, const struct ask_end *e)
{
	struct seen *s = arg;
	s->count = e->count;
	if (e->last)
		view_str(record_get(e->last, "extra"), s->extra, sizeof s->extra);
}

static struct seen put(struct ask *a, int64_t ms, bool paged, bool stream)
{
	struct seen s = { 0 };
	struct record q = { 0 };
	record_set(&q, "op", "search");
	record_set(&q, "id", "mine");
	struct ask_conf_question c = { &q, clock_deadline(ms), paged, stream, on_row, on_end, &s };
	s.status = ask_wait(a, &c, &s.step, s.detail, sizeof s.detail);
	record_clear(&q);
	return s;
}

/* One question to one or two servers; closes everything again. */
static struct seen once(enum manner first, int second, int64_t ms, bool paged, bool stream)
{
	struct server s1, s2;
	serve(&s1, "one", first);
	if (second >= 0)
		serve(&s2, "two", (enum manner)second);
	const char *address[] = { s1.address, second >= 0 ? s2.address : NULL };
	struct ask *a = ask_new(loop, &(struct ask_conf){ .address = address, .naddress = second >= 0 ? 2 : 1 });
	struct seen s = put(a, ms, paged, stream);
	ask_free(a);
	unserve(&s1);
	if (second >= 0)
		unserve(&s2);
	return s;
}

static void test_replies(void)
{
	struct seen s = once(ANSWERS, -1, 5000, false, false);
	check(s.status == SP_OK && s.count == 2, "answered: %d %s", s.status, s.detail);
	check_str(s.text, "a b ", "its own rows, without id=");
	check_str(s.extra, "x", "the last record");
	check(strcmp(own_id, "mine") != 0, "an id= of its own");
	s = once(DENIES, -1, 5000, false, false);
	check(s.status == SP_DENIED && s.step == 307, "denied");
	check_str(s.detail, "no valid token", "the other side's words");
	s = once(PAGES, -1, 5000, true, false);
	check(s.status == SP_OK && s.count == 2, "two pages");
	check_str(s.text, "a c ", "rows of both");
	s = once(PAGES, -1, 5000, false, false);
	check_str(s.text, "a ", "one page when not asked for more");
}

static void test_bad(void)
{
	struct seen s = once(SILENT, -1, 50, false, false);
	check(s.status == SP_TIMEOUT, "silence is a timeout");
	check(strstr(s.detail, "unix:") != NULL, "which names the address: %s", s.detail);
	s = once(CLOSES, -1, 5000, false, false);
	check(s.status == SP_PEER, "closing is the peer's failure: %s", s.detail);
	s = once(GARBAGE, -1, 5000, false, false);
	check(s.status == SP_PEER, "so is garbage: %s", s.detail);
	s = once(NO_ID, -1, 5000, false, false);
	check(s.status == SP_PEER, "so is an answer without id=: %s", s.detail);
	const char *address[] = { "unix:/nonexistent/socket" };
	struct ask *a = ask_new(loop, &(struct ask_conf){ .address = address, .naddress = 1 });
	s = put(a, 5000, false, false);
	check(s.status == SP_PEER && strstr(s.detail, "No such file"), "nobody there: %s", s.detail);
	ask_free(a);
}

static void test_several(void)
{
	static const enum manner bad[] = { SILENT, CLOSES, GARBAGE, NO_ID };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct seen s = once(bad[i], ANSWERS, 400, false, false);
		check(s.status == SP_OK && s.count == 2, "the second answers when the first is bad (%zu): %s", i, s.detail);
	}
	struct seen s = once(DENIES, ANSWERS, 400, false, false);
	check(s.status == SP_DENIED, "a refusal is an answer");
	s = once(SILENT, SILENT, 100, false, false);
	check(s.status == SP_TIMEOUT, "both silent");
	s = once(HALF, ANSWERS, 5000, true, false);
	check(s.status == SP_PEER, "rows that came are not asked for twice: %s", s.detail);
	check_str(s.text, "a ", "so none comes twice");
	s = once(CIRCLE, -1, 5000, true, false);
	check(s.status == SP_PEER && s.count == 2, "pages that go in a circle end: %s", s.detail);
}

static void test_again(void)
{
	struct server s1;
	serve(&s1, "one", ANSWERS);
	const char *address[] = { s1.address };
	struct ask *a = ask_new(loop, &(struct ask_conf){ .address = address, .naddress = 1 });
	put(a, 5000, false, false);
	put(a, 5000, false, false);
	check(s1.conns == 1 && s1.asked == 2, "one channel for two questions");
	chan_free(s1.c);
	s1.c = NULL;
	struct seen s = put(a, 5000, false, false);
	check(s.status == SP_OK && s1.conns == 2, "a channel that was closed in between is opened again: %s", s.detail);
	ask_free(a);
	unserve(&s1);
	serve(&s1, "one", ONCE);
	a = ask_new(loop, &(struct ask_conf){ .address = address, .naddress = 1 });
	put(a, 5000, false, false);
	s = put(a, 5000, false, false);
	check(s.status == SP_PEER && s1.asked == 3, "a used channel that breaks is tried once more, not for ever");
	ask_free(a);
	unserve(&s1);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void turn(int64_t ms)
{
	struct loop_timer t = { 0 };
	loop_at(loop, &t, clock_deadline(ms), stop, loop);
	loop_run(loop);
}

static void test_early(void)
{
	struct server s1;
	serve(&s1, "one", ANSWERS);
	const char *address[] = { s1.address };
	struct ask *a = ask_new(loop, &(struct ask_conf){ .address = address, .naddress = 1 });
	ask_open(a);
	turn(20);
	check(s1.conns == 1 && s1.asked == 0, "a channel before there is a question");
	struct seen s = put(a, 5000, false, false);
	check(s.status == SP_OK && s1.conns == 1, "over which the question goes");
	ask_free(a);
	a = ask_new(loop, &(struct ask_conf){ .address = address, .naddress = 1 });
	ask_open(a);
	turn(20);
	chan_free(s1.c);
	s1.c = NULL;
	turn(20);
	s = put(a, 5000, false, false);
	check(s.status == SP_OK, "one that was closed meanwhile is nobody's failure: %s", s.detail);
	ask_free(a);
	unserve(&s1);
}

static void test_stream(void)
{
	struct seen s = once(STREAMS, -1, 5000, false, true);
	check(s.status == SP_OK, "a stream goes on over a new channel: %s", s.detail);
	check_str(s.text, "dialing dialing up ", "and is asked for again");
	s = once(SILENT, -1, 50, false, true);
	check(s.status == SP_TIMEOUT, "a stream without a first row");
	s = once(SILENT, ANSWERS, 400, false, true);
	check_str(s.text, "a b ", "a stream's second address");
}

int main(void)
{
	snprintf(dir, sizeof dir, "/tmp/sp-ask.XXXXXX");
	if (!mkdtemp(dir) || !(loop = loop_new()))
		return 8;
	test_replies();
	test_bad();
	test_several();
	test_again();
	test_early();
	test_stream();
	loop_free(loop);
	rmdir(dir);
	return tap_done();
}
