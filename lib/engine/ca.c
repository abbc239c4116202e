/* ca.c - an authority's folder and the list of what it has vouched for. Refuses a folder
 * that others may enter, a list that is malformed, a folder that has an authority already. */
#include "engine/ca_impl.h"

#include "base/exit.h"
#include "base/num.h"
#include "base/recio.h"
#include "sys/files.h"
#include "sys/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void ca_path(const char *dir, unsigned n, const char *name, char out[PATH_MAX])
{
	if (n)
		snprintf(out, PATH_MAX, "%s/%u.%s", dir, n, name);
	else
		snprintf(out, PATH_MAX, "%s/%s", dir, name);
}

int ca_failed(char *why, const char *doing, const char *path)
{
	snprintf(why, CA_WHY, "unable to %s %.150s: %s", doing, path, strerror(errno));
	return -1;
}

static int read_rows(struct ca *ca, struct recin *in, char *why)
{
	const char *fault = NULL;
	struct record r = { 0 };
	int got = 1;
	while (!fault && (got = recin_next(in, &r, &fault)) != -1) {
		if (got == 0 && in->eof)
			break;
		if (got == 0 && recin_fill(in) < 0)
			fault = strerror(errno);
		else if (got == 1 && ca_add(ca, &r, NULL) != 0)
			fault = "out of memory";
	}
	record_clear(&r);
	if (fault)
		snprintf(why, CA_WHY, "%.150s: line %lu: %s", in->name, in->line, fault);
	return fault ? -1 : 0;
}

static int read_issued(struct ca *ca, char *why)
{
	char path[PATH_MAX];
	struct recin in;
	ca_path(ca->dir, 0, "issued", path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? 0 : ca_failed(why, "read", path);
	recin_init(&in, fd, path);
	int rc = read_rows(ca, &in, why);
	recin_clear(&in);
	close(fd);
	return rc;
}

/* With why NULL in memory only: it is in the file already. */
int ca_add(struct ca *ca, struct record *row, char *why)
{
	char path[PATH_MAX];
	struct buf line;
	int rc = -1;
	if (ca->n == ca->cap) {
		size_t cap = ca->cap ? 2 * ca->cap : 64;
		struct record *p = realloc(ca->row, cap * sizeof *p);
		if (!p)
			return why ? ca_failed(why, "add to", ca->dir) : -1;
		ca->row = p;
		ca->cap = cap;
	}
	record_init(&ca->row[ca->n]);
	if (record_copy(&ca->row[ca->n], row) != 0)
		return why ? ca_failed(why, "add to", ca->dir) : -1;
	ca->n++;
	if (!why)
		return 0;
	ca_path(ca->dir, 0, "issued", path);
	buf_init(&line, RECORD_LINE_MAX + 1);
	rc = record_write(row, &line) == 0 && file_append(path, buf_view(&line), 0600) == 0 ? 0 : ca_failed(why, "write", path);
	buf_clear(&line);
	return rc;
}

int ca_rewrite(struct ca *ca, char *why)
{
	char path[PATH_MAX];
	struct buf all;
	int rc = 0;
	ca_path(ca->dir, 0, "issued", path);
	buf_init(&all, ISSUED_MAX);
	for (size_t i = 0; rc == 0 && i < ca->n; i++)
		rc = record_write(&ca->row[i], &all);
	if (rc != 0 || file_replace(path, buf_view(&all), 0600) != 0)
		rc = ca_failed(why, "write", path);
	buf_clear(&all);
	return rc;
}

static bool folder_private(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && !(st.st_mode & 077) && st.st_uid == geteuid();
}

static unsigned newest(const char *dir)
{
	char path[PATH_MAX];
	unsigned n = 0;
	while (n < KEYS_MAX && (ca_path(dir, n + 1, "crt", path), access(path, F_OK) == 0))
		n++;
	return n;
}

struct ca *ca_open(const char *dir, char *why)
{
	struct ca *ca = calloc(1, sizeof *ca);
	if (!ca || snprintf(ca->dir, sizeof ca->dir, "%s", dir) >= (int)sizeof ca->dir) {
		errno = ca ? ENAMETOOLONG : ENOMEM;
		ca_failed(why, "open", dir);
		free(ca);
		return NULL;
	}
	ca->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ca->fd < 0)
		ca_failed(why, "open", dir);
	else if (!folder_private(ca->fd))
		snprintf(why, CA_WHY, "%.150s must be its owner's, and closed to all others (0700)", dir);
	else if (flock(ca->fd, LOCK_EX) != 0)
		ca_failed(why, "lock", dir);
	else if (!(ca->newest = newest(dir)))
		snprintf(why, CA_WHY, "%.150s has no authority yet: sp-ca init", dir);
	else if (read_issued(ca, why) == 0)
		return ca;
	ca_close(ca);
	return NULL;
}

