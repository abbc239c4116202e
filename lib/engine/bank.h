/* bank.h - a router's lines that have names: which are free, which may be dialed
 * by number and in which hunt group, what each has been through. A line that
 * failed is out of service; it is tried again by who owns the bank, with delays
 * that grow until a call over it comes up. Holds no descriptors. */
#ifndef SP_ENGINE_BANK_H
#define SP_ENGINE_BANK_H

#include "engine/dialstring.h"

#include <time.h>

enum bank_state { BANK_IDLE, BANK_DIALING, BANK_CONNECTED, BANK_FAILED, BANK_BUSY };
const char *bank_state_name(enum bank_state s);

#define BANK_LINES_MAX 1024
#define BANK_GROUPS_MAX 64

struct bank_line {
	char name[DIALSTRING_NAME];
	char address[640], shown[192]; /* shown: without its options */
	const char *kind;              /* "modem", "tcp" ... */
	bool dials;                    /* numbers: there is a modem */
	enum bank_state state;
	time_t since;                  /* in that state */
	char phone[DIALSTRING_NUMBER]; /* that it calls; "" none */
	char reason[32], detail[160];  /* of the failure that put it out; "" */
	uint64_t calls, failures;
	/* for the owner, who tries it again */
	int64_t delay;                 /* ms, until it is tried the next time */
	void *probe;                   /* the owner's */
};

struct bank_group {
	char name[DIALSTRING_NAME];
	bool has[BANK_LINES_MAX];
	unsigned last; /* the line that was given last, and one */
};

struct bank {
	struct bank_line **line;
	unsigned nlines, last;
	struct bank_group *group[BANK_GROUPS_MAX];
	unsigned ngroups;
	int64_t retry; /* ms, the first delay */
	/* A line has changed; may be NULL. */
	void (*changed)(void *arg, const struct bank_line *l);
	void *arg;
};

/* "NAME=ADDRESS", "GROUP=NAME,NAME...". False with a reason. */
bool bank_add(struct bank *b, const char *text, const char **why);
bool bank_hunt(struct bank *b, const char *text, const char **why);
void bank_clear(struct bank *b);

/* The next idle line for this number, from then on dialing; NULL with a reason. Without
 * line= and group= any that dials. */
struct bank_line *bank_take(struct bank *b, const struct dialstring *d, const char **why);
/* How many such lines there are, idle or not; 0 with a reason. */
unsigned bank_knows(const struct bank *b, const struct dialstring *d, const char **why);
/* A call that it was taken for begins, and is connected. */
void bank_dials(struct bank_line *l);
void bank_connected(struct bank *b, struct bank_line *l);
/* It is free again, also when it was tried and works. */
void bank_idle(struct bank *b, struct bank_line *l);
/* It cannot be used: out of service, or (busy) another program has it. delay is
 * then when it is to be tried. */
void bank_out(struct bank *b, struct bank_line *l, bool busy, const char *reason, const char *detail);
/* Its groups, separated by commas. */
void bank_groups(const struct bank *b, const struct bank_line *l, char *out, size_t size);
/* "tcp", "modem" ... of an address that is a line's; NULL for others. */
const char *bank_kind(struct view address);
/* NULL: there is none. */
struct bank_line *bank_find(const struct bank *b, struct view name);

#endif
