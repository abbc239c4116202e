/* talk_rows.c - what sp-profile(5) says of rows: which of them is followed, what a condition
 * asks, what a text holds, how a call ends; and that words of a device's do not show secrets. */
#include "unit/talking.h"

#include "base/num.h"
#include "engine/talk.h"

#include <stdlib.h>

#define HEAD "profile t\nstart a\nhangup z\n"
#define TAIL "\nstate z\n enter done\n"
#define SECRET "Sup3r-geheim"

static struct {
	char sent[2048], told[2048], detail[4096];
	enum sp_exit status;
	int step;
	unsigned ends;
} got;

static void on_send(void *arg, struct view v)
{
	(void)arg;
	snprintf(got.sent + strlen(got.sent), 512, "%.*s", (int)v.n, v.p);
}

static void on_note(void *arg, int step, const char *word)
{
	(void)arg;
	(void)step;
	(void)word;
}

static void on_progress(void *arg, int step, struct record *f)
{
	struct buf b;
	(void)arg;
	(void)step;
	buf_init(&b, 1024);
	record_write(f, &b);
	snprintf(got.told, sizeof got.told, "%.*s", (int)(b.len ? b.len - 1 : 0), b.data);
	buf_clear(&b);
}

static void on_ready(void *arg, struct record *f)
{
	(void)arg;
	(void)f;
}

static void on_end(void *arg, enum sp_exit status, int step, const char *detail, struct record *f)
{
	(void)arg;
	(void)f;
	got.status = status;
	got.step = step;
	got.ends++;
	snprintf(got.detail, sizeof got.detail, "%s", detail);
}

static const struct talk_ops ops = { on_send, NULL, on_note, on_progress, on_ready, on_end };

static void begin(struct it *i, const char *text, const char *record)
{
	memset(&got, 0, sizeof got);
	talking(i, text, record, &ops);
}

/* A device that says so much is told that. */
static void sends(const char *rows, const char *record, const char *said, const char *want, const char *what)
{
	char text[2048];
	struct it i;
	snprintf(text, sizeof text, HEAD "%s" TAIL, rows);
	begin(&i, text, record);
	talk_input(i.t, view_of(said), 0);
	check_str(got.sent, want, what);
	end(&i);
}

static void which_row(void)
{
	sends("any\n line \"x\" put \"any\"\nstate a\n line \"x\" put \"own\"", "k=1", "x\n", "own", "a state's own rows are tried before those of any");
	sends("any\n line \"x\" put \"any\"\nstate a\n line \"y\" put \"own\"", "k=1", "x\n", "any", "and these behind them");
	sends("state a\n line \"x.*\" put \"1\"\n line \"x\" put \"2\"", "k=1", "x\n", "1", "the first row that applies");
	sends("state a\n line \"x\" if k put \"k\"\n line \"x\" unless k put \"none\"", "k=1", "x\n", "k", "there is such a field");
	sends("state a\n line \"x\" if k put \"k\"\n line \"x\" unless k put \"none\"", "o=1", "x\n", "none", "there is none");
	sends("state a\n line \"x\" if k put \"k\"\n line \"x\" unless k put \"none\"", "k=", "x\n", "none", "an empty one is none");
	sends("state a\n line \"s\" set k \"\"\n line \"x\" if k put \"k\"\n line \"x\" unless k put \"none\"", "k=1", "s\nx\n", "none",
	      "a field that was set counts before the record's");
	sends("any\n enter put \"any \"\nstate a\n line \"x\" -> b\nstate b\n enter put \"own\"", "k=1", "x\n", "any own", "enter, of any too");
}

static void texts(void)
{
	sends("state a\n line \"(a)(b)(c)(d)(e)(f)(g)(h)(i)\" put \"\\9\\1%{k}\"", "k=v", "abcdefghi\n", "iav", "\\1 to \\9, and a field");
	sends("state a\n line \"x\" put \"\\r\\n\\t\\e\\\"\\\\%%{k}\"", "k=v", "x\n", "\r\n\t\x1b\"\\%{k}", "escapes");
	sends("state a\n line \"(.*)-(.*)\" set k \"\\2\" put \"%{k}%{o}\"", "k=v\to=w", "x-y\n", "yw", "a field that was set, before that of the record");
	sends("state a\n line \"x\" send \"%{seen}\"", "k=v", "x\n", "", "what was seen is not sent");
	check(got.status == SP_RECORD, "and ends it");
	sends("state a\n line \"x\" fields \"k=1 no o=a=b detail=all the rest k=2\" put \"%{k} %{o} %{detail}\"", "z=1", "x\n",
	      "1 a=b all the rest k=2", "fields of a text");
}

static void ends(void)
{
	struct it i;
	begin(&i, HEAD "state a\n line \"x\" down 326" TAIL, "k=1");
	talk_input(i.t, view_of("x\n"), 0);
	check(got.status == SP_OK && got.step == 326 && got.ends == 1, "down without error= is an orderly end");
	end(&i);
	begin(&i, HEAD "state a\n line \"x\" set error \"busy\" set detail \"why\" down 326" TAIL, "k=1");
	talk_input(i.t, view_of("x\n"), 0);
	check(got.status == SP_BUSY && got.step == 326, "with one it is that, with the row's step");
	check_str(got.detail, "why", "and the field's detail");
	end(&i);
	begin(&i, HEAD "state a\n line \"x\" set error \"peer\" set step \"324\" down 326" TAIL, "k=1");
	talk_input(i.t, view_of("x\n"), 0);
	check(got.status == SP_PEER && got.step == 324, "or the field's");
	end(&i);
	begin(&i, "profile t\nstart a\nhangup z\nstate a\n line \"x\" -> a\nstate z\n enter down 7\n", "k=1");
	talk_hangup(i.t, 0);
	check(got.status == SP_OK && got.ends == 1 && got.step == 7, "the hangup goes the same way");
	end(&i);
}

static void renewed(void)
{
	struct it i;
	begin(&i, HEAD "state a\n line \"x\" -> b\nstate b\n renewed put \"new\"" TAIL, "k=1");
	talk_renewed(i.t, 0);
	check(!*got.sent && !got.ends && strcmp(talk_state(i.t), "a") == 0, "a state without a row for another permit goes on");
	talk_input(i.t, view_of("x\n"), 0);
	talk_renewed(i.t, 0);
	check_str(got.sent, "new", "one with such a row follows it");
	end(&i);
}

/* detail= is for people, who shall not read secrets in what a device says about them. */
static void not_shown(void)
{
	static const char *const rows[] = {
		" line \"bad (.*)\" fail peer 325 \"it says: \\1\"",
		" line \"bad (.*)\" set error \"peer\" set detail \"it says: \\1\" progress down 325",
		" line \"bad (.*)\" fields \"error=peer detail=it says: \\1\" progress down 325",
	};
	for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
		char text[512];
		struct it i;
		snprintf(text, sizeof text, HEAD "secret pin\nstate a\n%s" TAIL, rows[n]);
		begin(&i, text, "k=1\tpin=" SECRET);
		talk_input(i.t, view_of("bad pin " SECRET "!\n"), 0);
		check(got.status == SP_PEER && got.step == 325, "row %zu ends it", n);
		check_str(got.detail, "it says: pin ***!", "without the secret");
		check(!strstr(got.told, SECRET) && (n == 0 || strstr(got.told, "detail=it says: pin ***!")), "nor is it told as progress");
		end(&i);
	}
}

int main(void)
{
	which_row();
	texts();
	ends();
	renewed();
	not_shown();
	return tap_done();
}
