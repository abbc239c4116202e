/* party_filter.c - a client that knows the other end by its role, with TLS in a program of
 * its own. In a file of its own, so that who links it has no TLS library. */
#include "engine/party.h"

struct ssl_ctx_st *party_filter(const struct tls_conf *conf, const char **why)
{
	struct ssl_ctx_st *ctx = NULL;
	struct buf roles;
	buf_init(&roles, 256);
	*why = "out of memory";
	if (roles_write(conf->roles, &roles) == 0 && buf_addc(&roles, '\0') == 0)
		ctx = tls_filter(conf, roles.data, why);
	buf_clear(&roles);
	return ctx;
}
