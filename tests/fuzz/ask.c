/* ask.c - fuzz target: what a monitor might answer. The input is sent as it is,
 * with '@' for the question's id=, then the connection is closed. However it is
 * taken, the question ends once. */
#include "engine/ask.h"
#include "fuzz/fuzz.h"
#include "sys/sock.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct loop *loop;
static int listener = -1;
static char address[128], path[108];
static const uint8_t *input;
static size_t size;
static unsigned ended;

static void remove_socket(void)
{
	unlink(path);
}

/* The question is there: the answer, and no more. */
static void on_question(void *arg, int fd, short revents)
{
	char question[512], id[64] = "";
	(void)arg;
	(void)revents;
	loop_forget(loop, fd);
	ssize_t n = read(fd, question, sizeof question - 1);
	question[n > 0 ? n : 0] = '\0';
	const char *at = strstr(question, "id=");
	if (at && sscanf(at, "id=%63[^\t\n]", id) == 1)
		for (size_t i = 0; i < size; i++)
			if (input[i] == '@' ? write(fd, id, strlen(id)) < 0 : write(fd, input + i, 1) < 0)
				break;
	close(fd);
}

static void on_accept(void *arg, int fd, short revents)
{
	(void)arg;
	(void)revents;
	int c = sock_accept(fd);
	if (c >= 0 && loop_fd(loop, c, POLLIN, on_question, NULL) != 0)
		abort();
}

static void begin(void)
{
	struct addr a = { .kind = ADDR_UNIX };
	char bound[128];
	const char *why;
	snprintf(path, sizeof path, "/tmp/sp-fuzz-ask.%d", (int)getpid());
	snprintf(address, sizeof address, "unix:%s", path);
	snprintf(a.path, sizeof a.path, "%s", path);
	loop = loop_new();
	listener = sock_listen(&a, bound, sizeof bound, &why);
	if (!loop || listener < 0)
		abort();
	atexit(remove_socket);
}

static void on_row(void *arg, struct record *r)
{
	(void)arg;
	if (record_has(r, "id") || record_has(r, "done") || record_has(r, "error"))
		abort();
}

static void on_end(void *arg, const struct ask_end *end)
{
	(void)arg;
	ended++;
	if ((end->status == SP_OK) != (end->detail[0] == '\0') && end->status == SP_OK)
		abort();
}

void fuzz_one(const uint8_t *p, size_t n)
{
	const char *at = address;
	char detail[256];
	struct record q = { 0 };
	int step;
	if (!loop)
		begin();
	input = p;
	size = n < 1000 ? n : 1000;
	ended = 0;
	struct ask *a = ask_new(loop, &(struct ask_conf){ .address = &at, .naddress = 1 });
	if (!a || loop_fd(loop, listener, POLLIN, on_accept, NULL) != 0 || record_set(&q, "op", "search") != 0)
		abort();
	struct ask_conf_question c = { .record = &q, .deadline = clock_deadline(10000), .paged = true, .row = on_row, .end = on_end };
	ask_wait(a, &c, &step, detail, sizeof detail);
	if (ended != 1)
		abort();
	ask_free(a);
	record_clear(&q);
}
