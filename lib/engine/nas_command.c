/* nas_command.c - what can be said at a router's prompt: one table. Answers
 * begin with OK or with ERROR word step text. Dial strings are checked against
 * what the operator permits before anything is opened; fd: is never dialed. */
#include "engine/nas_session.h"

#include "engine/permit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct command {
	const char *name, *takes, *help;
	void (*run)(struct nas_session *s, const char *arg);
};

static bool keep(struct nas_session *s, char *to, size_t size, const char *arg, int step)
{
	if (s->call) {
		nas_error(s, SP_BUSY, step, "a call is in progress");
		return false;
	}
	if (strlen(arg) >= size) {
		nas_error(s, SP_USAGE, step, "too long");
		return false;
	}
	snprintf(to, size, "%s", arg);
	return true;
}

static void do_session(struct nas_session *s, const char *arg)
{
	if (keep(s, s->session, sizeof s->session, arg, 324))
		nas_print(s, "OK session %s\n", s->session);
}

static void do_phone(struct nas_session *s, const char *arg)
{
	if (keep(s, s->phone, sizeof s->phone, arg, 324))
		nas_print(s, "OK user-phone %s\n", s->phone);
}

static void do_secret(struct nas_session *s, const char *arg)
{
	if (s->call)
		nas_error(s, SP_BUSY, 324, "a call is in progress");
	else if (!secret_set(&s->secret, view_of(arg)))
		nas_error(s, SP_USAGE, 324, "too long");
	else
		nas_print(s, "OK secret set\n");
}

static void do_dial(struct nas_session *s, const char *arg)
{
	struct in_addr a;
	if (!s->may_dial) {
		nas_log(s, 322, "refused", "dial", arg);
		nas_error(s, SP_DENIED, 321, "this group may not dial");
	} else if (!permit_dial(s->conf->permit, s->conf->npermit, arg)) {
		nas_log(s, 324, "refused", "dial", arg);
		nas_error(s, SP_DENIED, 324, "this dial string is not permitted");
	} else if (inet_pton(AF_INET, s->workstation, &a) != 1) {
		nas_error(s, SP_USAGE, 324, "a call needs a workstation with an IPv4 address");
	} else if (keep(s, s->dial, sizeof s->dial, arg, 324)) {
		s->phase = NAS_WAIT;
		nas_send(s, "line", "dial", s->dial, NULL);
	}
}

void nas_command_line_given(struct nas_session *s, struct record *r)
{
	const char *detail = record_str(r, "detail");
	s->phase = NAS_COMMAND;
	if (!view_str(record_get(r, "line"), s->line, sizeof s->line) || !s->line[0] ||
	    !view_str(record_get(r, "alias"), s->alias, sizeof s->alias)) {
		s->dial[0] = '\0';
		nas_log(s, 324, "busy", "detail", detail);
		nas_error(s, SP_BUSY, 324, detail ? detail : "no line is free");
	} else {
		nas_log(s, 324, "acknowledged", "line", s->line);
		nas_print(s, "OK Dial string acknowledged, line %s ready.\n", s->line);
	}
	nas_prompt(s);
}

/* DOMAIN\user%router, or user%router. */
static bool link_name(const struct nas_session *s, char *out, size_t size)
{
	int n = snprintf(out, size, "%s%s%s%%%s", s->domain, s->domain[0] ? "\\" : "", s->name, s->conf->name);
	return n > 0 && (size_t)n < size;
}

static void state_dialing(struct nas_session *s)
{
	nas_send(s, "state", "session", s->session[0] ? s->session : NULL, "router", s->conf->name, "user", s->name,
	         "workstation", s->workstation, "line", s->line, "phone", s->phone[0] ? s->phone : NULL, "alias", s->alias,
	         "state", "dialing", NULL);
	nas_log(s, 325, "placed", "dial", s->dial);
	nas_print(s, "OK dialing\nProgress: state=dialing line=%s\n", s->line);
}

