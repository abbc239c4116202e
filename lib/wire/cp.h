/* cp.h - the option negotiation automaton of RFC 1661, shared by LCP, IPCP and CCP:
 * one table, one walker over options, no I/O, no clock, no randomness. */
#ifndef SP_WIRE_CP_H
#define SP_WIRE_CP_H

#include "base/cursor.h"
#include "wire/cp_table.h"

enum cp_code {
	CP_CONF_REQ = 1, CP_CONF_ACK, CP_CONF_NAK, CP_CONF_REJ, CP_TERM_REQ, CP_TERM_ACK, CP_CODE_REJ,
	CP_PROTO_REJ, CP_ECHO_REQ, CP_ECHO_REP, CP_DISCARD
};

#define CP_MAX_CONFIGURE 10
#define CP_MAX_TERMINATE 2
#define CP_MAX_FAILURE 5
#define CP_PACKET_MAX 1500

struct cp;
enum cp_verdict { CP_ACK, CP_NAK, CP_REJ };

/* A kind of option. Values are held as one number each. A known option whose
 * length is outside [min, max] (type and length bytes included) is rejected. */
struct cp_option {
	uint8_t type, min, max;
	const char *name;
	uint32_t unsaid; /* the value when the option is not there */
	uint32_t (*parse)(struct cur *c);
	void (*write)(struct out *o, uint32_t v);
	/* The peer's wish; on CP_NAK *v becomes what we would accept. */
	enum cp_verdict (*judge)(struct cp *cp, uint32_t *v);
	/* Our wish was refused: the hint is the peer's. Changes cp->ours. */
	void (*nakked)(struct cp *cp, uint32_t hint);
};
#define CP_OPTIONS_MAX 8

struct cp_kind {
	uint16_t protocol;
	const char *name;
	const struct cp_option *option;
	unsigned options;
	/* A row (bit) that the peer must ask for, and the value suggested to it
	 * when it does not: Configure-Nak. May be NULL. */
	uint32_t (*demand)(struct cp *cp, uint32_t suggest[CP_OPTIONS_MAX]);
	/* Codes over 7: the event they are, or -1: ignored; CP_RUC: unknown. */
	int (*code)(struct cp *cp, uint8_t code, struct cur body);
};

struct cp_ops { /* the owner */
	void (*send)(void *arg, const struct cp *cp, const uint8_t *packet, size_t n);
	void (*told)(void *arg, struct cp *cp, enum cp_action what); /* CP_TLS, TLU, TLD, TLF */
	uint32_t (*random)(void *arg);
};

enum { CP_LOOPED = 1, CP_CLASH = 2, CP_REFUSED = 4 };

struct cp {
	const struct cp_kind *kind;
	const struct cp_ops *ops;
	void *arg;
	enum cp_state state;
	enum cp_event event;             /* the last one */
	uint32_t ask;                    /* rows in our Configure-Request, a bit each */
	uint32_t refused;                /* rows that the peer rejected */
	uint32_t ours[CP_OPTIONS_MAX];   /* what we ask, in the end: what was agreed */
	uint32_t theirs[CP_OPTIONS_MAX]; /* what the peer asked and we acknowledged */
	uint32_t allow;                  /* for judge, as the kind likes: see lcp.h, ipcp.h */
	uint32_t suggest;
	int64_t now, timer, restart;     /* timer: CLOCK_NEVER when it does not run */
	unsigned left, failures, loops;
	unsigned requests;               /* sent, ever: the owner bounds a talk without end */
	unsigned trouble;                /* CP_LOOPED and so on: the owner looks at it */
	uint16_t rejected;               /* a protocol that the peer rejected: the owner zeroes it */
	uint8_t id, peer_id, reject_id;  /* of our last request; of the packet being answered */
	uint8_t request[256];            /* options of the last request */
	size_t request_n;
	uint8_t reply[CP_PACKET_MAX];    /* what sca, scn, sta, scj, ser are to send */
	size_t reply_n;
	uint64_t blank, malformed;
};

void cp_init(struct cp *cp, const struct cp_kind *kind, const struct cp_ops *ops, void *arg);
/* CP_UP, CP_DOWN, CP_OPEN, CP_CLOSE from the owner; CP_RXJ_MINUS when the
 * peer rejected this very protocol. */
void cp_event(struct cp *cp, int64_t now, enum cp_event e);
/* One packet. 1, or -1 malformed (dropped, counted) with the reason. */
int cp_input(struct cp *cp, int64_t now, const uint8_t *p, size_t n, const char **why);
void cp_tick(struct cp *cp, int64_t now); /* the restart timer, if cp->timer has come */
/* Sends a packet of the owner's: code, id, body cut to what fits. */
void cp_send(struct cp *cp, uint8_t code, uint8_t id, const void *body, size_t n);

#endif
