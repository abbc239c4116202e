/* fold.c - what a person would call the same name folds to the same bytes. */
#include "base/fold.h"
#include "unit/tap.h"

#include <stdlib.h>

static const char *fold(int (*fn)(struct view, struct buf *), const char *in)
{
	static struct buf b[4];
	static int at;
	struct buf *o = &b[at++ & 3];
	if (!o->max)
		buf_init(o, 4096);
	o->len = 0;
	if (fn(view_of(in), o) != 0 || buf_addc(o, '\0') != 0)
		return "(failed)";
	return o->data;
}

static void same(const char *a, const char *b)
{
	const char *fa = fold(fold_text, a), *fb = fold(fold_text, b);
	if (!check(strcmp(fa, fb) == 0, "%s = %s", a, b))
		printf("# %s # %s\n", fa, fb);
}

static void phone(const char *in, const char *want, bool full_want)
{
	struct buf b;
	bool full;
	buf_init(&b, 100);
	check(fold_phone(view_of(in), &b, &full) == 0 && view_is(buf_view(&b), want) && full == full_want,
	      "phone %s is %s", in, want);
	buf_clear(&b);
}

static void reversed(const char *in, const char *want)
{
	struct buf b;
	buf_init(&b, 100);
	buf_adds(&b, in);
	fold_reverse(&b, 0);
	check(view_is(buf_view(&b), want), "%s reversed", in);
	buf_clear(&b);
}

int main(void)
{
	same("ACME Bank", "acme bank");
	same("MÜLLER", "müller");
	same("Müller", "Muller");
	same("STRASSE", "Straße");
	same("STRAẞE", "straße");
	same("ΑΘΗΝΑ", "Αθήνα");
	same("ΟΔΥΣΣΕΥΣ", "οδυσσεύς");
	same("МОСКВА", "Москва");
	same("ЙОШКАР-ОЛА", "йошкар-ола");
	same("İSTANBUL", "istanbul");
	same("DİYARBAKIR", "diyarbakır");
	same("ISPARTA", "ısparta");
	same("Soci\xc3\xa9t\xc3\xa9", "SOCIE\xcc\x81TE\xcc\x81");
	same("Đà Nẵng", "đà nẵng");
	same("ՀԱՅԱՍՏԱՆ", "հայաստան");
	same("ŁÓDŹ", "łódź");
	check_str(fold(fold_text, "東京 Bank"), "東京 bank", "ideographs stay");
	check_str(fold(fold_text, "a\xff\xc0\xafZ"), "a\xff\xc0\xafz", "what is not UTF-8 stays");
	check_str(fold(fold_text, "\xc3"), "\xc3", "a cut letter stays");
	check_str(fold(fold_text, ""), "", "nothing gives nothing");
	check_str(fold(fold_serial, "00 01-87a/26.X"), "000187a26x", "a serial keeps letters and digits");
	phone("+1 (617) 555-0142", "16175550142", true);
	phone("+49 (0)30 1234", "49301234", true);
	phone("0049 30 1234", "49301234", true);
	phone("030 12345", "3012345", false);
	phone("0142", "0142", false);
	phone("555-0142", "5550142", false);
	phone("no number", "", false);
	reversed("000187", "781000");
	reversed("aßc", "cßa");
	reversed("x\xff", "\xff" "x");
	return tap_done();
}
