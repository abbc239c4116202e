/* tls.h - contexts for streams (sys/stream.h): TLS 1.3 only; for datagrams (sys/dtls.h):
 * DTLS 1.2, ECDHE with AES-GCM only, as OpenSSL 3.0 has no DTLS 1.3; and who may be at the other end. What a certificate says (sys/cert.h) is judged by the caller's function, never
 * the address or the host's name. No session is resumed: each is judged anew. */
#ifndef SP_SYS_TLS_H
#define SP_SYS_TLS_H

#include "base/view.h"

struct ssl_ctx_st; /* SSL_CTX, so that plain users need no OpenSSL header */

struct tls_conf {
	/* PEM files: own certificate with the chain behind it, and key, which only its owner
	 * may read; a client may have none. They may be one file. */
	const char *cert, *key;
	/* Who vouches for the peer; a client needs it. NULL: a server asks nobody for a
	 * certificate. Read again when the file has changed. */
	const char *ca;
	/* Lists of what is revoked, or NULL; read again, too. A list that has ended, or of an
	 * authority that signs itself is missing, lets nobody in. Of an authority below
	 * another none is needed: what it issues is short-lived. For connections that are open
	 * already see stream_still. */
	const char *crl;
	bool datagrams; /* DTLS */
	bool optional; /* server: who shows no certificate is let in */
	bool late;     /* server: and whose own has ended is, too: the caller sees to that */
	/* The statements of a chain that holds, the peer's first and its root's last. NULL: let
	 * in, else a constant reason. roles and name are passed on. */
	const char *(*judge)(unsigned roles, const char *name, const struct view *statement, unsigned n);
	unsigned roles;
	const char *name; /* or NULL; stream_expect and dtls_expect say it for one connection */
	/* For who makes the context (engine/party.h): what its own certificate must say. 0, NULL: anything. */
	unsigned own_roles;
	const char *own_name;
	/* tls_filter: "HOST:PORT", where the server, a proxy, is asked to lead (sp-tls --connect); NULL: the
	 * stream is with the server. */
	const char *connect;
};
#define TLS_NAME 65 /* room for a name */

/* NULL with a constant reason. All texts are copied. */
struct ssl_ctx_st *tls_server(const struct tls_conf *conf, const char **why);
struct ssl_ctx_st *tls_client(const struct tls_conf *conf, const char **why);
/* A client's that runs sp-tls(1) for each stream, for programs that seldom need TLS: a
 * TLS library costs as much at start-up as all the rest. It knows the server by its role
 * (roles: words with commas; judge is not called), or, roles NULL, by the host that
 * stream_new is given, to which its certificate must be made out. The files are looked
 * at closely by sp-tls only. Not in one program with the two above. */
struct ssl_ctx_st *tls_filter(const struct tls_conf *conf, const char *roles, const char **why);
/* What is wrong with the files of a client's conf, as far as it can be seen without a TLS
 * library; NULL: nothing. */
const char *tls_fault(const struct tls_conf *conf);
void tls_free(struct ssl_ctx_st *ctx);

#endif
