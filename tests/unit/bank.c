/* bank.c - dial strings that are numbers; a bank's lines: who gets which, what becomes of those that fail. */
#include "engine/bank.h"
#include "unit/tap.h"

static void number(const char *text, const char *want)
{
	struct dialstring d;
	const char *why = "";
	check(dialstring_parse(text, &d, &why), "a dial string: %s", text);
	check_str(d.number, want, "its number");
}

static void no_number(const char *text)
{
	struct dialstring d;
	const char *why = "";
	check(!dialstring_parse(text, &d, &why) && *why, "no dial string: %s", text);
}

static void numbers(void)
{
	struct dialstring d;
	const char *why, *all[] = { "0,1617*", "\\*70*" };
	number("+1 617-555 0199", "+16175550199");
	number("+1 (617) 555-0199", "+16175550199");
	number("0,W*70#ABCD12", "0,W*70#ABCD12");
	number("tcp:127.0.0.1:1", "");
	number("127.0.0.1:1", "");
	number("5550199?group=eu&speed=33600&line=m-1", "5550199");
	check(dialstring_parse("1?group=eu&speed=33600&line=m-1", &d, &why) && d.speed == 33600, "with a speed");
	check_str(d.group, "eu", "a group");
	check_str(d.line, "m-1", "and a line");
	static const char *const bad[] = { "", "12;34", "12\r34", "1\x7f", "12a", "555!", "T5", "555@1", "+", ",,", "*#", "1?x=y", "1?group=",
		"1?group=a,b", "1?speed=fast", "1?speed=299", "1?line=a b", "hello", "?group=a", "5&6", "5\xc2\xa0" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		no_number(bad[i]);
	no_number("1234567890123456789012345678901234567890123456789012345678901234");
	check(dialstring_permit(all, 2, "0,16175550199") && dialstring_permit(all, 2, "*70555"), "permitted");
	check(!dialstring_permit(all, 2, "0,00900") && !dialstring_permit(all, 2, "170555") && !dialstring_permit(all, 0, "1"), "not permitted");
}

static char told[4096];

static void changed(void *arg, const struct bank_line *l)
{
	(void)arg;
	size_t n = strlen(told);
	snprintf(told + n, sizeof told - n, "%s=%s ", l->name, bank_state_name(l->state));
}

static const char *take(struct bank *b, const char *text)
{
	struct dialstring d;
	const char *why = "?";
	struct bank_line *l = dialstring_parse(text, &d, &why) ? bank_take(b, &d, &why) : NULL;
	return l ? l->name : why;
}

static struct bank_line *line(struct bank *b, const char *name)
{
	return bank_find(b, view_of(name));
}

static void configured(void)
{
	struct bank b = { 0 };
	const char *why;
	static const char *const bad[] = { "m1", "=tcp:a:1", "m1=", "m 1=tcp:a:1", "m1=fd:3", "m1=udp:a:1", "m1=tcp:a", "m1=tcp:a:1?init=x" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		check(!bank_add(&b, bad[i], &why), "no line: %s", bad[i]);
	check(bank_add(&b, "m1=modem:/dev/ttyS0?init=AT%26F", &why) && !bank_add(&b, "m1=tcp:a:1", &why), "twice");
	check(bank_hunt(&b, "eu=m1", &why) && !bank_hunt(&b, "eu=m1", &why), "a group twice");
	check(!bank_hunt(&b, "us=m1,m2", &why) && !bank_hunt(&b, "us=", &why) && !bank_hunt(&b, "us", &why) && !bank_hunt(&b, "u s=m1", &why),
	      "no groups");
	check_str(take(&b, "1?line=m9"), "there is no such line", "refused");
	check_str(take(&b, "1?group=us"), "there is no such hunt group", "refused");
	check_str(line(&b, "m1")->shown, "modem:/dev/ttyS0", "shown without its options");
	bank_clear(&b);
	check_str(take(&b, "1"), "this router has no line that dials", "an empty bank");
}

static void hunting(void)
{
	struct bank b = { .retry = 1000, .changed = changed };
	char groups[64];
	const char *why;
	bank_add(&b, "m1=modem:/dev/ttyS0", &why);
	bank_add(&b, "m2=telnet:ts:2001?modem=yes", &why);
	bank_add(&b, "lease=tcp:ts:2002", &why);
	bank_add(&b, "m3=modem:/dev/ttyS1", &why);
	bank_hunt(&b, "eu=m2,m3", &why);
	bank_hunt(&b, "any=lease,m3", &why);
	bank_groups(&b, line(&b, "m3"), groups, sizeof groups);
	check_str(groups, "eu,any", "its groups");
	check_str(take(&b, "1"), "m1", "the first");
	check_str(take(&b, "1"), "m2", "the next");
	bank_idle(&b, line(&b, "m1"));
	check_str(take(&b, "1"), "m3", "still the next, past one that does not dial");
	check_str(take(&b, "1"), "m1", "round again");
	check_str(take(&b, "1"), "no line is free", "all that dial are taken");
	check_str(take(&b, "1?group=any"), "lease", "a group may have others");
	bank_idle(&b, line(&b, "lease"));
	check_str(take(&b, "1?line=lease"), "lease", "so may he who names it");
	check_str(take(&b, "1?line=lease"), "no line is free", "once");
	bank_idle(&b, line(&b, "m2"));
	check_str(take(&b, "1?group=any"), "no line is free", "not of this group");
	check_str(take(&b, "1?group=eu"), "m2", "but of that");
	bank_clear(&b);
}

static void failing(void)
{
	struct bank b = { .retry = 1000, .changed = changed };
	const char *why;
	bank_add(&b, "m1=modem:/dev/ttyS0", &why);
	struct bank_line *l = line(&b, "m1");
	told[0] = '\0';
	take(&b, "55 5");
	bank_dials(l);
	check_str(l->phone, "555", "what it calls");
	bank_out(&b, l, false, "port-error", "the modem does not answer");
	check(l->failures == 1 && l->calls == 1 && l->delay == 1000 && !*l->phone, "out of service");
	check_str(take(&b, "1"), "every line is out of service", "and nobody gets it");
	bank_out(&b, l, false, "port-error", "the modem does not answer");
	check(l->failures == 1 && l->delay == 2000, "tried in vain: later and later");
	for (int i = 0; i < 20; i++)
		bank_out(&b, l, false, "port-error", "the modem does not answer");
	check(l->delay == 600000, "but not for ever");
	bank_idle(&b, l);
	check(!*l->reason && l->delay == 600000, "it works again; it may fail again");
	take(&b, "1");
	bank_out(&b, l, true, "busy", "process 1 has it");
	check(l->failures == 1 && l->delay == 1000, "held by another program: no failure");
	bank_idle(&b, l);
	take(&b, "1");
	bank_connected(&b, l);
	bank_connected(&b, l);
	bank_idle(&b, l);
	bank_idle(&b, l);
	check_str(told, "m1=dialing m1=failed m1=idle m1=dialing m1=busy m1=idle m1=dialing m1=connected m1=idle ", "what is told, each change once");
	check(l->delay == 0, "a call that came up makes all good");
	bank_clear(&b);
}

int main(void)
{
	numbers();
	configured();
	hunting();
	failing();
	return tap_done();
}
