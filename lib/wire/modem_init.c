/* modem_init.c - the commands of a dialogue, put together once, and what its
 * owner fetches. Refuses what would be another command than the one that is
 * meant. */
#include "wire/modem.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool dialable(const char *text)
{
	return strspn(text, "0123456789*#ABCDabcd+,WwPpTt@!- ") == strlen(text);
}

bool modem_number(const char *text, const char **why)
{
	*why = "a number is digits, * # A-D + and , W @ ! T P - only";
	if (!dialable(text))
		return false;
	*why = "no number to dial";
	return strpbrk(text, "0123456789*#ABCDabcd") != NULL;
}

/* Blanks and hyphens are for people; modems pass them over, but count them. */
static bool add(char *out, size_t size, const char *text)
{
	size_t n = strlen(out);
	for (; *text; text++) {
		if (*text == ' ' || *text == '-')
			continue;
		if (n + 2 >= size)
			return false;
		out[n++] = *text;
	}
	out[n] = '\0';
	return true;
}

static bool dial_command(struct modem *m, const struct modem_conf *c, const char **why)
{
	if (!modem_number(c->number, why))
		return false;
	*why = "prefix= is digits, * # A-D + and , W @ ! T P - only";
	if (!dialable(c->prefix))
		return false;
	*why = "command= does not begin with AT, or is not letters and digits";
	for (const char *p = c->command; *p; p++)
		if ((*p < '0' || *p > '9') && (*p < 'A' || *p > 'Z'))
			return false;
	if (strncmp(c->command, "AT", 2) != 0)
		return false;
	*why = "the number is too long";
	if (!add(m->dial, sizeof m->dial, c->command) || !add(m->dial, sizeof m->dial, c->prefix) ||
	    !add(m->dial, sizeof m->dial, c->number))
		return false;
	strcat(m->dial, "\r"); /* add() left room */
	return true;
}

int modem_init(struct modem *m, const struct modem_conf *conf, int64_t now, const char **why)
{
	bool at = strncasecmp(conf->init, "AT", 2) == 0;
	*m = (struct modem){ .conf = *conf, .at = now, .limit = INT64_MAX, .tries = 1 };
	if (!conf->answer && !conf->probe && !dial_command(m, conf, why))
		return -1;
	*why = "init= is too long, or no text";
	for (const char *p = conf->init; *p; p++)
		if (*p < ' ' || *p > '~')
			return -1;
	if (conf->init[0] && (size_t)snprintf(m->init, sizeof m->init, "%s%s\r", at ? "" : "AT", conf->init) >= sizeof m->init)
		return -1;
	snprintf(m->setup, sizeof m->setup, "ATE0V1X4&C1&D2S0=0S7=%u\r", (unsigned)(conf->wait / 1000 % 256));
	m->conf.init = m->conf.command = m->conf.prefix = m->conf.number = NULL;
	return 0;
}

struct view modem_output(const struct modem *m)
{
	return (struct view){ m->out + m->outat, m->outn - m->outat };
}

void modem_written(struct modem *m, size_t n)
{
	m->outat += n;
	if (m->outat == m->outn)
		m->outn = m->outat = 0;
}

bool modem_take(struct modem *m, struct modem_event *ev)
{
	if (m->nevent == 0)
		return false;
	*ev = m->event[0];
	m->nevent--;
	memmove(&m->event[0], &m->event[1], m->nevent * sizeof *m->event);
	return true;
}
