/* ca.h - an authority: a folder, 0700, with its keys and what it has vouched for.
 *   1.key 1.crt [1.chain]  its first key and certificate, and the certificates that
 *                          lead from there to what others trust; 2.key ... the next ones
 *   ca.crt                 what others trust: its certificates that still hold, newest first
 *   ca.crl                 what it has revoked, one list for each of its keys
 *   issued                 records: id= issuer= until= and what who.h says; revoked=
 * One program at a time has it open; the next one waits. */
#ifndef SP_ENGINE_CA_H
#define SP_ENGINE_CA_H

#include "base/record.h"
#include "wire/who.h"

#include <time.h>

struct ca;
struct evp_pkey_st;

#define CA_WHY 256 /* room for a reason, with the file's name */

struct ca_new {
	const char *dir;
	struct who who;    /* name= and issues= of the authority */
	time_t until;
	const char *cert, *key; /* or both: PEM files of an authority that another one made */
};
/* Makes the folder. 0, or -1 with the reason. */
int ca_create(const struct ca_new *with, char *why);

/* NULL with the reason. Reads `issued`. */
struct ca *ca_open(const char *dir, char *why);
void ca_close(struct ca *ca);

struct ca_ask {
	struct who who;
	const char *const *san; /* as sys/cert.h */
	unsigned nsan;
	time_t until;
	struct evp_pkey_st *key; /* its public half is enough */
};
/* Vouches: the certificate and the chain that belongs to it as PEM in out, the line of
 * `issued` in row. 0, or -1 with the reason. */
int ca_issue(struct ca *ca, const struct ca_ask *ask, struct buf *out, struct record *row, char *why);

/* A new key; the old one vouches for it until its own end. 0/-1. */
int ca_rotate(struct ca *ca, time_t until, struct record *row, char *why);

/* Revokes what has this id=, or, without such, all that still hold of this name=,
 * serial= or user=; an id (32 hexadecimal digits) that is not in `issued`, too: it may
 * have been issued elsewhere with our key. Writes ca.crl, which holds until then.
 * The number of certificates, 0 when there was none; -1 with the reason. */
int ca_revoke(struct ca *ca, const char *what, time_t crl_until, char *why);
/* Writes ca.crl anew. 0/-1. */
int ca_crl(struct ca *ca, time_t until, char *why);

/* The certificates, oldest first; state= (valid, revoked, expired) is added. NULL: no
 * more. Valid until the next call. */
struct record *ca_row(struct ca *ca, size_t i);

#endif
