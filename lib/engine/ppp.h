/* ppp.h - one PPP link over an asynchronous line (RFC 1661, 1662, 1334, 1994,
 * 2759, 1332, 1144, 1962, 1979), either role, without I/O and without a clock: line bytes go in, line
 * bytes come out in a buffer, IP packets and events by callback. Times are
 * clock_ms(). Callbacks may call anything here but ppp_free. */
#ifndef SP_ENGINE_PPP_H
#define SP_ENGINE_PPP_H

#include "base/buf.h"
#include "base/secret.h"
#include "engine/ppp_event.h"

enum ppp_role {
	PPP_CALLER,  /* gives its name; demands no authentication */
	PPP_ANSWERER /* demands authentication, gives addresses */
};

struct ppp_ops {
	void (*event)(void *arg, const struct ppp_event *ev);
	void (*packet)(void *arg, const uint8_t *ip, size_t n);
	/* Answerer: is this peer who it says? Answer by ppp_verdict, at once or
	 * later; asked once a negotiation, and again only after a verdict. On a link that
	 * was up the name is the one of before: another is refused without a question. */
	void (*check)(void *arg, const struct ppp_check *c);
	/* Answerer, PAP, on a link that is up: the peer gives its password once more, maybe
	 * another one. Is it taken? Refused, the link stays as it is. NULL: the verdict of
	 * before is said again. */
	bool (*again)(void *arg, const struct ppp_check *c);
	/* n random bytes; NULL: the kernel's. */
	void (*random)(void *arg, void *to, size_t n);
};

enum ppp_deflate { PPP_DEFLATE_AUTO, PPP_DEFLATE_ON, PPP_DEFLATE_OFF };
#define PPP_DEFLATE_BELOW 128000 /* bit/s: AUTO is on where the speed is known and less */

bool ppp_deflate(const char *word, enum ppp_deflate *d); /* "auto", "yes", "no"; false: another */

struct ppp_conf { /* zero is the default everywhere; all is copied */
	enum ppp_role role;
	unsigned auth;        /* caller: what it may use (0: all there are); answerer: what it
	                       * demands, the strongest first (0: CHAP) */
	const char *name;     /* caller: "user%router"; answerer: the name in its Challenge */
	const struct secret *secret;   /* caller's */
	struct in_addr local;          /* 0: ask the peer for one (caller) */
	struct in_addr peer;           /* answerer: given to a peer that asks for one */
	uint16_t mru;         /* 1500; 128 to 1500: what we want to receive */
	uint32_t accm;        /* what the peer shall escape for us; 0: nothing */
	bool no_vj;           /* no compressed headers, neither way */
	enum ppp_deflate deflate; /* packets compressed by CCP */
	uint64_t speed;       /* of the line, bit/s; 0: not known. Under SYN_SLOW, both ways: */
	bool no_mss_clamp;    /* TCP segments of any size */
	bool no_ts_blank;     /* TCP's timestamps stay */
	int64_t restart;      /* 3000 ms; the restart timer of RFC 1661 */
	int64_t echo;         /* 10000 ms between Echo-Requests, and on a line of known speed the time that
	                       * PPP_AHEAD takes; < 0: none. PPP_ECHO_MIN: who asks more often does so for nothing */
	unsigned echo_fails;  /* 3 of these intervals, at most, without a word of the peer: PPP_ECHO_LOST */
};

struct ppp_stats {
	uint64_t in_packets, in_bytes, out_packets, out_bytes; /* IP */
	uint64_t line_in, line_out;                            /* bytes on the line */
	uint64_t bad_frames, rejected, dropped, blank_cells;
};

struct ppp;

struct ppp *ppp_new(const struct ppp_conf *conf, const struct ppp_ops *ops, void *arg); /* NULL with errno */
void ppp_free(struct ppp *p); /* tells nobody; ppp_close first for an orderly end */

void ppp_open(struct ppp *p, int64_t now);  /* the line is there: begin */
/* Orderly end: Terminate-Request, then PPP_EV_DOWN with `reason` when the peer
 * has acknowledged or did not in time. */
void ppp_close(struct ppp *p, int64_t now, enum ppp_reason reason);
void ppp_line_lost(struct ppp *p, int64_t now); /* PPP_EV_DOWN at once */
bool ppp_is_down(const struct ppp *p);          /* PPP_EV_DOWN was given */

void ppp_input(struct ppp *p, int64_t now, const void *line, size_t n);
/* Bytes for the line: write, then buf_consume what was written. Pacing is the
 * owner's: take less at a time. */
struct buf *ppp_output(struct ppp *p);
#define PPP_OUT_HIGH 16384 /* over this, stop reading packets to send */
#define PPP_ECHO_MIN 100
#define PPP_AHEAD 3000u /* bytes that a paced line is given ahead of an Echo-Request, the most: a packet, escaped */
/* 0; or -1: ENOTCONN (no IP yet), EMSGSIZE (over the mtu), EINVAL (no IPv4
 * packet), ENOBUFS (the output is over PPP_OUT_HIGH: dropped, counted). */
int ppp_send(struct ppp *p, const uint8_t *ip, size_t n);

/* The answer to ops.check. `message` goes to the peer; may be NULL. With PPP_MSCHAP
 * that of an ok begins with the proof of wire/mschap.h: without it, it is none. */
void ppp_verdict(struct ppp *p, int64_t now, bool ok, const char *message);
bool ppp_verdict_due(const struct ppp *p); /* false: it would be dropped, as LCP has begun anew meanwhile */

/* Caller: from now on this secret; by PAP it is given at once, and PPP_EV_RENEWED follows,
 * unless the peer does not answer. */
void ppp_renew(struct ppp *p, int64_t now, const struct secret *secret);

void ppp_tick(struct ppp *p, int64_t now);   /* when ppp_deadline has passed; early is harmless */
int64_t ppp_deadline(const struct ppp *p);   /* CLOCK_NEVER: none. Changes with every call above: look after each */
const struct ppp_stats *ppp_stats(struct ppp *p);

#endif
