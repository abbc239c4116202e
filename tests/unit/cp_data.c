/* cp_data.c - LCP, IPCP and CCP by the packets of tests/data/ppp/lcp.txt and so on:
 * what comes in, what goes out, which state follows. */
#include "base/num.h"
#include "unit/tap.h"
#include "wire/ccp.h"
#include "wire/ipcp.h"
#include "wire/lcp.h"

#include <ctype.h>
#include <stdlib.h>

static char answer[8192]; /* what was sent since the last '<', as hex */

static void on_send(void *arg, const struct cp *cp, const uint8_t *p, size_t n)
{
	size_t at = strlen(answer);
	(void)arg;
	(void)cp;
	if (at && at < sizeof answer - 2)
		answer[at++] = ' ';
	for (size_t i = 0; i < n && at + 3 < sizeof answer; i++)
		at += (size_t)snprintf(answer + at, 3, "%02x", p[i]);
	answer[at] = '\0';
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

static void begin_lcp(struct cp *cp, const char *role)
{
	unsigned methods = (strstr(role, "pap") ? LCP_PAP : 0u) | (strstr(role, "chap") ? LCP_CHAP : 0u) |
	                   (strstr(role, "msv2") ? LCP_MSCHAP : 0u);
	bool caller = strncmp(role, "caller", 6) == 0;
	cp_init(cp, &lcp_kind, &ops, NULL);
	lcp_want(cp, &(struct lcp_wish){ .mru = LCP_MRU, .allow = caller ? methods : 0, .demand = caller ? 0 : methods });
}

static void begin_ipcp(struct cp *cp, const char *role)
{
	cp_init(cp, &ipcp_kind, &ops, NULL);
	bool gives = strncmp(role, "gives", 5) == 0, fixed = strncmp(role, "fixed", 5) == 0;
	ipcp_want(cp, &(struct ipcp_wish){ .local = gives ? 0xc0000201 : fixed ? 0xc0000209 : 0,
	               .peer = gives ? 0xc0000202 : 0, .vj = strstr(role, "-vj") });
}

static void begin_ccp(struct cp *cp, const char *role)
{
	(void)role;
	cp_init(cp, &ccp_kind, &ops, NULL);
	ccp_want(cp);
}

static size_t unhex(const char *text, uint8_t *to, size_t size)
{
	size_t n = 0;
	for (; *text && n < size; text++) {
		char two[3] = { text[0], text[1], 0 };
		if (isspace((unsigned char)*text))
			continue;
		to[n++] = (uint8_t)strtoul(two, NULL, 16);
		text++;
	}
	return n;
}

static void squeeze(char *text)
{
	char *o = text;
	for (; *text; text++)
		if (!isspace((unsigned char)*text))
			*o++ = *text;
	*o = '\0';
}

static void one_line(struct cp *cp, char *line, const char *title)
{
	uint8_t packet[4096];
	const char *why;
	char what[800];
	snprintf(what, sizeof what, "%s: %s", title, line);
	if (*line == '<') {
		answer[0] = '\0';
		cp_input(cp, 1000, packet, unhex(line + 1, packet, sizeof packet), &why);
	} else if (*line == '>') {
		squeeze(++line);
		check_str(answer, strcmp(line, "nothing") == 0 ? "" : line, what);
	} else {
		check_str(cp_state_name(cp->state), line + 2, what);
	}
}

static void file(const char *name, void (*begin)(struct cp *, const char *))
{
	char path[256], line[512], title[256] = "";
	struct cp cp;
	snprintf(path, sizeof path, "tests/data/ppp/%s", name);
	FILE *f = fopen(path, "r");
	if (!check(f != NULL, "%s is there", path))
		return;
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		char *colon = strchr(line, ':');
		if (*line == '#' || !*line)
			continue;
		if (strchr("<>=", *line)) {
			one_line(&cp, line, title);
			continue;
		}
		snprintf(title, sizeof title, "%s", colon + 1);
		*colon = '\0';
		begin(&cp, line);
		cp_event(&cp, 0, CP_OPEN);
		cp_event(&cp, 0, CP_UP);
	}
	fclose(f);
}

int main(void)
{
	file("lcp.txt", begin_lcp);
	file("ipcp.txt", begin_ipcp);
	file("ccp.txt", begin_ccp);
	return tap_done();
}
