/* identity.c - the user's key and certificate on the workstation. Refuses a folder that
 * is somebody else's, open to others, or a link; a certificate of another key. */
#include "tool/identity.h"

#include "sys/cert.h"
#include "sys/files.h"
#include "sys/key.h"
#include "tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct evp_pkey_st *identity_new(const char *user, struct buf *csr)
{
	char cn[65]; /* RFC 5280's bound; what stands in it is not looked at */
	struct evp_pkey_st *key = cert_key_new();
	snprintf(cn, sizeof cn, "%s", user);
	if (!key || cert_request_write(key, *cn && strlen(user) < sizeof cn ? cn : "user", csr) != 0)
		tool_die(SP_SYSTEM, "unable to make a key and a request");
	return key;
}

/* Ours, and closed to others? Not through a link that somebody else put there. */
static bool folder_private(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 077);
}

static const char *folder(char path[PATH_MAX])
{
	const char *given = getenv("XDG_RUNTIME_DIR");
	char base[PATH_MAX];
	if (given && *given == '/')
		snprintf(base, sizeof base, "%s", given);
	else
		snprintf(base, sizeof base, "/run/user/%u", (unsigned)geteuid());
	if (given || folder_private(base)) {
		if (snprintf(path, PATH_MAX, "%s/sp", base) >= PATH_MAX)
			return "XDG_RUNTIME_DIR is too long";
	} else {
		snprintf(path, PATH_MAX, "/tmp/sp-%u", (unsigned)geteuid());
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return "unable to make the folder";
	return folder_private(path) ? NULL : "the folder is not ours alone";
}

/* What cannot stand in a file's name, as %XX. */
static int add_escaped(struct buf *out, struct view v)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];
		bool plain = c > ' ' && c < 0x7f && c != '/' && c != '%' && c != '@' && c != '+' && (c != '.' || i > 0);
		rc = plain ? buf_addc(out, (char)c) : buf_printf(out, "%%%02X", c);
	}
	return rc;
}

static const char *choose(struct record *who, char path[PATH_MAX])
{
	static const char *const keys[] = { "user", "domain", "group" };
	static const char *const before[] = { "/", "@", "+" };
	const char *why = folder(path);
	struct buf name;
	if (why)
		return why;
	buf_init(&name, PATH_MAX - strlen(path) - 1);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < 3; i++) {
		struct view v = record_get(who, keys[i]);
		if (v.n)
			rc = buf_adds(&name, before[i]) == 0 ? add_escaped(&name, v) : -1;
	}
	if (rc == 0 && buf_adds(&name, ".pem") == 0 && buf_addc(&name, '\0') == 0)
		strcat(path, name.data);
	else
		why = "the name is too long";
	buf_clear(&name);
	return why;
}

static bool belongs(struct evp_pkey_st *key, struct view certificate)
{
	const char *why;
	struct x509_st *x = cert_parse(certificate, 0, &why);
	bool ok = x && cert_is_of(x, key);
	cert_free(x);
	return ok;
}

const char *identity_keep(struct evp_pkey_st *key, struct view certificate, const char *file, struct record *who,
                          char path[PATH_MAX])
{
	struct buf pem;
	const char *why = NULL;
	if (!belongs(key, certificate))
		return "the certificate is not one of our key";
	if (!file)
		why = choose(who, path);
	else if (snprintf(path, PATH_MAX, "%s", file) >= PATH_MAX)
		why = "its name is too long";
	if (why)
		return why;
	buf_init(&pem, 2 * CERT_PEM_MAX);
	if (cert_key_write(key, true, &pem) != 0 || buf_addv(&pem, certificate) != 0)
		why = "out of memory";
	else if (file_replace(path, buf_view(&pem), 0600) != 0)
		why = strerror(errno);
	explicit_bzero(pem.data, pem.len);
	buf_clear(&pem);
	return why;
}
