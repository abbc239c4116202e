/* nas_command.c - what can be said at a router's prompt: one table. Answers
 * begin with OK or with ERROR word step text. Dial strings are checked against
 * what the operator permits before anything is opened; fd: is never dialed. */
#include "engine/nas_permit.h"

#include "engine/dialrule.h"

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

static void refuse_dial(struct nas_session *s, const char *dial, int step, const char *why)
{
	nas_log(s, step, "refused", "dial", dial);
	nas_error(s, SP_DENIED, step, why);
}

static bool permitted(const struct nas_session *s, const struct dialstring *d, const char *arg)
{
	const struct nas_conf *c = s->conf;
	return *d->number ? dialstring_permit(c->dialrule, c->ndialrule, d->number) : dialrule_permits(c->dialrule, c->ndialrule, arg);
}

static void forget_line(struct nas_session *s)
{
	loop_cancel(s->loop, &s->unused);
	s->dial[0] = s->line[0] = s->alias[0] = s->address[0] = s->number[0] = '\0';
}

/* Who only types must not keep lines from those who call. */
static void unused(void *arg)
{
	struct nas_session *s = arg;
	char line[NAS_WORD];
	memcpy(line, s->line, sizeof line);
	forget_line(s);
	nas_log(s, 324, "unused", "line", line);
	nas_send(s, "release", NULL);
	nas_tell(s, "Progress: state=down line=%s error=timeout step=324 reason=%s detail=no call was begun, the line is given back\n",
	         line, reason_name(REASON_IDLE));
}

static void ask_line(struct nas_session *s, const struct dialstring *d)
{
	char speed[24];
	snprintf(speed, sizeof speed, "%llu", (unsigned long long)d->speed);
	s->phase = NAS_WAIT;
	loop_cancel(s->loop, &s->unused);
	if (*d->number)
		nas_send(s, "line", "number", d->number, "group", *d->group ? d->group : NULL, "wanted", *d->line ? d->line : NULL,
		         "speed", d->speed ? speed : NULL, NULL);
	else
		nas_send(s, "line", "dial", s->dial, NULL);
}

static void do_dial(struct nas_session *s, const char *arg)
{
	struct in_addr a;
	struct dialstring d;
	const char *why;
	if (!s->may_dial) {
		nas_log(s, 322, "refused", "dial", arg);
		nas_error(s, SP_DENIED, 321, "this group may not dial");
	} else if (!dialstring_parse(arg, &d, &why)) {
		nas_log(s, 324, "refused", "dial", arg);
		nas_error(s, SP_USAGE, 324, why);
	} else if (!permitted(s, &d, arg)) {
		refuse_dial(s, arg, 324, "this dial string is not permitted");
	} else if ((why = nas_permit_refusal(s, arg)) != NULL) {
		refuse_dial(s, arg, 324, why);
	} else if (inet_pton(AF_INET, s->workstation, &a) != 1) {
		nas_error(s, SP_USAGE, 324, "a call needs a workstation with an IPv4 address");
	} else if (keep(s, s->dial, sizeof s->dial, arg, 324)) {
		ask_line(s, &d);
	}
}

void nas_command_line_given(struct nas_session *s, struct record *r)
{
	const char *detail = record_str(r, "detail"), *word = record_str(r, "error");
	s->phase = NAS_COMMAND;
	if (!nas_take_line(s, r)) {
		forget_line(s);
		nas_log(s, 324, "busy", "detail", detail);
		nas_error(s, word ? sp_exit_of(word) : SP_BUSY, 324, detail ? detail : "no line is free");
	} else {
		nas_log(s, 324, "acknowledged", "line", s->line);
		loop_at(s->loop, &s->unused, clock_deadline(s->conf->dial), unused, s);
		nas_print(s, "OK Dial string acknowledged, line %s ready.\n", s->line);
	}
	nas_prompt(s);
}

static void do_begin(struct nas_session *s, const char *arg)
{
	char name[2 * NAS_WORD + 128];
	const char *why;
	(void)arg;
	if (s->call)
		nas_error(s, SP_BUSY, 325, "a call is in progress");
	else if (!s->dial[0])
		nas_error(s, SP_USAGE, 325, "dial first");
	else if ((why = nas_permit_refusal(s, s->dial)) != NULL)
		refuse_dial(s, s->dial, 324, why);
	else if (!nas_link_name(s, name, sizeof name))
		nas_error(s, SP_USAGE, 325, "the user's name is too long");
	else {
		loop_cancel(s->loop, &s->unused);
		s->deadline = clock_deadline(s->conf->dial);
		nas_print(s, "OK dialing\n");
		nas_permit_begin(s);
		nas_place(s);
	}
}

static void do_hangup(struct nas_session *s, const char *arg)
{
	(void)arg;
	if (!s->call && s->line[0]) {
		forget_line(s);
		nas_send(s, "release", NULL);
		nas_print(s, "OK the line is given back\n");
		return;
	}
	if (!s->call) {
		nas_error(s, SP_NONE, 326, "there is no call");
		return;
	}
	nas_print(s, "OK hanging up\n");
	nas_call_close(s->call, REASON_USER_REQUEST);
}

void nas_command_row(struct nas_session *s, struct record *r)
{
	static const char *const keys[] = { "line", "address", "group", "state", "since", "phone", "calls", "failures", "reason", "detail" };
	char text[1400];
	size_t n = 0;
	if (view_is(record_get(r, "op"), "rows")) {
		s->phase = NAS_COMMAND;
		nas_print(s, "OK\n");
		nas_prompt(s);
		return;
	}
	for (size_t i = 0; i < sizeof keys / sizeof *keys && n < sizeof text; i++)
		if (record_get(r, keys[i]).n)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s=%s", n ? " " : "", keys[i], record_str(r, keys[i]));
	text_tame(text, strlen(text));
	nas_print(s, "%s\n", text);
}

static void do_show(struct nas_session *s, const char *arg)
{
	struct nas_call_counts n = { 0 };
	if (strcmp(arg, "lines") == 0) {
		s->phase = NAS_WAIT;
		nas_send(s, "lines", NULL);
		return;
	}
	if (*arg) {
		nas_error(s, SP_USAGE, 324, "show, or show lines");
		return;
	}
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
	{ "permit", "TEXT", "what says that you may call it (is not shown)", nas_permit_line },
	{ "dial", "NUMBER", "what to call: a telephone number, ?group=, line=, speed=; or tcp:HOST:PORT, ...", do_dial },
	{ "begin", NULL, "places the call; its progress is shown", do_begin },
	{ "hangup", NULL, "ends the call; without one, gives the line back", do_hangup },
	{ "show", "[lines]", "who you are, and the call; or the router's lines", do_show },
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
	if (!*line || !nas_login_holds(s))
		return;
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(line, commands[i].name) != 0)
			continue;
		bool optional = commands[i].takes && *commands[i].takes == '[';
		if (!optional && (commands[i].takes != NULL) != (*arg != '\0'))
			nas_error(s, SP_USAGE, 324, commands[i].takes ? "something is missing behind that: help" : "nothing belongs behind that: help");
		else
			commands[i].run(s, arg);
		return;
	}
	nas_error(s, SP_USAGE, 324, "no such command: help");
}
