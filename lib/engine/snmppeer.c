/* snmppeer.c - keys and sessions for sending. The engine ID of a receiver is
 * asked for by us and not by the library, which would block in the meantime. */
#include "engine/snmppeer.h"

#include <stdlib.h>

static const char *key_of(const oid *proto, size_t proto_n, const struct secret *s, uint8_t *key, size_t *n)
{
	struct view v = secret_view(s);
	int rc = generate_Ku(proto, (u_int)proto_n, (const u_char *)v.p, v.n, key, n);
	return rc == SNMPERR_SUCCESS ? NULL : "the password gives no key";
}

const char *snmp_keys_make(struct snmp_keys *k, const struct snmp_user *u)
{
	k->user = u;
	k->auth_n = sizeof k->auth;
	k->priv_n = sizeof k->priv;
	k->auth_proto = sc_get_auth_oid(usm_lookup_auth_type(u->auth), &k->auth_proto_n);
	k->priv_proto = sc_get_priv_oid(usm_lookup_priv_type(u->priv), &k->priv_proto_n);
	if (!k->auth_proto || !k->priv_proto)
		return "the user's auth= or priv= is not known here";
	const char *why = key_of(k->auth_proto, k->auth_proto_n, &u->auth_password, k->auth, &k->auth_n);
	return why ? why : key_of(k->auth_proto, k->auth_proto_n, &u->priv_password, k->priv, &k->priv_n);
}

static void by_keys(netsnmp_session *s, const struct snmp_keys *k, u_char *engine)
{
	const struct snmp_user *u = k->user;
	s->version = SNMP_VERSION_3;
	s->flags |= SNMP_FLAGS_DONT_PROBE;
	s->securityModel = SNMP_SEC_MODEL_USM;
	s->securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
	s->securityName = (char *)(uintptr_t)u->name;
	s->securityNameLen = strlen(u->name);
	s->securityAuthProto = k->auth_proto;
	s->securityAuthProtoLen = k->auth_proto_n;
	s->securityPrivProto = k->priv_proto;
	s->securityPrivProtoLen = k->priv_proto_n;
	memcpy(s->securityAuthKey, k->auth, s->securityAuthKeyLen = k->auth_n);
	memcpy(s->securityPrivKey, k->priv, s->securityPrivKeyLen = k->priv_n);
	if (engine) { /* the sender of a trap is its authority */
		s->securityEngineID = s->contextEngineID = engine;
		s->securityEngineIDLen = s->contextEngineIDLen = snmpv3_get_engineID(engine, SNMP_ENGINE_MAX);
	}
}

void *snmp_peer_open(netsnmp_session *s, const struct secret *community, const struct snmp_keys *k, bool trap)
{
	u_char engine[SNMP_ENGINE_MAX];
	s->version = SNMP_VERSION_2c;
	if (community) {
		s->community = (u_char *)(uintptr_t)secret_view(community).p;
		s->community_len = secret_view(community).n;
	} else {
		by_keys(s, k, trap ? engine : NULL);
	}
	void *session = snmp_sess_open(s);
	explicit_bzero(s, sizeof *s);
	if (session) /* opening takes it away, and the first message would block on a probe */
		snmp_sess_session(session)->flags |= SNMP_FLAGS_DONT_PROBE;
	return session;
}

struct snmp_pdu *snmp_probe(void)
{
	struct snmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);
	if (!pdu)
		return NULL;
	pdu->version = SNMP_VERSION_3;
	pdu->securityName = strdup("");
	pdu->securityNameLen = 0;
	pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	pdu->securityModel = SNMP_SEC_MODEL_USM;
	if (!usm_get_user(NULL, 0, "")) {
		struct usmUser *nobody = usm_create_user();
		if (nobody) {
			nobody->name = strdup("");
			nobody->secName = strdup("");
			nobody->userStatus = SNMP_ROW_ACTIVE;
			usm_add_user(nobody);
		}
	}
	return pdu;
}

const char *snmp_refusal(struct snmp_pdu *pdu)
{
	switch (snmpv3_get_report_type(pdu)) {
	case SNMPERR_UNKNOWN_USER_NAME: return "it does not know our user";
	case SNMPERR_AUTHENTICATION_FAILURE: return "our authentication password is wrong";
	case SNMPERR_DECRYPTION_ERR: return "our privacy password is wrong";
	case SNMPERR_UNSUPPORTED_SEC_LEVEL: return "it refuses our security level";
	case SNMPERR_UNKNOWN_ENG_ID: return "its engine ID has changed";
	default: return "it refuses the message";
	}
}
