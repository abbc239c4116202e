/* login.h - the security server (sp-login -l): asks a filter who a user is and
 * signs that. Over chan.h: op=login user= [domain=] [group=] password=
 * [group_password=] [csr=] -> user= domain= group= groups= and certificate=
 * certificate_id= certificate_until= (login_issue.h) where there are csr= and an issuer,
 * else token= token_until=. Over TLS there is no token where there is an issuer. Or
 * challenge= prompt= [echo=yes]: the user has to say more, and op=answer
 * challenge= password= over the same connection gets one or the other.
 * For bought routers op=code router= -> code= code_until=, a password that is good once,
 * for the user of the client's certificate or of token=; and op=check user= [domain=]
 * router= code= -> done=1 for who is shown it.
 * Every refusal reads the same and comes at the same times, whatever was wrong. */
#ifndef SP_ENGINE_LOGIN_H
#define SP_ENGINE_LOGIN_H

#include "base/record.h"
#include "engine/login_groups.h"
#include "engine/login_issue.h"
#include "engine/worker.h"

struct login;
struct ssl_ctx_st;
struct evp_pkey_st;

struct login_conf {
	struct worker *auth;           /* sp-auth's shape */
	struct evp_pkey_st *key;       /* Ed25519, private; NULL: no tokens */
	const struct login_issuer *issuer; /* may be NULL */
	const struct login_groups *groups; /* may be NULL */
	int64_t life_s;                /* of a token or certificate */
	int64_t code_ms;               /* how long a code holds */
	int64_t refuse_ms;             /* refusals come at multiples of this after the question */
	int64_t auth_ms;               /* for the filter's answer */
	int64_t answer_ms;             /* for the user's answer to a challenge */
	const char *challenge_all;     /* prompt: who is refused is asked for more, too, and every challenge
	                                * looks alike. NULL: refused at once. Must outlive the server */
	int64_t idle_ms;               /* a silent client is hung up on */
	unsigned clients;              /* at most so many at once; the next ones wait in the backlog */
	unsigned strangers;            /* of them, of one source (source.h), of whom nobody was accepted yet:
	                                * one more is hung up on */
	/* What happened: step 303 asked, or too-many (strangers), 304 accepted or refused. `who` has user=,
	 * domain=, group=, from= (the client's address), certificate_id= (accepted) and no secret. May be NULL. */
	void (*log)(int step, const char *event, struct record *who, const char *detail);
};

struct login *login_new(struct loop *l, const struct login_conf *conf); /* NULL with errno */
/* Takes a listening descriptor; ctx NULL: plain (unix:). 0/-1. */
int login_listen(struct login *s, int fd, struct ssl_ctx_st *ctx);
void login_free(struct login *s); /* hangs up on everybody, closes what it listens on */

#endif
