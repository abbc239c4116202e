/* dialway.c - how sp-dial gets to a router. In the clear only where the profile or the
 * record says so: whoever is on the way could else have it by not speaking TLS. The router's
 * certificate has the name that the record calls it by. Refuses a
 * record without identity= where the router wants a certificate, and one without code=
 * where it wants that: it would be refused there. */
#include "tool/dialway.h"

static const char *within_tls(const struct dialway *w, struct record *r, struct ssl_ctx_st **tls, enum sp_exit *status)
{
	const char *why = NULL, *own = w->identity ? w->identity : record_str(r, "identity");
	*status = SP_USAGE;
	if (!w->tls.ca)
		return "the router is reached within TLS, which wants --ca; in the clear only with transport=plain in profile_args=";
	*status = SP_RECORD;
	if (!own || !*own)
		return "the router wants a certificate, and the record has no identity=: sp-login gives it";
	struct tls_conf conf = w->tls;
	conf.cert = conf.key = own;
	conf.name = record_str(r, "router"); /* that which the monitor meant, and no other at its address */
	if (conf.name && !*conf.name)
		conf.name = NULL;
	*status = SP_SYSTEM;
	*tls = party_client(&conf, &why);
	return *tls ? NULL : why;
}

const char *dialway_open(const struct dialway *w, const struct profile *p, struct record *vars, struct record *r,
                         struct ssl_ctx_st **tls, enum sp_exit *status)
{
	struct view transport = record_get(vars, "transport");
	bool plain = transport.n ? view_is(transport, "plain") : p->plain;
	*status = SP_RECORD;
	if (transport.n && !plain && !view_is(transport, "tls"))
		return "transport= of the router is neither tls nor plain";
	if (!plain)
		return within_tls(w, r, tls, status);
	*status = SP_SYSTEM;
	return record_set(r, "cleartext", "yes") == 0 ? NULL : "out of memory";
}

const char *dialway_proxy(const struct dialway *w, struct record *r, struct dial_proxy *p, enum sp_exit *status)
{
	const char *text = w->proxy ? w->proxy : record_str(r, "proxy"), *own = w->identity ? w->identity : record_str(r, "identity");
	const char *why = NULL;
	if (p->ctx || !text || !*text)
		return NULL;
	*status = SP_USAGE;
	if (!addr_parse(text, &p->at, &why) || p->at.kind != ADDR_TLS || !addr_peer(&p->at))
		return "the proxy must be tls:HOST:PORT";
	if (!w->tls.ca)
		return "a proxy wants --ca";
	*status = SP_RECORD;
	if (!own || !*own)
		return "the proxy wants a certificate, and the record has no identity=: sp-login gives it";
	struct tls_conf conf = { .ca = w->tls.ca, .crl = w->tls.crl, .cert = own, .key = own, .roles = ROLE_BIT(ROLE_GATEWAY) };
	*status = SP_SYSTEM;
	view_str(record_get(r, "session"), p->session, sizeof p->session);
	p->ctx = party_client(&conf, &why);
	return p->ctx ? NULL : why;
}

const char *dialway_password(struct dialway *w, struct record *vars, struct dialcodes *codes,
                             const struct secret **password, enum sp_exit *status)
{
	struct view auth = record_get(vars, "auth");
	*status = SP_RECORD;
	if (auth.n && !view_is(auth, "code") && !view_is(auth, "password"))
		return "auth= of the router is neither code nor password";
	if (codes->n || view_is(auth, "code")) {
		*password = dialcodes_next(codes);
		return *password ? NULL : codes->n ? "the router wants a code, and each that the record had was used"
		                                   : "the router wants a code, and the record has no code=: sp-login --code gives it";
	}
	if (!w->known)
		tool_password(&w->password, w->password_file, w->password_fd, "Password for the router: ");
	w->known = true;
	*password = &w->password;
	return NULL;
}
