/* tls_fault.c - the files of a TLS client, looked at before a TLS library is needed. Refuses
 * what is no certificate, no key, or a key that others can read. */
#include "sys/tls.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEM_MAX 65536

/* A PEM file of that kind? */
static bool holds(const char *path, const char *kind)
{
	char text[PEM_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd >= 0 ? read(fd, text, PEM_MAX) : -1;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	bool found = strstr(text, kind) != NULL;
	explicit_bzero(text, sizeof text);
	return found;
}

const char *tls_fault(const struct tls_conf *conf)
{
	struct stat st;
	if (!conf->ca)
		return "an authority's certificate (--ca) is needed";
	if (!holds(conf->ca, "-----BEGIN CERTIFICATE-----"))
		return "unable to read the authority's certificate";
	if (!conf->cert || !conf->key)
		return NULL;
	if (stat(conf->key, &st) != 0)
		return "the key's file cannot be opened";
	if (st.st_mode & 077)
		return "the key's file must be readable by its owner only";
	if (!holds(conf->cert, "-----BEGIN CERTIFICATE-----"))
		return "unable to use the certificate";
	return holds(conf->key, "PRIVATE KEY-----") ? NULL : "the key does not belong to the certificate";
}
