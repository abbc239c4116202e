/* ca_impl.h - shared by ca.c (the folder and its list) and ca_sign.c (what is signed). */
#ifndef SP_ENGINE_CA_IMPL_H
#define SP_ENGINE_CA_IMPL_H

#include "engine/ca.h"
#include "sys/cert.h"

#include <limits.h>

#define KEYS_MAX 64
#define ISSUED_MAX (64u << 20)   /* bytes of `issued` */
#define CRL_LATE_S (7 * 86400)   /* a session may outlive the certificate that began it */
#define CRL_GUESS_S (31 * 86400) /* how long what was issued elsewhere is taken to live */

struct ca {
	char dir[PATH_MAX - 64];
	int fd;          /* the folder: locked */
	unsigned newest; /* number of the key that signs */
	struct record *row;
	size_t n, cap;
	struct record shown;
};

/* "DIR/NAME", "DIR/N.SUFFIX" (n > 0). */
void ca_path(const char *dir, unsigned n, const char *name, char out[PATH_MAX]);
/* 0, or -1 with "DOING: strerror". */
int ca_failed(char *why, const char *doing, const char *path);
/* A row is added, in memory and in the file; or all are written anew. 0/-1. */
int ca_add(struct ca *ca, struct record *row, char *why);
int ca_rewrite(struct ca *ca, char *why);

/* The certificate and the private key of number n. 0, or -1 with the reason. */
int ca_load(struct ca *ca, unsigned n, struct x509_st **x, struct evp_pkey_st **key, char *why);
/* Writes number n of the folder. 0/-1. */
int ca_store(const char *dir, unsigned n, struct x509_st *x, struct evp_pkey_st *key, char *why);

#endif
