/* talk_hard.c - devices that make it hard: echoes wrapped at the margin, drawn again
 * or scrolled, pagers, escape sequences, prompts in data; and secrets, wherever they
 * turn up, are never shown. */
#include "unit/talking.h"

#include "base/num.h"
#include "engine/talk.h"
#include "engine/talk_line.h"
#include "engine/transcript.h"

#include <stdlib.h>
#include <unistd.h>

static struct {
	char sent[2048], states[512], detail[4096];
	enum sp_exit status;
	int step;
	bool ready;
} got;

static void on_send(void *arg, struct view v)
{
	(void)arg;
	snprintf(got.sent + strlen(got.sent), 512, "%.*s", (int)v.n, v.p);
}

static void on_state(void *arg, const char *name, int step)
{
	(void)arg;
	snprintf(got.states + strlen(got.states), 64, "%s/%d ", name, step);
}

static void on_note(void *arg, int step, const char *word)
{
	(void)arg;
	(void)step;
	(void)word;
}

static void on_progress(void *arg, int step, struct record *f)
{
	(void)arg;
	(void)step;
	(void)f;
}

static void on_ready(void *arg, struct record *f)
{
	(void)arg;
	(void)f;
	got.ready = true;
}

static void on_end(void *arg, enum sp_exit status, int step, const char *detail, struct record *f)
{
	(void)arg;
	(void)f;
	got.status = status;
	got.step = step;
	snprintf(got.detail, sizeof got.detail, "%s", detail);
}

static const struct talk_ops ops = { on_send, on_state, on_note, on_progress, on_ready, on_end };

static void begin(struct it *i, const char *text, const char *record)
{
	memset(&got, 0, sizeof got);
	talking(i, text, record, &ops);
}

static void say(struct it *i, const char *text, bool single)
{
	for (const char *p = text; single && *p; p++)
		talk_input(i->t, (struct view){ p, 1 }, 0);
	if (!single)
		talk_input(i->t, view_of(text), 0);
}

#define SHELL "profile t\nstart a\nhangup z\nany\n prompt \" ?--More-- \" put \" \"\n" \
	"state a step 1 timeout 5\n prompt \"r1#\" send \"set %{long}\" -> b\n" \
	"state b step 2 timeout 5\n line \"danger\" fail denied 9 \"an echo was taken for an answer\"\n line \"good\" ready -> c\n" \
	"state c step 3 timeout never\n prompt \"r1#\" send \"next\"\nstate z\n enter done\n"
#define LONG "long=aaaaaaaaaa bbbbbbbbbb danger"

static void echoes(void)
{
	static const struct { const char *how, *said; } echo[] = {
		{ "whole", "set aaaaaaaaaa bbbbbbbbbb danger\r\n" },
		{ "wrapped with CR LF", "set aaaaaaaaaa bbbbbbbbbb \r\ndanger\r\n" },
		{ "wrapped into three", "set aaaaaaaaaa \r\nbbbbbbbbbb \r\ndanger\r\n" },
		{ "wrapped with a blank and CR", "set aaaaaaaaaa bbbbbbbbbb  \rdanger\r\n" },
		{ "scrolled by backspaces and $", "set aaaaaaaaaa bbbb\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b$bbbbbbbbbb danger\r\n" },
		{ "scrolled after CR", "set aaaaaaaaaa bbbb\rr1#$bbbbbb danger\r\n" },
		{ "drawn again", "set aaaaaaaaaa bb\rr1#set aaaaaaaaaa bbbbbbbbbb danger\r\n" },
		{ "coloured", "\x1b[1;32mset aaaaaaaaaa\x1b[0m bbbbbbbbbb danger\x1b[K\r\n" },
		{ "corrected by cursor left", "set aaaaaaaaaa bbbbbbbbbb dangex\x1b[1Dr\r\n" },
		{ "left away", "\r\n" },
	};
	for (size_t e = 0; e < sizeof echo / sizeof *echo; e++)
		for (int single = 0; single < 2; single++) {
			struct it i;
			begin(&i, SHELL, LONG);
			say(&i, "r1#", single);
			say(&i, echo[e].said, single);
			say(&i, "good\r\nr1#", single);
			check(got.ready && strcmp(got.sent, "set aaaaaaaaaa bbbbbbbbbb danger\nnext\n") == 0, "an echo %s%s", echo[e].how,
			      single ? ", in single bytes" : "");
			end(&i);
		}
	struct it i;
	begin(&i, SHELL, LONG);
	say(&i, "r1#", false);
	say(&i, "set aaaaaaaaaa bbbbbbbbbb danger\r\ndanger\r\n", false);
	check(got.status == SP_DENIED, "the same behind its echo is an answer");
	end(&i);
}

