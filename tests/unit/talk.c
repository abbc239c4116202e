/* talk.c - profiles that are read and followed: what a device says in pieces, what
 * looks like a prompt and is none, what is never shown. */
#include "unit/tap.h"

#include "base/num.h"
#include "engine/talk.h"

#include <stdlib.h>

#define HEAD "profile t\nstart a\nhangup z\n"
#define TAIL "\nstate z\n enter done\n"

static struct {
	struct buf sent;
	char what[4096];
	enum sp_exit status;
	int step;
	char detail[4096];
	bool ready;
	struct talk *hangs_up; /* who is told that it is ready hangs this one up */
} got;

static void on_send(void *arg, struct view v)
{
	(void)arg;
	buf_addv(&got.sent, v);
}

static void on_note(void *arg, int step, const char *word)
{
	(void)arg;
	snprintf(got.what + strlen(got.what), 64, "note %d %s;", step, word);
}

static void on_progress(void *arg, int step, struct record *f)
{
	(void)arg;
	(void)step;
	const char *s = record_str(f, "state");
	snprintf(got.what + strlen(got.what), 64, "progress %s;", s ? s : "");
}

static void on_ready(void *arg, struct record *f)
{
	(void)arg;
	(void)f;
	got.ready = true;
	if (got.hangs_up)
		talk_hangup(got.hangs_up, 0);
}

static void on_end(void *arg, enum sp_exit status, int step, const char *detail, struct record *f)
{
	(void)arg;
	(void)f;
	got.status = status;
	got.step = step;
	snprintf(got.detail, sizeof got.detail, "%s", detail);
	strcat(got.what, "end;");
}

static const struct talk_ops ops = { on_send, NULL, on_note, on_progress, on_ready, on_end };

static struct profile *read_profile(const char *text)
{
	unsigned long line = 0;
	const char *why = "";
	struct profile *p = profile_parse(view_of(text), &line, &why);
	if (!p)
		check(false, "line %lu: %s", line, why);
	return p;
}

static void refused(const char *text, unsigned long want_line, const char *want)
{
	unsigned long line = 0;
	const char *why = NULL;
	struct profile *p = profile_parse(view_of(text), &line, &why);
	check(!p && line == want_line, "refused at line %lu (%lu)", want_line, line);
	check_str(why, want, "and why");
	profile_free(p);
}

struct it {
	struct profile *p;
	struct record vars;
	struct secret password;
	struct talk *t;
};

static void begin(struct it *i, const char *text, const char *record)
{
	const char *why;
	memset(i, 0, sizeof *i);
	buf_clear(&got.sent);
	memset(&got, 0, sizeof got);
	buf_init(&got.sent, 65536);
	i->p = read_profile(text);
	record_parse(&i->vars, view_of(record), &why);
	secret_set(&i->password, view_of("Geheim-77"));
	struct talk_conf c = { i->p, &i->vars, &i->password, &ops, NULL };
	i->t = talk_new(&c);
	talk_start(i->t, 0);
}

static void say(struct it *i, const char *text)
{
	talk_input(i->t, view_of(text), 0);
}

static void sent(const char *want, const char *what)
{
	char text[4096];
	view_str(buf_view(&got.sent), text, sizeof text);
	check_str(text, want, what);
	got.sent.len = 0;
}

static void end(struct it *i)
{
	talk_free(i->t);
	profile_free(i->p);
	record_clear(&i->vars);
	buf_clear(&got.sent);
}

static const char login[] = HEAD
	"state a step 316 timeout 5\n prompt \"User: \" send \"%{user}\" -> b\n"
	"state b step 317\n prompt \"Password: \" send \"%{password}\" -> c\n"
	"state c step 320 timeout 5\n line \"Welcome (.*)\" set state \"\\1\" progress note 323 in ready -> d\n"
	" line \"Error ([a-z]+)\" fail \"\\1\" \"320\" \"device said \\1\"\n"
	"state d timeout never\n prompt \"[a-z]+> \" send \"go\" -> d\n line \"bye (.*)\" fields \"\\1\" down 326\n" TAIL;

