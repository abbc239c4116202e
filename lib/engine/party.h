/* party.h - TLS ends that know who is at the other one: certificates (sys/tls.h) whose
 * statements say a role and a name (wire/who.h). */
#ifndef SP_ENGINE_PARTY_H
#define SP_ENGINE_PARTY_H

#include "base/record.h"
#include "sys/cert.h"
#include "sys/stream.h"
#include "wire/who.h"

/* As tls_server and tls_client; roles is a set of ROLE_BIT()s, of which the peer must have
 * one; name, if not NULL, must be his (who_name). judge is ours. Our own certificate must say
 * one of own_roles, and own_name: *why, then, is good until the next such failure. */
struct ssl_ctx_st *party_server(const struct tls_conf *conf, const char **why);
struct ssl_ctx_st *party_client(const struct tls_conf *conf, const char **why);

/* party_client by tls_filter. */
struct ssl_ctx_st *party_filter(const struct tls_conf *conf, const char **why);

struct party {
	struct who who;
	char id[CERT_ID]; /* of the certificate, and when it ends */
	time_t until;
};
/* Who is there. false: nobody has shown himself (or it is no TLS). */
bool party_of(const struct stream *s, struct party *p);
bool party_of_cert(struct x509_st *x, struct party *p); /* of sys/dtls.h */
/* Whose it says that it is: role=, name= (who_name), certificate_id= in r. Nothing where x is NULL or
 * says nothing. 0/-1. */
int party_note(struct x509_st *x, struct record *r);

#endif
