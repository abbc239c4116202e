/* cp.c - the automaton's table against RFC 1661, 4.1, cell by cell: below is the
 * RFC's table as it is printed (its footnote letters r, p, x left in place). And
 * what the RFC says beside the table: timers, counters, identifiers. */
#include "wire/cp.h"

#include "base/num.h"
#include "unit/tap.h"
#include "wire/ipcp.h"
#include "wire/lcp.h"

#include <stdlib.h>

static const char rfc_0_5[] =
	" Up   |    2     irc,scr/6     -         -         -         -\n"
	" Down |    -         -         0       tls/1       0         1\n"
	" Open |  tls/1       1     irc,scr/6     3r        5r        5r\n"
	" Close|    0       tlf/0       2         2         4         4\n"
	"  TO+ |    -         -         -         -       str/4     str/5\n"
	"  TO- |    -         -         -         -       tlf/2     tlf/3\n"
	" RCR+ |    -         -       sta/2 irc,scr,sca/8   4         5\n"
	" RCR- |    -         -       sta/2 irc,scr,scn/6   4         5\n"
	" RCA  |    -         -       sta/2     sta/3       4         5\n"
	" RCN  |    -         -       sta/2     sta/3       4         5\n"
	" RTR  |    -         -       sta/2     sta/3     sta/4     sta/5\n"
	" RTA  |    -         -         2         3       tlf/2     tlf/3\n"
	" RUC  |    -         -       scj/2     scj/3     scj/4     scj/5\n"
	" RXJ+ |    -         -         2         3         4         5\n"
	" RXJ- |    -         -       tlf/2     tlf/3     tlf/2     tlf/3\n"
	" RXR  |    -         -         2         3         4         5\n";

static const char rfc_6_9[] =
	" Up   |    -         -         -           -\n"
	" Down |    1         1         1         tld/1\n"
	" Open |    6         7         8           9r\n"
	" Close|irc,str/4 irc,str/4 irc,str/4 tld,irc,str/4\n"
	"  TO+ |  scr/6     scr/6     scr/8         -\n"
	"  TO- | tlf/3p    tlf/3p    tlf/3p         -\n"
	" RCR+ |  sca/8   sca,tlu/9   sca/8   tld,scr,sca/8\n"
	" RCR- |  scn/6     scn/7     scn/6   tld,scr,scn/6\n"
	" RCA  |  irc/7     scr/6x  irc,tlu/9   tld,scr/6x\n"
	" RCN  |irc,scr/6   scr/6x  irc,scr/8   tld,scr/6x\n"
	" RTR  |  sta/6     sta/6     sta/6   tld,zrc,sta/5\n"
	" RTA  |    6         6         8       tld,scr/6\n"
	" RUC  |  scj/6     scj/7     scj/8       scj/9\n"
	" RXJ+ |    6         6         8           9\n"
	" RXJ- |  tlf/3     tlf/3     tlf/3   tld,irc,str/5\n"
	" RXR  |    6         7         8         ser/9\n";

static unsigned actions_of(char *list)
{
	static const char *const word[] = { "irc", "zrc", "scr", "sca", "scn", "str", "sta",
	                                    "scj", "ser", "tld", "tls", "tlu", "tlf" };
	unsigned a = 0;
	for (char *save, *w = strtok_r(list, ",", &save); w; w = strtok_r(NULL, ",", &save))
		for (unsigned i = 0; i < sizeof word / sizeof word[0]; i++)
			a |= strcmp(w, word[i]) == 0 ? 1u << i : 0;
	return a;
}

/* "irc,scr/6", "3r", "-" */
static struct cp_cell cell_of(char *text)
{
	char *slash = strchr(text, '/');
	if (strcmp(text, "-") == 0)
		return (struct cp_cell){ 0, CP_BLANK };
	struct cp_cell c = { 0, (int8_t)atoi(slash ? slash + 1 : text) };
	if (slash) {
		*slash = '\0';
		c.actions = (uint16_t)actions_of(text);
	}
	return c;
}