static void dialogue(void)
{
	struct it i;
	begin(&i, login, "user=alice");
	say(&i, "hello\r\nUs");
	sent("", "half a prompt is none");
	say(&i, "er: ");
	sent("alice\n", "a prompt that came in two pieces");
	say(&i, "alice\r\nPassword: ");
	sent("Geheim-77\n", "the echo is no answer");
	say(&i, "\r\nnot Welcome home\r\n  Welcome x\r\n");
	check(!got.ready, "a line matches whole or not at all");
	say(&i, "Welcome home\r\n");
	check(got.ready, "ready");
	check_str(got.what, "progress home;note 323 in;", "told in the profile's order");
	say(&i, "data with router> inside\r\n");
	sent("", "a prompt inside a line is none");
	say(&i, "router> ");
	sent("go\n", "a prompt");
	say(&i, "go\b\b\bgo\r\n");
	say(&i, "x\rbye error=busy step=325 reason=busy detail=it is busy\r\n");
	check(got.status == SP_BUSY && got.step == 325, "down as its fields say");
	check_str(got.detail, "it is busy", "detail takes the rest");
	talk_tick(i.t, 1000000);
	talk_closed(i.t, 0);
	check_str(got.what + strlen(got.what) - 4, "end;", "after the end nothing happens");
	end(&i);
	begin(&i, login, "user=alice");
	for (const char *p = "User: alice\r\nPassword: \r\nWelcome x\r\n"; *p; p++)
		talk_input(i.t, (struct view){ p, 1 }, 0);
	check(got.ready, "one byte at a time");
	end(&i);
}

static void failures(void)
{
	struct it i;
	begin(&i, login, "user=alice");
	say(&i, "User: ");
	say(&i, "\r\nPassword: ");
	say(&i, "\r\nError denied\r\n");
	check(got.status == SP_DENIED && got.step == 320, "a failure by the device's word");
	end(&i);
	begin(&i, login, "user=alice");
	say(&i, "User: ");
	say(&i, "\r\nPassword: ");
	say(&i, "Geheim-77 and Geheim-77\r\n");
	check(talk_deadline(i.t) == 5000, "the state's deadline");
	talk_tick(i.t, 4999);
	check(!talk_ended(i.t), "not before");
	talk_tick(i.t, 5000);
	check(got.status == SP_TIMEOUT && got.step == 320, "timeout with the state's step");
	check(strstr(got.detail, "Password: *** and ***") != NULL, "what was seen is shown, the secret is not");
	check(strstr(got.detail, "Geheim") == NULL, "not at all");
	end(&i);
	begin(&i, login, "user=alice");
	talk_closed(i.t, 0);
	check(got.status == SP_PEER && got.step == 316, "closed in the middle");
	end(&i);
	begin(&i, login, "user=al\\nice");
	say(&i, "User: ");
	check(got.status == SP_RECORD && got.sent.len == 0, "a value with a line feed is not sent");
	end(&i);
	begin(&i, login, "name=alice");
	say(&i, "User: ");
	check(got.status == SP_RECORD && strstr(got.detail, "user="), "a value that is missing is named");
	end(&i);
	begin(&i, login, "user=alice");
	for (int n = 0; n < 2000 && !talk_ended(i.t); n++)
		say(&i, "still not what you are waiting for\r\n");
	check(got.status == SP_PEER && strstr(got.detail, "for ever"), "endless output ends");
	end(&i);
	begin(&i, HEAD "state a\n enter -> b\nstate b\n enter -> a" TAIL, "x=1");
	check(got.status == SP_USAGE && strstr(got.detail, "circles"), "a profile that goes in circles");
	end(&i);
}

static void no_echo(void)
{
	struct it i;
	begin(&i, login, "user=alice");
	say(&i, "User: ");
	say(&i, "Password: ");
	say(&i, "Welcome home\r\n");
	check(got.ready, "a device that echoes nothing, not even line ends");
	end(&i);
	begin(&i, HEAD "state a\n prompt \"User: \" send \"%{user}\" -> b\nstate b\n line \"Error x\" fail denied 320 \"no\"" TAIL, "user=Error x");
	say(&i, "User: ");
	say(&i, "Error x\r\n");
	check(!talk_ended(i.t), "the echo of what was sent is no answer");
	end(&i);
}

