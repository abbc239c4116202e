/* holdcmd.c - `-- COMMAND`: substitution, environment, its end. */
#include "tool/holdcmd.h"

#include "sys/spawn.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 256

/* %{key} -> value; a secret is never put into an argument. */
static char *substitute(const char *word, struct record *r, const char **why)
{
	struct buf b;
	buf_init(&b, 2 * RECORD_LINE_MAX);
	*why = "out of memory";
	while (*word) {
		const char *open = strstr(word, "%{"), *close = open ? strchr(open, '}') : NULL;
		size_t plain = close ? (size_t)(open - word) : strlen(word);
		if (buf_add(&b, word, plain) != 0)
			goto out;
		if (!close)
			break;
		struct view key = { open + 2, (size_t)(close - open - 2) };
		struct field *f = record_find(r, key);
		*why = f ? "a secret has no place in an argument" : "the record has no such field as in %{...}";
		if (!f || record_key_secret(key) || buf_addv(&b, field_value(r, f)) != 0)
			goto out;
		word = close + 1;
	}
	if (buf_addc(&b, '\0') == 0)
		return b.data;
out:
	buf_clear(&b);
	return NULL;
}

static void words_free(char **words)
{
	for (char **w = words; *w; w++)
		free(*w);
}

static bool arguments(char **argv, struct record *r, char **out, const char **why)
{
	size_t n = 0;
	for (; argv[n]; n++) {
		*why = "too many arguments";
		if (n + 1 >= WORDS_MAX || !(out[n] = substitute(argv[n], r, why)))
			return false;
	}
	return true;
}

static void environment(struct record *r, char **out)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n && n + 1 < WORDS_MAX; i++) {
		struct view key = r->field[i].key, v = field_value(r, &r->field[i]);
		if (record_key_secret(key))
			continue;
		char *e = malloc(key.n + v.n + 5);
		if (!e)
			return;
		memcpy(e, "SP_", 3);
		for (size_t k = 0; k < key.n; k++)
			e[3 + k] = isalnum((unsigned char)key.p[k]) ? (char)toupper((unsigned char)key.p[k]) : '_';
		e[3 + key.n] = '=';
		if (v.n)
			memcpy(e + 4 + key.n, v.p, v.n);
		e[4 + key.n + v.n] = '\0';
		out[n++] = e;
	}
}

static void on_end(void *arg, pid_t pid, int status)
{
	struct holdcmd *c = arg;
	(void)pid;
	c->pid = 0;
	loop_cancel(c->loop, &c->kill);
	c->ended(c->arg, spawn_status(status));
}

int holdcmd_start(struct holdcmd *c, struct loop *l, char **argv, struct record *r,
                  void (*ended)(void *arg, int status), void *arg, const char **why)
{
	char *words[WORDS_MAX] = { NULL }, *env[WORDS_MAX] = { NULL };
	int rc = -1;
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	*c = (struct holdcmd){ .loop = l, .ended = ended, .arg = arg };
	if (!arguments(argv, r, words, why))
		goto out;
	environment(r, env);
	struct spawn_fd in = { tty, 0 };
	pid_t pid = spawn(&(struct spawn){ .argv = words, .fd = &in, .nfd = 1, .env = env });
	*why = strerror(errno);
	if (pid < 0)
		goto out;
	if (loop_child(l, pid, on_end, c) != 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		goto out;
	}
	c->pid = pid;
	rc = 0;
out:
	if (tty >= 0)
		close(tty);
	words_free(words);
	words_free(env);
	return rc;
}

static void too_slow(void *arg)
{
	struct holdcmd *c = arg;
	if (c->pid > 0)
		kill(c->pid, SIGKILL);
}

void holdcmd_end(struct holdcmd *c)
{
	if (c->pid <= 0)
		return;
	kill(c->pid, SIGTERM);
	loop_at(c->loop, &c->kill, clock_deadline(2000), too_slow, c);
}

void holdcmd_clear(struct holdcmd *c)
{
	if (c->pid <= 0)
		return;
	kill(c->pid, SIGKILL);
	loop_child_forget(c->loop, c->pid);
	waitpid(c->pid, NULL, 0);
	c->pid = 0;
}