void ca_close(struct ca *ca)
{
	if (!ca)
		return;
	for (size_t i = 0; i < ca->n; i++)
		record_clear(&ca->row[i]);
	free(ca->row);
	record_clear(&ca->shown);
	if (ca->fd >= 0)
		close(ca->fd);
	free(ca);
}

/* The folder of ca_create, which may be there, but empty of authorities. */
static int folder_make(const char *dir, char *why)
{
	int fd = -1, rc = -1;
	if (strlen(dir) > PATH_MAX - 64)
		errno = ENAMETOOLONG, ca_failed(why, "make", dir);
	else if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		ca_failed(why, "make", dir);
	else if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		ca_failed(why, "open", dir);
	else if (!folder_private(fd))
		snprintf(why, CA_WHY, "%.150s must be its owner's, and closed to all others (0700)", dir);
	else if (newest(dir))
		snprintf(why, CA_WHY, "%.150s has an authority already", dir);
	else
		rc = 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* An authority that another one made: its certificate must say that it is one. */
static int adopt(const struct ca_new *with, char *why)
{
	const char *fault = NULL;
	char path[PATH_MAX];
	struct buf chain, line;
	struct who who;
	struct x509_st *x = cert_load(with->cert, 0, &fault), *above;
	struct evp_pkey_st *key = x ? token_key(with->key, true, &fault) : NULL;
	int rc = -1;
	buf_init(&chain, CERT_PEM_MAX);
	buf_init(&line, CERT_STATEMENT_MAX);
	if (key && (cert_statement(x, &line) != 1 || who_parse(&who, buf_view(&line), &fault) != 1 || !who.issues))
		fault = "it is no authority's certificate";
	for (unsigned i = 0; !fault && i < CERT_CHAIN_MAX; i++) {
		const char *end;
		if (!(above = cert_load(with->cert, i, &end)))
			break;
		fault = cert_write(above, &chain) == 0 ? NULL : "out of memory";
		cert_free(above);
	}
	ca_path(with->dir, 1, "chain", path);
	if (fault)
		snprintf(why, CA_WHY, "%.80s and %.80s: %s", with->cert, with->key, fault);
	else if (file_replace(path, buf_view(&chain), 0600) != 0)
		ca_failed(why, "write", path);
	else
		rc = ca_store(with->dir, 1, x, key, why);
	buf_clear(&chain);
	buf_clear(&line);
	cert_free(x);
	key_free(key);
	return rc;
}

static int begin(const struct ca_new *with, char *why)
{
	const char *fault = "its name is missing, or it would vouch for nobody";
	struct buf line;
	struct x509_st *x = NULL;
	struct evp_pkey_st *key = cert_key_new();
	int rc = -1;
	buf_init(&line, CERT_STATEMENT_MAX + 1);
	if (key && with->who.issues && who_write(&with->who, &line) == 0 && buf_addc(&line, '\0') == 0)
		x = cert_issue(&(struct cert_ask){ .cn = with->who.name, .statement = line.data, .authority = true,
		                                   .until = with->until }, key, NULL, key, &fault);
	if (!x)
		snprintf(why, CA_WHY, "unable to make the authority: %s", fault);
	else
		rc = ca_store(with->dir, 1, x, key, why);
	buf_clear(&line);
	cert_free(x);
	key_free(key);
	return rc;
}

int ca_create(const struct ca_new *with, char *why)
{
	if (folder_make(with->dir, why) != 0)
		return -1;
	return with->cert ? adopt(with, why) : begin(with, why);
}

static const char *state_of(struct record *row)
{
	time_t until;
	if (record_get(row, "revoked").n)
		return "revoked";
	return time_parse(record_get(row, "until"), &until) && until <= time(NULL) ? "expired" : "valid";
}

struct record *ca_row(struct ca *ca, size_t i)
{
	if (i >= ca->n || record_copy(&ca->shown, &ca->row[i]) != 0 ||
	    record_set(&ca->shown, "state", state_of(&ca->row[i])) != 0)
		return NULL;
	return &ca->shown;
}