static void settling(void)
{
	struct it i;
	begin(&i, HEAD "settle 50\nstate a\n prompt \"[a-z]+> \" send \"x\" -> a" TAIL, "x=1");
	say(&i, "router> ");
	check(talk_deadline(i.t) == 50 && got.sent.len == 0, "a prompt has to settle");
	say(&i, "was only data\r\n");
	talk_tick(i.t, 50);
	sent("", "what was followed by more is none");
	say(&i, "router> ");
	talk_tick(i.t, 50);
	sent("x\n", "what was not is one");
	talk_hangup(i.t, 0);
	check(talk_ended(i.t) && got.status == SP_OK, "hung up");
	end(&i);
}

static void left_within(void)
{
	struct it i;
	begin(&i, "profile t\nstart a\nhangup z\nstate a\n line \"up\" ready send \"not any more\" -> d\n"
	          "state d timeout never\n line \"x\" done\n"
	          "state z timeout 2\n enter send \"quit\"\n line \"bye\" done\n", "x=1");
	got.hangs_up = i.t;
	say(&i, "up\r\n");
	check_str(talk_state(i.t), "z", "hung up by who was told: the row is not followed on");
	sent("quit\n", "nor are its other actions");
	check(talk_deadline(i.t) == 2000, "and the time is that of the state");
	say(&i, "bye\r\n");
	check(talk_ended(i.t) && got.status == SP_OK, "it ends");
	end(&i);
	begin(&i, "profile t\nstart a\nhangup z\nstate a\n line \"in\" -> e\nstate e\n enter ready send \"nor this\" -> d\n"
	          "state d timeout never\n line \"x\" done\nstate z\n enter send \"quit\"\n line \"bye\" done\n", "x=1");
	got.hangs_up = i.t;
	say(&i, "in\r\n");
	check_str(talk_state(i.t), "z", "the same where a state is entered");
	sent("quit\n", "that is all");
	end(&i);
}

static void shipped(void)
{
	char text[65536];
	FILE *f = fopen("share/profiles/sp-nas.profile", "r");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	unsigned long line = 0;
	const char *why = "";
	struct profile *p = profile_parse((struct view){ text, n }, &line, &why);
	check(p != NULL, "our own profile (line %lu: %s)", line, why);
	profile_free(p);
	if (f)
		fclose(f);
}

int main(void)
{
	dialogue();
	failures();
	no_echo();
	settling();
	left_within();
	shipped();
	refused("start a\n", 1, "does not begin with: profile NAME");
	refused("profile t\nstart a\n", 0, "profile, start and hangup are needed");
	refused(HEAD "state a\n line \"(\" done" TAIL, 5, "not a POSIX extended expression");
	refused(HEAD "state a\n line \"x{3}\" done" TAIL, 5, "no intervals: write the repetition out, or \\{ for the brace");
	refused(HEAD "state a\n line \"(x)\\1\" done" TAIL, 5, "no back references in an expression");
	refused(HEAD "state a\n line \"x\" set k \"\\1\"" TAIL, 5, "\\N without such a group in the expression");
	refused(HEAD "state a\n line \"x\" send \"%{a b}\"" TAIL, 5, "neither %{KEY} nor %%");
	refused(HEAD "state a\n line \"x\" -> nowhere" TAIL, 5, "-> a state that does not exist");
	refused(HEAD "state a\n line \"x\"" TAIL, 5, "a row that does nothing");
	refused(HEAD "state a\n line \"x\" jump" TAIL, 5, "neither an action nor ->");
	refused(HEAD "state a\n line \"x done" TAIL, 5, "a \" is not closed");
	refused(HEAD "line \"x\" done\nstate a" TAIL, 4, "a row before the first state");
	refused(HEAD "state a\nstate a" TAIL, 5, "a state of that name exists already");
	refused(HEAD "state a timeout soon\n enter done" TAIL, 4, "timeout SECONDS or never");
	return tap_done();
}
