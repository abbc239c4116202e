/* dialway.c - how sp-dial gets to a router. Refuses a record without identity= where the
 * router wants a certificate: it would be refused there. */
#include "tool/dialway.h"

void dialway_password(struct dialway *w)
{
	if (!w->known)
		tool_password(&w->password, w->password_file, w->password_fd, "Password for the router: ");
	w->known = true;
}

const char *dialway_open(struct dialway *w, struct record *vars, struct record *r, struct ssl_ctx_st **tls,
                         enum sp_exit *status)
{
	const char *why = NULL, *own = w->identity ? w->identity : record_str(r, "identity");
	struct view transport = record_get(vars, "transport");
	*status = SP_RECORD;
	if (transport.n && !view_is(transport, "tls") && !view_is(transport, "plain"))
		return "transport= of the router is neither tls nor plain";
	*status = SP_SYSTEM;
	if (!view_is(transport, "tls")) {
		dialway_password(w);
		return record_set(r, "cleartext", "yes") == 0 ? NULL : "out of memory";
	}
	*status = SP_RECORD;
	if (!own || !*own)
		return "the router wants a certificate, and the record has no identity=: sp-login gives it";
	struct tls_conf conf = w->tls;
	conf.cert = conf.key = own;
	*status = SP_SYSTEM;
	*tls = party_client(&conf, &why);
	return *tls ? NULL : why;
}
