/* snmp.h - the SNMP library, started without its configuration files, and its
 * types to and from those of wire/trap.h. RFC 3412 to 3417. One process uses
 * it once: snmp_begin keeps its engine in the library's globals. */
#ifndef SP_ENGINE_SNMP_H
#define SP_ENGINE_SNMP_H

#include "base/secret.h"
#include "wire/trap.h"

#include <stdbool.h>
#include <stdint.h>

#define SNMP_ENGINE_MAX 32 /* bytes of an engine ID, RFC 3411 */
#define SNMP_USERS_MAX 16

struct snmp_engine {
	uint8_t id[SNMP_ENGINE_MAX];
	size_t n;
	uint32_t boots;
};

/* A user of SNMPv3: always authentication and privacy. */
struct snmp_user {
	char name[33];
	char auth[16], priv[16]; /* "SHA-256", "AES": names the library knows */
	struct secret auth_password, priv_password;
	uint8_t engine[SNMP_ENGINE_MAX]; /* of a sender of traps; none: for informs */
	size_t engine_n;
};

/* Reads a file of user records: user= auth= auth_password= priv= priv_password=
 * [engine=HEX]. Only its owner may be able to read it. The count, or -1 with a
 * reason (valid until the next call). */
int snmp_users_read(const char *path, struct snmp_user *u, unsigned max, const char **why);

/* Hexadecimal digits, with or without 0x, 5 to 32 bytes. */
bool snmp_engine_parse(struct view hex, uint8_t *id, size_t *n);
/* Who we are: from DIR/engine if there is a directory (boots is one more than
 * last time, and written back), else made of the host's name and `tag`, with
 * boots counting the seconds since 2020, so that they never go back. 0, or -1
 * with errno. */
int snmp_engine_load(struct snmp_engine *e, const char *dir, const char *tag);

/* Starts the library. 0, or -1 with a constant reason. */
int snmp_begin(const struct snmp_engine *e, const char **why);
/* Makes a user known for receiving: for his engine, else for ours. */
int snmp_user_add(const struct snmp_user *u, const char **why);

struct snmp_pdu;
#define SNMP_VARS_MAX 64
/* The bindings of a received notification (an SNMPv1 one is turned into its v2
 * form, RFC 3584), borrowed from it. The count; -1: more than SNMP_VARS_MAX. */
int snmp_vars(struct snmp_pdu *pdu, struct trap_var *var);
/* Adds the bindings. 0/-1. */
int snmp_fill(struct snmp_pdu *pdu, const struct trap_var *var, size_t n);

#endif
