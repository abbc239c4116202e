/* nas_session.h - one telnet session of a router, in its own process: the terminal (nas_session.c),
 * the login (nas_login.c), the commands (nas_command.c), the call (nas_call.c). */
#ifndef SP_ENGINE_NAS_SESSION_H
#define SP_ENGINE_NAS_SESSION_H

#include "base/secret.h"
#include "engine/chan.h"
#include "engine/nas.h"
#include "engine/nas_call.h"
#include "wire/edit.h"
#include "wire/permit.h"
#include "wire/who.h"
#include "wire/telnet.h"

enum nas_phase { NAS_USER, NAS_PASSWORD, NAS_GROUP, NAS_VERDICT, NAS_COMMAND, NAS_WAIT, NAS_ENDING };

#define NAS_WORD 128 /* a name, a number, an identifier, with its NUL */
#define NAS_DIAL 256 /* a dial string */

struct nas_session {
	const struct nas_conf *conf;
	struct loop *loop;
	struct stream *peer;
	struct chan *parent;
	struct nvt *nvt;
	struct edit edit;
	struct buf user, wire;   /* typed and not yet looked at; scratch for output */
	enum nas_phase phase;
	bool prompted;           /* the prompt stands at the end of what was shown */
	struct loop_timer quiet; /* nobody types */
	struct loop_timer later; /* a refusal waits; last words get out */
	struct loop_timer count; /* how much has flowed is told */
	/* who, and for what */
	char workstation[64], name[NAS_WORD], domain[NAS_WORD], group[NAS_WORD], groups[1024];
	char vouched[WHO_GROUPS_MAX + 1]; /* groups in his certificate */
	struct secret password, secret, permit_text;
	struct permit permit;    /* that; sequence 0: none was given, or it was not looked at */
	struct loop_timer permit_end, unused; /* unused: a line was set aside, and no call begins */
	bool certified, may_dial; /* by a certificate he is who he is; by his groups */
	int64_t asked;           /* when the filter was; 0: not yet */
	char session[NAS_WORD], phone[NAS_WORD], dial[NAS_DIAL], line[NAS_WORD], alias[64], sp_address[64];
	char address[640], number[DIALSTRING_NUMBER]; /* of the line that was given; what it dials, "" nothing */
	char protocol[32];       /* of the line, when it is connected */
	char refusal[512];
	struct nas_call *call;
	int64_t deadline;        /* of the call, whichever line it goes over */
	bool hunting;            /* its line failed: the parent is asked for another one */
	struct nas_call_event fault; /* why it did */
	char fault_detail[256];
	enum reason ending;      /* why the session ends, when it does */
	int status;
};

/* Runs until the session is over. Owns both descriptors. The exit status. */
int nas_session(const struct nas_conf *conf, int peer, int control, const char *workstation, int64_t later);

/* Text for the terminal, LF is a line end; what the network cannot take ends the
 * session. */
void nas_print(struct nas_session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same as a line of its own while somebody types: the prompt comes again. */
void nas_tell(struct nas_session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "ERROR word step text". */
void nas_error(struct nas_session *s, enum sp_exit status, int step, const char *text);
void nas_prompt(struct nas_session *s);
/* Ends everything: the call first, then the telnet session. */
void nas_end(struct nas_session *s, enum reason why);
/* key, value, ..., NULL: a message to the parent; a NULL value leaves it out. */
void nas_send(struct nas_session *s, const char *op, ...) __attribute__((sentinel));
/* op=log with step= and event= and who it is about. */
void nas_log(struct nas_session *s, int step, const char *event, const char *key, const char *value);
void nas_quiet_in(struct nas_session *s, int64_t ms);

void nas_login_denied(struct nas_session *s, const char *why); /* TLS failed: that, and whose certificate it was, is in the log */
/* Who he is, by his certificate: the next question is the group's. */
void nas_login_certified(struct nas_session *s, const struct who *w);
bool nas_login_holds(struct nas_session *s); /* false: it was revoked, and the session ends */
void nas_login_line(struct nas_session *s, const char *line); /* in phases USER, PASSWORD, GROUP */
void nas_login_verdict(struct nas_session *s, struct record *r);
const char *nas_login_prompt(const struct nas_session *s);

void nas_command_line(struct nas_session *s, char *line);
void nas_command_line_given(struct nas_session *s, struct record *r); /* op=line came */
void nas_command_row(struct nas_session *s, struct record *r);        /* op=row, op=rows */

/* nas_hunt.c: the call is placed, over line after line until one works. */
void nas_place(struct nas_session *s);
/* That is called, for the record: as the user says, else what is dialed. NULL: unknown. */
const char *nas_phone(const struct nas_session *s);
/* user%router, what we are called at the other end of the link. False: too long. */
bool nas_link_name(const struct nas_session *s, char *out, size_t size);
/* Has its line failed, and may there be another one? Then the call is not down yet. */
bool nas_hunt(struct nas_session *s, const struct nas_call_event *ev);
void nas_hunt_given(struct nas_session *s, struct record *r); /* op=line came */
void nas_hunt_end(struct nas_session *s, enum reason why);    /* no more of that */
/* op=line: line=, alias=, and for a number address= and number=. False: there is none. */
bool nas_take_line(struct nas_session *s, struct record *r);
/* Sets what a call event brings to the terminal and to the parent. */
void nas_call_event(void *arg, const struct nas_call_event *ev);

#endif