static void pagers(void)
{
	static const char *const erase[] = { "\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b", "\r          \r", "\r\x1b[K", "\x1b[2K\r", "" };
	for (size_t e = 0; e < sizeof erase / sizeof *erase; e++)
		for (int single = 0; single < 2; single++) {
			struct it i;
			begin(&i, SHELL, "long=x");
			say(&i, "r1#", single);
			say(&i, "set x\r\nline 1\r\n --More-- ", single);
			say(&i, erase[e], single);
			say(&i, "good\r\nr1#", single);
			check(got.ready && strcmp(got.sent, "set x\n next\n") == 0, "a page that is turned, erasure %zu%s", e,
			      single ? ", in single bytes" : "");
			end(&i);
		}
}

static void look_alikes(void)
{
	struct it i;
	begin(&i, SHELL, "long=x");
	say(&i, "motd: type at r1#\r\n see r1# there\r\n\x1b]0;r1#\ar1", false);
	check_str(got.sent, "", "a prompt in data, in a title, half a prompt: none");
	say(&i, "\x1b[0m#", false);
	check_str(got.sent, "set x\n", "a prompt with a colour in it is one");
	end(&i);
	begin(&i, SHELL, "long=x");
	for (int n = 0; n < 5000 && !talk_ended(i.t); n++)
		say(&i, " --More-- \b\b\b\b\b\b\b\b\b\b", false);
	check(got.status == SP_PEER && got.step == 1 && strstr(got.detail, "for ever"), "pages without end end");
	end(&i);
	begin(&i, SHELL, "long=x");
	for (int n = 0; n < 20; n++) {
		char big[4096];
		memset(big, 'x', sizeof big - 1);
		big[sizeof big - 1] = '\0';
		say(&i, big, false);
	}
	check(talk_ended(i.t) && got.status == SP_PEER && strlen(got.detail) < 1200, "one line without end ends, 1 KiB of it is shown");
	end(&i);
}

static void tries(void)
{
	struct it i;
	begin(&i, "profile t\nstart a\nhangup z\nneed k\nstate a step 7 timeout 1 tries 3\n enter send \"?\"\n timeout -> a\nstate z\n enter done\n", "k=1");
	for (int n = 1; n <= 3; n++)
		talk_tick(i.t, n * 1000);
	check(got.status == SP_TIMEOUT && got.step == 7 && strcmp(got.sent, "?\n?\n?\n") == 0, "asked three times, not more");
	check_str(got.states, "a/7 ", "one state");
	end(&i);
	begin(&i, "profile t\nstart a\nhangup z\nstate a timeout 1 tries 1\n spent set error \"busy\" set detail \"saw %{seen}\" down 5\n timeout -> a\nstate z\n enter done\n", "x=1\tsecret=hush-hush");
	say(&i, "ring hush-hush", false);
	talk_tick(i.t, 1000);
	check(got.status == SP_BUSY && got.step == 5, "spent");
	check_str(got.detail, "saw ring ***", "%%{seen} without secrets");
	end(&i);
	begin(&i, "profile t\nstart a\nhangup z\nneed k\nstate a step 7\n enter send \"?\"\nstate z\n enter done\n", "x=1");
	check(got.status == SP_RECORD && got.step == 7 && !*got.sent && strstr(got.detail, "needs k="), "what is needed is asked for first");
	end(&i);
}

#define SECRET "Sup3r-geheim"
static const char *const leaks[] = {
	SECRET, "x" SECRET "x" SECRET, "Sup3r-\r\ngeheim", "Sup3r-ge \rheim", "Sup\bp3r-geheim", "Sup3\b \b3r-geheim", "Sup3\b\b\b\bSup3r-geheim", "Sup3r\x1b[K-geheim", "Sup3r-\b\b\b\b\b\b$r-geheim",
	"name $eheim\r\n", "S\r\nu\r\np3r-geheim", "Sup3r-ge\b\b\b\b\b\b\b\b\b\b$up3r-geheim", "\rP Sup3r-geheim\r\n", "Sup3r-geh",
};

