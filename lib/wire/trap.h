/* trap.h - state records as SNMP notifications of SP-MIB and back, and other
 * notifications (linkUp, linkDown, anything) as records. Pure: the variable
 * bindings come decoded and go encoded by whoever speaks BER. RFC 3416, 2863. */
#ifndef SP_WIRE_TRAP_H
#define SP_WIRE_TRAP_H

#include "base/record.h"

#include <stdint.h>

typedef unsigned long trap_id; /* a sub-identifier, as wide as the SNMP library's */

struct trap_oid {
	const trap_id *id; /* borrowed */
	size_t n;
};

enum trap_type {
	TRAP_INTEGER,  /* number, signed */
	TRAP_UNSIGNED, /* number: Gauge32, Counter32, Counter64 */
	TRAP_TICKS,    /* number: hundredths of a second */
	TRAP_TEXT,     /* bytes: OCTET STRING, Opaque */
	TRAP_ADDRESS,  /* bytes: 4, IpAddress */
	TRAP_OID,      /* oid */
	TRAP_NONE      /* NULL and the exceptions */
};

struct trap_var {
	struct trap_oid name;
	enum trap_type type;
	int64_t number;    /* an unsigned one is its bits */
	struct view bytes; /* borrowed */
	struct trap_oid oid;
};

#define TRAP_VARS_MAX 20 /* what trap_encode makes at most */
#define TRAP_OID_MAX 128 /* sub-identifiers, RFC 2578 section 3.5 */

/* The bindings of the notification for a record with the state of a call
 * (session, router, state) or of a line (router, line, line_state): sysUpTime.0,
 * snmpTrapOID.0 and one for each key of SP-MIB that the record has. They borrow
 * from the record. Returns their count, or -1 with a constant reason: one of
 * those is missing, or a value that SP-MIB does not allow. */
int trap_encode(struct record *r, uint32_t uptime, struct trap_var var[TRAP_VARS_MAX], const char **why);

/* Sets in r the fields that the bindings of a notification stand for: trap=
 * first. 1, or -1 with a constant reason (no snmpTrapOID, or a binding of
 * SP-MIB that is not of its type); r may then have some fields. */
int trap_decode(const struct trap_var *var, size_t n, struct record *r, const char **why);

/* The snmpTrapOID of an SNMPv1 trap, RFC 3584 section 3.1, in out (room for
 * TRAP_OID_MAX); its length, 0 when the enterprise is too long. */
size_t trap_v1_oid(long generic, long specific, struct trap_oid enterprise, trap_id *out);

#endif