static void do_begin(struct nas_session *s, const char *arg)
{
	char name[2 * NAS_WORD + 128];
	const char *why = "";
	struct nas_call_conf conf = { .dial = s->dial, .name = name, .secret = &s->secret, .own = s->conf->ppp_address, .ppp = s->conf->ppp,
	                              .deadline = clock_deadline(s->conf->dial), .event = nas_call_event, .arg = s };
	(void)arg;
	if (s->call) {
		nas_error(s, SP_BUSY, 325, "a call is in progress");
		return;
	}
	if (!s->dial[0]) {
		nas_error(s, SP_USAGE, 325, "dial first");
		return;
	}
	inet_pton(AF_INET, s->workstation, &conf.workstation);
	inet_pton(AF_INET, s->alias, &conf.alias);
	if (!link_name(s, name, sizeof name)) {
		nas_error(s, SP_USAGE, 325, "the user's name is too long");
		return;
	}
	state_dialing(s);
	s->call = nas_call_new(s->loop, &conf, &why);
	if (!s->call) {
		struct nas_call_event ev = { .state = CALL_DOWN, .reason = REASON_PORT_ERROR, .step = 325, .detail = why };
		nas_call_event(s, &ev);
	}
}

static void do_hangup(struct nas_session *s, const char *arg)
{
	(void)arg;
	if (!s->call) {
		nas_error(s, SP_NONE, 326, "there is no call");
		return;
	}
	nas_print(s, "OK hanging up\n");
	nas_call_close(s->call, REASON_USER_REQUEST);
}

static void do_show(struct nas_session *s, const char *arg)
{
	struct nas_call_counts n = { 0 };
	(void)arg;
	nas_print(s, "user=%s groups=%s workstation=%s dial=%s\n", s->name, s->groups, s->workstation, s->may_dial ? "yes" : "no");
	if (s->dial[0])
		nas_print(s, "line=%s alias=%s session=%s phone=%s dial=%s\n", s->line, s->alias, s->session, s->phone, s->dial);
	if (s->call) {
		nas_call_counts(s->call, &n);
		nas_print(s, "state=%s in_bytes=%llu out_bytes=%llu dropped=%llu\n", nas_call_state_name(nas_call_state(s->call)),
		          (unsigned long long)n.in_bytes, (unsigned long long)n.out_bytes, (unsigned long long)n.dropped);
	}
	nas_print(s, "OK\n");
}

static void do_quit(struct nas_session *s, const char *arg)
{
	(void)arg;
	nas_print(s, "OK bye\n");
	nas_end(s, REASON_USER_REQUEST);
}

static void do_help(struct nas_session *s, const char *arg);

static const struct command commands[] = {
	{ "session", "ID", "the session that the call belongs to", do_session },
	{ "user-phone", "PHONE", "the number of the line that is called, for the record", do_phone },
	{ "secret", "TEXT", "what proves us to the called system (is not shown)", do_secret },
	{ "dial", "ADDRESS", "what to call: tcp:HOST:PORT, unix:PATH, tty:PATH; ?speed=BITS", do_dial },
	{ "begin", NULL, "places the call; its progress is shown", do_begin },
	{ "hangup", NULL, "ends the call", do_hangup },
	{ "show", NULL, "who you are, and the call", do_show },
	{ "help", NULL, "this list", do_help },
	{ "quit", NULL, "ends the call and the session", do_quit },
};
#define COMMANDS (sizeof commands / sizeof *commands)

static void do_help(struct nas_session *s, const char *arg)
{
	(void)arg;
	for (size_t i = 0; i < COMMANDS; i++)
		nas_print(s, "  %-10s %-8s %s\n", commands[i].name, commands[i].takes ? commands[i].takes : "", commands[i].help);
	nas_print(s, "OK\n");
}

void nas_command_line(struct nas_session *s, char *line)
{
	char *end = line + strlen(line);
	line += strspn(line, " ");
	while (end > line && end[-1] == ' ')
		*--end = '\0';
	char *arg = line + strcspn(line, " ");
	if (*arg)
		*arg++ = '\0';
	arg += strspn(arg, " ");
	if (!*line)
		return;
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(line, commands[i].name) != 0)
			continue;
		if ((commands[i].takes != NULL) != (*arg != '\0'))
			nas_error(s, SP_USAGE, 324, commands[i].takes ? "something is missing behind that: help" : "nothing belongs behind that: help");
		else
			commands[i].run(s, arg);
		return;
	}
	nas_error(s, SP_USAGE, 324, "no such command: help");
}
