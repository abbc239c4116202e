/* snmpuser.c - who may be believed: SNMPv3 users from a file, and our own
 * engine ID and boots. Refuses a file that others can read, a user without
 * both passwords, and a password that RFC 3414 (section 11.2) calls too short. */
#include "engine/snmp.h"

#include "base/num.h"
#include "base/recio.h"
#include "base/siphash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EPOCH 1577836800 /* 2020-01-01 */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool snmp_engine_parse(struct view hex, uint8_t *id, size_t *n)
{
	if (view_starts(hex, "0x"))
		hex = (struct view){ hex.p + 2, hex.n - 2 };
	if (hex.n % 2 || hex.n < 10 || hex.n > 2 * SNMP_ENGINE_MAX)
		return false;
	for (size_t i = 0; i < hex.n; i += 2) {
		int hi = hex_digit(hex.p[i]), lo = hex_digit(hex.p[i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		id[i / 2] = (uint8_t)(hi << 4 | lo);
	}
	*n = hex.n / 2;
	return true;
}

static const char *password(struct record *r, const char *key, struct secret *s)
{
	struct view v = record_get(r, key);
	return v.p && v.n >= 8 && secret_set(s, v) ? NULL : "needs auth_password= and priv_password= of at least 8 bytes";
}

static const char *user_of(struct record *r, struct snmp_user *u)
{
	struct view auth = record_get(r, "auth"), priv = record_get(r, "priv"), engine = record_get(r, "engine");
	const char *why = password(r, "auth_password", &u->auth_password);
	if (!view_str(record_get(r, "user"), u->name, sizeof u->name) || !u->name[0])
		return "needs user= of at most 32 bytes";
	if (!view_str(auth.p ? auth : view_of("SHA-256"), u->auth, sizeof u->auth) ||
	    !view_str(priv.p ? priv : view_of("AES"), u->priv, sizeof u->priv))
		return "has an auth= or priv= that is not known";
	if (engine.p && !snmp_engine_parse(engine, u->engine, &u->engine_n))
		return "has an engine= that is not 5 to 32 hexadecimal bytes";
	return why ? why : password(r, "priv_password", &u->priv_password);
}

static int users_from(struct recin *in, struct snmp_user *u, unsigned max, const char **why)
{
	static char text[160];
	struct record r = { 0 };
	int got, n = 0;
	*why = NULL;
	while (!*why) {
		got = recin_next(in, &r, why);
		if (got == 0 && in->eof)
			break;
		if (got == 0 && recin_fill(in) < 0)
			*why = "cannot be read";
		else if (got == 1 && (unsigned)n == max)
			*why = "is one user too many";
		else if (got == 1) {
			u[n] = (struct snmp_user){ 0 };
			*why = user_of(&r, &u[n++]);
		}
	}
	record_clear(&r);
	if (!*why)
		return n;
	snprintf(text, sizeof text, "line %lu %s", in->line, *why);
	*why = text;
	return -1;
}

int snmp_users_read(const char *path, struct snmp_user *u, unsigned max, const char **why)
{
	struct stat st;
	struct recin in;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), n = -1;
	recin_init(&in, fd, path);
	if (fd < 0 || fstat(fd, &st) != 0)
		*why = strerror(errno);
	else if (S_ISREG(st.st_mode) && ((st.st_mode & 077) || (st.st_uid != geteuid() && st.st_uid != 0)))
		*why = "others than its owner can read it";
	else
		n = users_from(&in, u, max, why);
	if (in.in.data)
		explicit_bzero(in.in.data, in.in.cap);
	recin_clear(&in);
	if (fd >= 0)
		close(fd);
	if (n == 0)
		*why = "has no user";
	return n == 0 ? -1 : n;
}

/* RFC 3411 SnmpEngineID: enterprise (Net-SNMP's), format 5, octets. The engine says it to
 * whoever asks, so it is a hash: neither what runs here nor the host's name can be read in it. */
static void engine_default(struct snmp_engine *e, const char *tag)
{
	static const uint8_t head[] = { 0x80, 0, 0x1f, 0x88, 5 }, key[2][SIPHASH_KEY] = { { 1 }, { 2 } };
	char host[65] = "localhost";
	union { char text[96]; uint8_t byte[96]; } name;
	gethostname(host, sizeof host - 1);
	int n = snprintf(name.text, sizeof name.text, "%.10s@%s", tag, host);
	memcpy(e->id, head, sizeof head);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t hash = siphash(key[i], name.byte, (size_t)n);
		memcpy(e->id + sizeof head + 8 * i, &hash, 8);
	}
	e->n = sizeof head + 16;
	e->boots = (uint32_t)(time(NULL) - EPOCH);
}

static int engine_read(int dir, struct snmp_engine *e)
{
	struct recin in;
	struct record r = { 0 };
	const char *why;
	uint64_t boots;
	int fd = openat(dir, "engine", O_RDONLY | O_CLOEXEC), rc = -1;
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	recin_init(&in, fd, "engine");
	errno = EILSEQ;
	if (recin_fill(&in) == 1 && recin_next(&in, &r, &why) == 1 &&
	    num_u64(record_get(&r, "boots"), 0, INT32_MAX - 1, &boots) &&
	    snmp_engine_parse(record_get(&r, "engine"), e->id, &e->n)) {
		e->boots = (uint32_t)boots + 1;
		rc = 0;
	}
	record_clear(&r);
	recin_clear(&in);
	close(fd);
	return rc;
}

static int engine_write(int dir, const struct snmp_engine *e)
{
	char text[128];
	int at = snprintf(text, sizeof text, "engine="), rc = -1;
	for (size_t i = 0; i < e->n; i++)
		at += snprintf(text + at, sizeof text - (size_t)at, "%02x", e->id[i]);
	at += snprintf(text + at, sizeof text - (size_t)at, "\tboots=%u\n", e->boots);
	unlinkat(dir, "engine.new", 0); /* of one that was killed - or what somebody left there for us to write through */
	int fd = openat(dir, "engine.new", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	if (write(fd, text, (size_t)at) == at && fsync(fd) == 0)
		rc = renameat(dir, "engine.new", dir, "engine");
	close(fd);
	return rc;
}

int snmp_engine_load(struct snmp_engine *e, const char *dir, const char *tag)
{
	engine_default(e, tag);
	if (!dir)
		return 0;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int rc = engine_read(fd, e) == 0 && engine_write(fd, e) == 0 ? 0 : -1, err = errno;
	close(fd);
	errno = err;
	return rc;
}
