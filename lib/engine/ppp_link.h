/* ppp_link.h - what the files ppp*.c share; nobody else includes it. */
#ifndef SP_ENGINE_PPP_LINK_H
#define SP_ENGINE_PPP_LINK_H

#include "base/num.h"
#include "engine/ppp_comp.h"
#include "wire/ccp.h"
#include "wire/chap.h"
#include "wire/hdlc.h"
#include "wire/ipcp.h"
#include "wire/lcp.h"
#include "wire/mschap.h"
#include "wire/pap.h"
#include "wire/vj.h"

enum ppp_phase { PHASE_NEW, PHASE_LINK, PHASE_AUTH, PHASE_NETWORK, PHASE_CLOSING, PHASE_DOWN };

enum auth_state {
	AUTH_NONE,  /* not begun, or no authentication on this link */
	AUTH_WAIT,  /* for the peer: its Request, Challenge, Response or verdict */
	AUTH_ASKED, /* answerer: the owner is thinking */
	AUTH_DONE,
	AUTH_RENEW  /* done; caller: and another password is on its way */
};

struct auth {
	enum auth_state state;
	unsigned method;           /* one of PPP_PAP ...; 0: none */
	bool asked, stale;         /* a verdict is owed by the owner; stale: to an earlier question */
	bool ok;                   /* AUTH_DONE: the verdict */
	uint8_t id;
	unsigned tries, early;     /* early: packets, answerer, before it was known who the peer is */
	int64_t timer;
	uint8_t value[CHAP_RESPONSE_MAX]; /* answerer: our challenge; caller: our response */
	bool responded;            /* caller, CHAP */
	uint8_t challenge[MSCHAP_CHALLENGE]; /* caller, MSCHAP: what it answered to, */
	char proof[MSCHAP_PROOF + 1];        /* and what must come back */
	uint8_t said[255];         /* answerer: the message of the verdict, for who asks again */
	size_t said_n;
	struct secret before;      /* caller: what the one that is offered now takes the place of; */
	bool owed;                 /* PPP_EV_RENEWED is owed, after LCP began anew */
	char who[256];             /* answerer: the name that the link came up with; empty: not yet */
};

struct ppp {
	struct ppp_conf conf;
	struct ppp_ops ops;
	void *arg;
	char name[256];
	struct secret secret;
	enum ppp_phase phase;
	enum ppp_reason reason;    /* PHASE_CLOSING, PHASE_DOWN */
	int64_t now;
	struct cp lcp, ipcp, ccp;
	struct hdlc_rx rx;
	struct hdlc_tx tx, tx_plain; /* as negotiated; LCP's own packets */
	struct buf out;
	struct auth auth;
	uint16_t mss;              /* wire/syn.h; 0: any */
	bool blank;
	struct vj_tx vj_tx;        /* slots is 0: headers are sent as they are */
	struct vj_rx vj_rx;
	struct deflate_tx *deflate_tx; /* NULL: nothing is compressed that way */
	struct deflate_rx *deflate_rx;
	uint64_t unpacked, resets; /* packets; times that the thread was lost */
	int64_t reset_at;          /* not before, another Reset-Request */
	int64_t echo_at;
	unsigned echo_missed;
	bool ip_told;              /* PPP_EV_IP_UP was given: */
	struct in_addr local, peer;
	unsigned anew;             /* negotiations, */
	int64_t anew_since;        /* counted from here */
	struct ppp_stats stats;
};

void link_send(struct ppp *p, uint16_t protocol, const void *info, size_t n);
void link_random(struct ppp *p, void *to, size_t n);
void link_event(struct ppp *p, const struct ppp_event *ev);
void link_down(struct ppp *p, enum ppp_reason reason); /* PPP_EV_DOWN, once */
void link_supervise(struct ppp *p); /* after each packet: loops, clashes, endless talk */
extern const struct cp_ops link_cp_ops;
void link_network(struct ppp *p); /* authentication is done, or not asked for */

bool ip_protocol(const struct ppp *p, uint16_t protocol); /* one that ip_input takes */
void ip_opened(struct ppp *p); /* IPCP is open, or open again */
void ip_input(struct ppp *p, uint16_t protocol, const uint8_t *info, size_t n);

void auth_begin(struct ppp *p); /* LCP is open: link_network at once if there is nothing to do */
void auth_reset(struct ppp *p); /* LCP is no longer open */
void auth_input(struct ppp *p, const uint8_t *info, size_t n);
void auth_tick(struct ppp *p);

/* MS-CHAPv2. Caller: sets auth.value and auth.proof; NULL or why it cannot. */
const char *ms_respond(struct ppp *p, const struct chap *challenge);
/* Caller: the words of a verdict; one without the right proof is not ok. */
struct view ms_heard(const struct ppp *p, bool *ok, struct view message);
bool ms_proves(struct view message);                                      /* answerer: the owner's */
void ms_refusal(const struct ppp *p, struct view text, struct out *o);    /* answerer: Failure's message */

#endif
