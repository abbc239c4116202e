/* dialway.h - how sp-dial gets to a router: within TLS, where the user's certificate says
 * who he is, or in the clear, where his password does. */
#ifndef SP_TOOL_DIALWAY_H
#define SP_TOOL_DIALWAY_H

#include "engine/party.h"
#include "tool/tool.h"

struct dialway {
	struct tls_conf tls;   /* ca, crl, roles */
	const char *identity;  /* a file of sp-login's; NULL: the record's */
	const char *password_file, *password_fd; /* NULL: the terminal */
	struct secret password;
	bool known;            /* the password is */
};

/* Reads the password, once. Ends the program when it cannot be read. */
void dialway_password(struct dialway *w);
/* By transport= of vars: tls: a context in *tls, which the caller tls_frees, with the
 * identity of r. Else NULL there, r has cleartext=yes and the password is known. NULL, or a
 * reason and *status. */
const char *dialway_open(struct dialway *w, struct record *vars, struct record *r, struct ssl_ctx_st **tls,
                         enum sp_exit *status);

#endif
