/* identity.h - the user's own key and certificate: asked for, kept in a file that only he
 * can read: key, certificate and what leads from it to what others trust, all PEM. */
#ifndef SP_TOOL_IDENTITY_H
#define SP_TOOL_IDENTITY_H

#include "base/record.h"

#include <limits.h>

struct evp_pkey_st;

/* A new key, and in csr a request for a certificate of it, for the user of that name.
 * Ends the program when that cannot be done. key_free it. */
struct evp_pkey_st *identity_new(const char *user, struct buf *csr);

/* Keeps the key and `certificate` in file, or, where file is NULL, in
 * $XDG_RUNTIME_DIR/sp/USER[@DOMAIN][+GROUP].pem (/run/user/UID/sp, /tmp/sp-UID): who has
 * user=, domain=, group=. Puts the path into path. NULL, or why not: the certificate is
 * not the key's, the folder is another one's or open to others. */
const char *identity_keep(struct evp_pkey_st *key, struct view certificate, const char *file, struct record *who,
                          char path[PATH_MAX]);

#endif
