/* dialway.h - how sp-dial gets to a router: within TLS, where the user's certificate says
 * who he is, or in the clear, where a code or his password does. */
#ifndef SP_TOOL_DIALWAY_H
#define SP_TOOL_DIALWAY_H

#include "engine/dial.h"
#include "engine/party.h"
#include "engine/profile.h"
#include "tool/dialcode.h"
#include "tool/tool.h"

struct dialway {
	struct tls_conf tls;   /* ca, crl, roles */
	const char *identity;  /* a file of sp-login's; NULL: the record's */
	const char *password_file, *password_fd; /* NULL: the terminal */
	struct secret password;
	bool known;            /* the password is */
	const char *proxy;     /* NULL: the record's proxy=, if it has one */
};

/* By transport= of vars, else as the profile has it: tls: a context in *tls, which the
 * caller tls_frees, with the identity of r. Else NULL there, and r has cleartext=yes. NULL,
 * or a reason and *status. */
const char *dialway_open(const struct dialway *w, const struct profile *p, struct record *vars, struct record *r,
                         struct ssl_ctx_st **tls, enum sp_exit *status);
/* The proxy that the router is to be reached through, with the identity of r: ctx, which the caller
 * tls_frees, or NULL there: none. NULL, or a reason and *status. */
const char *dialway_proxy(const struct dialway *w, struct record *r, struct dial_proxy *p, enum sp_exit *status);
/* What is sent in the clear: the next code, where there are any or auth=code of vars wants
 * them, else the password, which is asked for now if it is not known (a failure ends the
 * program). Into *password; NULL, or a reason and *status. */
const char *dialway_password(struct dialway *w, struct record *vars, struct dialcodes *codes,
                             const struct secret **password, enum sp_exit *status);

#endif
