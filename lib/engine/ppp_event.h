/* ppp_event.h - what a PPP link tells its owner: events, reasons, and the
 * question whether a peer is who it says. */
#ifndef SP_ENGINE_PPP_EVENT_H
#define SP_ENGINE_PPP_EVENT_H

#include "base/view.h"

#include <netinet/in.h>
#include <stdint.h>

enum { PPP_PAP = 1, PPP_CHAP = 2, PPP_MSCHAP = 4 }; /* bits: CHAP means MD5; MSCHAP is version 2 */
const char *ppp_method_name(unsigned method); /* "pap", "chap", "mschapv2" */
/* Such names, a comma between them; also "both" (chap,pap), "any". 0: none of them. */
unsigned ppp_methods(const char *text);

enum ppp_reason { /* why it is down; ppp_reason_name() has the words */
	PPP_CLOSED,      /* ppp_close, and the peer was told */
	PPP_PEER_CLOSED, /* the peer sent Terminate-Request */
	PPP_LINE_LOST,   /* ppp_line_lost */
	PPP_SILENT,      /* no answer while the link was set up */
	PPP_ECHO_LOST,   /* no answer to Echo-Requests of a link that was up */
	PPP_REFUSED,     /* authentication: we refused, or were refused */
	PPP_AUTH_METHOD, /* no common method, or PAP wanted and not allowed */
	PPP_LOOPED,      /* we talk to ourselves */
	PPP_ADDRESS,     /* IPCP ended without the addresses we need */
	PPP_PROTOCOL     /* the peer broke the protocol, negotiates forever, or anew again and again */
};
const char *ppp_reason_name(enum ppp_reason r);

enum ppp_event_kind {
	PPP_EV_LCP_UP,         /* LCP opened: mru, accm are settled */
	PPP_EV_AUTHENTICATING, /* caller: name and secret are being given */
	PPP_EV_NAME,           /* answerer: the peer gave a name */
	PPP_EV_AUTH_OK,        /* text: the peer's message, if any (untrusted bytes) */
	PPP_EV_AUTH_FAILED,    /* the same; PPP_EV_DOWN follows */
	PPP_EV_IP_UP,          /* local, peer, mtu; packets may be sent */
	PPP_EV_ANEW,           /* a link that was up negotiates anew, all of it: no packets meanwhile,
	                        * and of what comes next only RESUMED, AUTH_FAILED and DOWN are told */
	PPP_EV_RESUMED,        /* ... and is up again, with the same addresses: mtu */
	PPP_EV_RENEWED,        /* caller, after ppp_renew: was it taken? ok */
	PPP_EV_DOWN            /* reason; the last event. Write out what ppp_output
	                        * still has, then close the line */
};

struct ppp_event {
	enum ppp_event_kind kind;
	enum ppp_reason reason;
	struct view text;           /* NAME: the name; AUTH_*: the message */
	unsigned method;            /* AUTHENTICATING, NAME, AUTH_*: a method */
	struct in_addr local, peer; /* IP_UP */
	bool ok;                    /* RENEWED */
	uint16_t mtu;               /* IP_UP, RESUMED: the largest packet that the peer receives */
};

struct ppp_check { /* what the peer gave: valid during the call */
	unsigned method;
	struct view name;
	struct view password;             /* PAP */
	uint8_t chap_id;                  /* CHAP, MSCHAP: */
	struct view challenge, response;  /* wire/chap.h, wire/mschap.h compare */
};

#endif