static bool leaked(const char *text)
{
	static const char *const pieces[] = { "Sup3r", "3r-g", "geheim", "eheim" };
	for (size_t i = 0; i < 4; i++)
		if (strstr(text, pieces[i]))
			return true;
	return false;
}

static void blotted(void)
{
	struct it i;
	for (size_t l = 0; l < sizeof leaks / sizeof *leaks; l++) {
		begin(&i, SHELL, "long=x\tsecret=" SECRET);
		say(&i, leaks[l], false);
		talk_tick(i.t, 5000);
		check(got.status == SP_TIMEOUT && !leaked(got.detail), "not in detail=: way %zu", l);
		end(&i);
	}
	begin(&i, SHELL, "long=x\tsecret=" SECRET);
	for (int n = 0; n < 400; n++)
		say(&i, SECRET, false);
	talk_tick(i.t, 5000);
	check(strstr(got.detail, "******") && !leaked(got.detail), "nor when the beginning was cut off");
	end(&i);
}

static void on_lost(void *arg, int error)
{
	*(int *)arg = error;
}

static void in_transcript(void)
{
	char text[8192];
	for (size_t l = 0; l < sizeof leaks / sizeof *leaks; l++)
		for (size_t piece = 1; piece < 9; piece++) {
			struct it i;
			int pipes[2], lost = 0;
			if (pipe(pipes) != 0)
				abort();
			begin(&i, SHELL, "long=x\tsecret=" SECRET);
			struct transcript *t = transcript_new(&(struct transcript_conf){ pipes[1], "c1", i.p, talk_blot(i.t), &i.vars, 0, on_lost, &lost });
			for (size_t at = 0; at < strlen(leaks[l]); at += piece) {
				transcript_in(t, 1, (struct view){ leaks[l] + at, strlen(leaks[l] + at) < piece ? strlen(leaks[l] + at) : piece }, false);
				transcript_heard(t);
			}
			transcript_out(t, 2, view_of("say " SECRET "\n"));
			transcript_end(t, 3, "ok", 0, "it was " SECRET);
			transcript_free(t);
			ssize_t n = read(pipes[0], text, sizeof text - 1);
			text[n > 0 ? n : 0] = '\0';
			if (leaked(text) || !strstr(text, "text=say %{secret}\\n") || lost)
				check(false, "way %zu in pieces of %zu: %s", l, piece, text);
			else if (piece == 8)
				check(true, "not in a transcript, in any pieces: way %zu", l);
			close(pipes[0]);
			close(pipes[1]);
			end(&i);
		}
}

/* A piece whose end may begin a secret, and about which the talk did something: it is not cut by that. */
static void whole_before_event(void)
{
	char text[4096], piece[] = "up\r\n" SECRET;
	struct it i;
	int pipes[2], lost = 0;
	if (pipe(pipes) != 0)
		abort();
	piece[6] = '\0'; /* CR, LF and two bytes of it */
	begin(&i, SHELL, "long=x\tsecret=" SECRET);
	struct transcript *t = transcript_new(&(struct transcript_conf){ pipes[1], "c1", i.p, talk_blot(i.t), &i.vars, 0, on_lost, &lost });
	transcript_in(t, 1, view_of(piece), false);
	transcript_event(t, 1, "progress", 0, NULL, NULL);
	transcript_heard(t);
	transcript_free(t);
	ssize_t n = read(pipes[0], text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	char *in = strstr(text, "dir=in\ttext=up\\r\\n"), *event = strstr(text, "event=progress");
	check(in && event && in < event && !strstr(in + 1, "dir=in") && in[18] == SECRET[0] && in[19] == SECRET[1], "what a piece did stands behind all of it");
	close(pipes[0]);
	close(pipes[1]);
	end(&i);
}

static void encoding(void)
{
	struct buf b;
	buf_init(&b, 256);
	check(transcript_bytes(view_of("a%%b%1b%{secret}%00"), &b) == 1 && view_eq(buf_view(&b), (struct view){ "a%b\x1b%{secret}\0", 14 }), "bytes of a text");
	check(transcript_bytes(view_of("100% of"), &b) == -1 && transcript_bytes(view_of("%{x"), &b) == -1 && transcript_bytes(view_of("%1"), &b) == -1,
	      "what is no text");
	buf_clear(&b);
}

int main(void)
{
	echoes();
	pagers();
	look_alikes();
	tries();
	blotted();
	in_transcript();
	whole_before_event();
	encoding();
	return tap_done();
}
