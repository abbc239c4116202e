/* ticket.c - unit tests of lib/engine/ticket.h: names, JSON shapes, where a
 * ticket ends, what is refused. */
#include "engine/ticket.h"
#include "unit/tap.h"

#include <stdio.h>
#include <stdlib.h>

/* Everything that comes out for `text`, fed in pieces of `piece` bytes: record
 * lines, and "!LINE reason" for what is refused. */
static char *all(const char *text, size_t piece)
{
	struct ticketin t;
	struct record r = { 0 };
	struct buf out;
	size_t n = strlen(text), at = 0;
	ticketin_init(&t);
	buf_init(&out, 1 << 24);
	for (;;) {
		const char *why = NULL;
		int rc = ticketin_next(&t, at == n, &r, &why);
		if (rc == 1) {
			record_write(&r, &out);
		} else if (rc == -1) {
			buf_printf(&out, "!%lu %s\n", t.where, why);
		} else if (at == n) {
			break;
		} else {
			size_t take = n - at < piece ? n - at : piece;
			ticketin_add(&t, (struct view){ text + at, take });
			at += take;
		}
	}
	buf_addc(&out, '\0');
	record_clear(&r);
	ticketin_clear(&t);
	return out.data;
}

static void same(const char *text, const char *want, const char *what)
{
	char name[200];
	char *whole = all(text, strlen(text) + 1), *bytes = all(text, 1);
	check_str(whole, want, what);
	snprintf(name, sizeof name, "%s, one byte at a time", what);
	check_str(bytes, want, name);
	free(whole);
	free(bytes);
}

static void test_names(void)
{
	same("{\"ticket\":\"T-1\",\"serial\":\"000187260123\"}", "ticket=T-1\tserial=000187260123\n", "plain names");
	same("{\"Serial Number\":\" 0001 \",\"customer-name\":\"Acme\"}", "serial=0001\tcustomer=Acme\n",
	     "case, blanks and hyphens in names, blanks around values");
	same("{\"system\":{\"serial\":1872,\"id\":7},\"site\":{\"id\":\"BOS-2\",\"floor\":3}}",
	     "serial=1872\tsystem.id=7\tsite=BOS-2\tsite.floor=3\n", "nested names");
	same("{\"contact\":{\"phone\":\"1\"},\"phone\":\"2\"}", "contact.phone=1\tphone=2\n",
	     "the caller's telephone is not the system's");
	same("{\"id\":9,\"serial\":\"1\"}", "ticket=9\tserial=1\n", "id stands for ticket");
	same("{\"id\":9,\"ticket\":\"T\"}", "id=9\tticket=T\n", "unless there is a ticket");
	same("{\"title\":\"b\",\"summary\":\"a\"}", "title=b\tproblem=a\n", "the better of two weak names");
	same("{\"serial\":\"\",\"sn\":\"5\"}", "serial=5\n", "an empty value gives way");
	same("{\"serial\":\"5\",\"sn\":\"5\"}", "serial=5\n", "the same value twice");
	same("{\"serial\":\"5\",\"sn\":\"6\"}",
	     "!1 two different values for the same thing (serial, customer, site ...)\n", "two serials");
	same("sn=5\tmade_up=x\n", "serial=5\tmade_up=x\n", "a record's names");
	same("sn=5\terror=denied\n", "sn=5\terror=denied\n", "a failed record stays as it is");
}

static void test_shapes(void)
{
	same("{\"a\":[1,\"x\",true,null,2.5],\"n\":null}", "a=1,x,true,2.5\n", "array of scalars, null");
	same("{\"h\":[{\"at\":1}],\"d\":{\"e\":{\"f\":[2]}}}", "h=[{\"at\":1}]\td.e={\"f\":[2]}\n", "what is deep stays JSON");
	same("{\"K\xc3\xa4se Nr\":1}", "K__se_Nr=1\n", "bytes that no key may have");
	same("{\"error\":\"disk\",\"hold\":\"x\",\"token\":\"y\"}", "ticket.error=disk\tticket.hold=x\tticket.token=y\n",
	     "names that would mean something to others");
	same("[{\"sn\":1},\n {\"sn\":2}]\n", "serial=1\nserial=2\n", "an array");
	same("{\"sn\":1}{\"sn\":2}\n\n{\n\"sn\":3}", "serial=1\nserial=2\nserial=3\n", "a stream");
	same("{\"sn\":1}\nsn=2\n{\"sn\":3}\n", "serial=1\nserial=2\nserial=3\n", "JSON and records mixed");
	same("{\"a\":\"}\\\"]\",\"b\":\"\\\\\"}", "a=}\"]\tb=\\\\\n", "brackets and quotes in strings");
	same("{\"a\":\"x\\ty\\nz\"}", "a=x\\ty\\nz\n", "white space in values");
	same("", "", "nothing");
	same(" \n\n {\"sn\":1}\n", "serial=1\n", "blank lines before JSON");
}

static void test_refused(void)
{
	same("{\"sn\":1}\n{\"sn\":\n  ,}\n{\"sn\":2}\n",
	     "serial=1\n!3 not valid JSON: unexpected token near ','\nserial=2\n", "bad JSON names its line");
	same("{\n\"sn\":1,\n", "!3 not valid JSON: string or '}' expected near end of file\n", "cut JSON");
	same("{\"sn\":1,\"sn\":1}", "!1 not valid JSON: duplicate object key near '\"sn\"'\n", "a key twice");
	same("[1]", "!1 not a JSON object\n", "not an object");
	same("{}", "!1 empty JSON object\n", "an empty object");
	same("sn=1\n\nsn=2\n", "serial=1\n!2 empty line\nserial=2\n", "an empty line");
	same("sn=1", "!1 last line has no line feed (cut?)\n", "a cut line");
	same("sn\nsn=1\n", "!1 field without '='\nserial=1\n", "a malformed record");
	char *big = malloc(RECORD_LINE_MAX * 2 + 16);
	memset(big, 'a', RECORD_LINE_MAX * 2);
	strcpy(big + RECORD_LINE_MAX * 2, "\nsn=1\n");
	same(big, "!1 line over 64 KiB\nserial=1\n", "a line that is too long");
	free(big);
}

static void test_identity(void)
{
	struct record r = { 0 };
	record_set(&r, "ticket", "T");
	check(!ticket_identity(&r), "a ticket number is no identity");
	record_set(&r, "serial", "");
	check(!ticket_identity(&r), "nor is an empty serial");
	record_set(&r, "site", "BOS-2");
	check(ticket_identity(&r), "a site is");
	record_clear(&r);
}

int main(void)
{
	test_names();
	test_shapes();
	test_refused();
	test_identity();
	return tap_done();
}
