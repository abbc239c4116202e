/* login_impl.h - shared by login.c (clients), login_check.c (questions) and the other files login_*.c of theirs. */
#ifndef SP_ENGINE_LOGIN_IMPL_H
#define SP_ENGINE_LOGIN_IMPL_H

#include "base/exit.h"
#include "base/secret.h"
#include "engine/chan.h"
#include "engine/login.h"
#include "engine/login_codes.h"
#include "engine/party.h"
#include "engine/refusal.h"
#include "engine/shake.h"
#include "engine/source.h"

#define CHECKS_MAX 8 /* questions of one client under way */
#define UNREAD_MAX (256u << 10) /* bytes of answers that one client leaves unread */
#define LISTEN_MAX 8
#define CHALLENGES_MAX 4 /* questions of one client that wait for the user */
#define ROUNDS_MAX 4     /* challenges of one login, one after the other */
#define CSR_MAX 4096 /* a request with an Ed25519 key has 400 bytes */
#define REFUSED "user, password or group not accepted"

struct login_check {
	struct login_check *next;
	struct login_client *client;
	struct record who;   /* user=, domain=, group=, from=; of a challenge: state= */
	struct record reply; /* id= and the answer */
	struct secret group_password, password; /* the latter while it is not looked at yet */
	struct buf csr;      /* for a certificate */
	uint64_t guess;      /* guess_who; 0: not counted */
	int64_t asked;
	struct loop_timer later;
	char challenge[33]; /* its name, "": none is open */
	unsigned rounds;    /* challenges so far */
	bool waits;         /* for the user: is in the list of those */
	bool decoy;         /* refused already, whatever the user answers */
};

struct login_client {
	struct login_client *next;
	struct login *server;
	struct chan *chan;
	struct login_check *checks;  /* under way */
	struct login_check *waiting; /* for the user's answer to a challenge */
	unsigned nchecks;
	char source[SOURCE_TEXT]; /* "": not counted */
	bool tls;
	bool open;     /* TLS, where there is any, is done */
	bool admitted; /* somebody was accepted over it */
	bool certified; struct party party; /* it has shown a user's certificate: whose */
	bool deaf; /* does not read its answers: is hung up on */
	struct loop_timer idle;
};

struct login {
	struct loop *loop;
	struct login_conf conf;
	struct { int fd; struct ssl_ctx_st *ctx; } listen[LISTEN_MAX];
	unsigned nlisten, nclients;
	struct login_codes *codes;
	struct guesses guesses, shakes; /* logins, handshakes */
	bool full;
	struct refusals refused, crowded; /* that are in the log */
	struct login_client *clients;
};

/* A question was read: checks it, and answers later. -1: it has no id=, against the protocol. */
int login_check(struct login_client *c, struct record *question);
/* Forgets a client's questions, also those that wait. */
void login_check_forget(struct login_client *c);
void login_check_free(struct login_check *k);
/* How a question ends: k is gone after each, now or later. What its reply says; an
 * error; a refusal, which says nothing but that. */
void login_answer(struct login_check *k);
void login_fail(struct login_check *k, enum sp_exit status, int step, const char *detail);
void login_refuse(struct login_check *k, int step, const char *why);
void login_say(struct login_check *k, int step, const char *event, const char *detail);
/* Asks the filter about k->who, now or in his turn; what it says. */
void login_ask(struct login_check *k, struct view password);
void login_ask_in_turn(struct login_check *k, struct view password);
void login_verdict(void *arg, struct record *verdict, const char *why);
/* op=code and op=check, as login.h has them. */
void login_code(struct login_check *k, struct record *q);
void login_code_check(struct login_check *k, struct record *q);
/* What proves who he is goes into the reply. NULL, or why there is none. */
const char *login_proof(struct login_check *k, struct view groups);
/* 32 random hexadecimal digits. 0/-1. */
int login_random(char text[33]);
/* A question was answered. */
void login_checked(struct login_client *c);

/* The filter wants to know more (verdict NULL: a decoy, which looks the same): fills
 * the reply, 0; -1: too many challenges, of this login or this client, or no memory. */
int login_challenge(struct login_check *k, struct record *verdict);
/* The reply is sent: the question waits for op=answer until its time is up. */
void login_challenge_wait(struct login_check *k);
/* The question that waits under this name, under way again; NULL: there is none. */
struct login_check *login_challenge_take(struct login_client *c, struct view name);

#endif
