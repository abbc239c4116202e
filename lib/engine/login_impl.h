/* login_impl.h - shared by login.c (clients) and login_check.c (questions). */
#ifndef SP_ENGINE_LOGIN_IMPL_H
#define SP_ENGINE_LOGIN_IMPL_H

#include "base/exit.h"
#include "engine/chan.h"
#include "engine/login.h"
#include "engine/source.h"

#define CHECKS_MAX 8 /* questions of one client under way */
#define UNREAD_MAX (256u << 10) /* bytes of answers that one client leaves unread */
#define LISTEN_MAX 8
#define REFUSED "user, password or group not accepted"

struct login_client {
	struct login_client *next;
	struct login *server;
	struct chan *chan;
	struct login_check *checks;
	unsigned nchecks;
	char source[SOURCE_TEXT]; /* "": not counted */
	bool admitted; /* somebody was accepted over it */
	bool deaf; /* does not read its answers: is hung up on */
	struct loop_timer idle;
};

struct login {
	struct loop *loop;
	struct login_conf conf;
	struct { int fd; struct ssl_ctx_st *ctx; } listen[LISTEN_MAX];
	unsigned nlisten, nclients;
	bool full;
	int64_t told; /* when somebody was last said to be too many */
	struct login_client *clients;
};

/* A question was read: checks it, and answers later. -1: it has no id=, which
 * breaks the protocol. */
int login_check(struct login_client *c, struct record *question);
/* Forgets a client's questions. */
void login_check_forget(struct login_client *c);
/* A question was answered. */
void login_checked(struct login_client *c);

#endif