static void one_cell(enum cp_event e, int state, char *text)
{
	char printed[32];
	snprintf(printed, sizeof printed, "%s", text);
	struct cp_cell want = cell_of(text), got = cp_table[e][state];
	check(want.next == got.next && want.actions == got.actions, "%s in %s is %s", cp_event_name(e),
	      cp_state_name((enum cp_state)state), printed);
}

static void table(const char *rfc, int first, int columns)
{
	char text[2048], *line_save, *save;
	snprintf(text, sizeof text, "%s", rfc);
	int e = 0;
	for (char *line = strtok_r(text, "\n", &line_save); line; line = strtok_r(NULL, "\n", &line_save), e++) {
		char *name = strtok_r(line, " |", &save), *cell;
		check_str(name, cp_event_name((enum cp_event)e), "the RFC's row");
		int n = 0;
		while ((cell = strtok_r(NULL, " |", &save)))
			one_cell((enum cp_event)e, first + n++, cell);
		check(n == columns, "%s: %d cells", name, n);
	}
	check(e == CP_EVENTS, "all events");
}

/* Every state that waits has a timer, in every way it can be entered. */
static unsigned sent_code, sent_id, sent;
static void on_send(void *arg, const struct cp *cp, const uint8_t *p, size_t n)
{
	(void)arg;
	(void)cp;
	(void)n;
	sent_code = p[0];
	sent_id = p[1];
	sent++;
}
static void on_told(void *arg, struct cp *cp, enum cp_action what)
{
	(void)arg;
	(void)cp;
	(void)what;
}
static uint32_t on_random(void *arg)
{
	(void)arg;
	return 0x12345678;
}
static const struct cp_ops ops = { on_send, on_told, on_random };

static void timers(void)
{
	unsigned wrong = 0, cells = 0;
	for (int e = 0; e < CP_EVENTS; e++)
		for (int s = 0; s < CP_STATES; s++) {
			struct cp cp;
			cp_init(&cp, &ipcp_kind, &ops, NULL);
			cp.state = (enum cp_state)s;
			cp.timer = s >= CP_CLOSING && s <= CP_ACK_SENT ? 500 : CLOCK_NEVER;
			cp.left = 3;
			cp_event(&cp, 1000, (enum cp_event)e);
			bool waits = cp.state >= CP_CLOSING && cp.state <= CP_ACK_SENT;
			cells++;
			wrong += waits != (cp.timer != CLOCK_NEVER);
		}
	check(wrong == 0, "in %u cells the timer runs where, and only where, the state waits", cells);
}

static void counters(void)
{
	struct cp cp;
	cp_init(&cp, &ipcp_kind, &ops, NULL);
	cp_event(&cp, 0, CP_OPEN);
	cp_event(&cp, 0, CP_UP);
	unsigned id = sent_id, n = 1;
	while (cp.state == CP_REQ_SENT && n < 50) {
		cp_tick(&cp, cp.timer - 1);
		sent = 0;
		cp_tick(&cp, cp.timer);
		n += sent;
	}
	check(n == CP_MAX_CONFIGURE && cp.now == 30000, "Max-Configure: %u requests in %lld ms", n, (long long)cp.now);
	check(sent_id == id, "repeated with the same Identifier");
	check(cp.state == CP_STOPPED, "then Stopped");
	cp_event(&cp, 40000, CP_DOWN);
	cp_event(&cp, 40000, CP_UP);
	check(sent_id != id, "a new negotiation has another");
	cp_event(&cp, 40000, CP_CLOSE);
	for (n = 0; cp.state == CP_CLOSING && n < 50; n++)
		cp_tick(&cp, cp.timer);
	check(n == CP_MAX_TERMINATE && sent_code == CP_TERM_REQ, "Max-Terminate: %u", n);
	cp_event(&cp, 50000, CP_TO_PLUS);
	check(cp.blank == 1 && cp.state == CP_CLOSED, "an event that cannot happen is counted, and nothing else");
}

int main(void)
{
	table(rfc_0_5, 0, 6);
	table(rfc_6_9, 6, 4);
	timers();
	counters();
	return tap_done();
}
