/* snmppeer.h - a session of the SNMP library to one receiver: keys, engine,
 * what its reports mean. RFC 3414. */
#ifndef SP_ENGINE_SNMPPEER_H
#define SP_ENGINE_SNMPPEER_H

#include "engine/snmp_impl.h"

struct snmp_keys {
	const struct snmp_user *user; /* borrowed; NULL: v2c */
	u_char auth[USM_AUTH_KU_LEN], priv[USM_PRIV_KU_LEN];
	size_t auth_n, priv_n;
	oid *auth_proto, *priv_proto;
	size_t auth_proto_n, priv_proto_n;
};

/* Some 10 ms of hashing. NULL, or a constant reason. */
const char *snmp_keys_make(struct snmp_keys *k, const struct snmp_user *u);
/* Opens what s says (peername, timeout, retries), by community or by keys; for
 * traps with our own engine as the authority, for informs with one that is
 * still to be found. The library's session or NULL; s is wiped. */
void *snmp_peer_open(netsnmp_session *s, const struct secret *community, const struct snmp_keys *k, bool trap);
/* An empty question without security: the report on it carries the engine ID. */
struct snmp_pdu *snmp_probe(void);
/* What a report means, in words. */
const char *snmp_refusal(struct snmp_pdu *pdu);

#endif
