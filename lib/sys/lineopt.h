/* lineopt.h - what stands behind the '?' of a line's address (sp-line(7)):
 * NAME=VALUE[&...], values percent-encoded where they hold '&', '%' or what a
 * shell would eat. One table says which kind of line knows which option; an
 * unknown one is refused, as is a value it cannot have. */
#ifndef SP_SYS_LINEOPT_H
#define SP_SYS_LINEOPT_H

#include "sys/sock.h"
#include "sys/tty.h"

struct line_options {
	uint64_t speed; /* bit/s, declared; 0: not */
	uint64_t baud;  /* of the tty; 0: as it is set (telnet: only) */
	bool rtscts;    /* flow=rtscts */
	char lock[108]; /* lock=: the folder of lock files; "": none */
	/* modem:, and telnet: with modem=yes */
	bool modem;       /* the AT dialogue goes through it */
	char init[128];   /* init=: what sets it up, after ATZ or instead */
	char dial[64];    /* dial=: the number */
	char prefix[32];  /* prefix=: before the number, "9," */
	char command[16]; /* command=: "ATDT" */
	uint64_t rings;   /* answer=: after how many */
	uint64_t wait;    /* wait=: seconds for a carrier */
	uint64_t guard;   /* guard=: ms around the escape */
	/* back: */
	char via[108];              /* unix:PATH of sp-back(8) */
	char cert[256], key[256], ca[256], crl[256];
	char name[65]; /* that the certificate at the other end must have; "": any */
};

/* 0, or -1 with errno EINVAL and a constant reason. */
int line_options(const struct addr *a, struct line_options *o, const char **why);
/* What of it is for tty_open; borrows from o. */
struct tty_conf line_tty(const struct line_options *o);

#endif
