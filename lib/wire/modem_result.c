/* modem_result.c - result codes as three tables: words, numbers, reports. The
 * numbers above 8 are those of Rockwell's and Conexant's chips. */
#include "wire/modem_result.h"

#include "base/num.h"

#include <stdio.h>
#include <strings.h>

#define SPEED_MAX 1000000000u

static const struct { const char *text; enum modem_result result; bool more; } words[] = {
	{ "OK", RESULT_OK, false },
	{ "CONNECT", RESULT_CONNECT, true },
	{ "RING", RESULT_RING, true },
	{ "RINGING", RESULT_RINGING, false },
	{ "NO CARRIER", RESULT_NO_CARRIER, true },
	{ "ERROR", RESULT_ERROR, false },
	{ "+CME ERROR", RESULT_ERROR, true },
	{ "NO DIALTONE", RESULT_NO_DIALTONE, false },
	{ "NO DIAL TONE", RESULT_NO_DIALTONE, false },
	{ "NO LINE", RESULT_NO_DIALTONE, false },
	{ "BUSY", RESULT_BUSY, false },
	{ "LINE IN USE", RESULT_BUSY, false },
	{ "NO ANSWER", RESULT_NO_ANSWER, false },
	{ "DELAYED", RESULT_DELAYED, true },
	{ "BLACKLISTED", RESULT_BLACKLISTED, true },
	{ "VOICE", RESULT_VOICE, false },
	{ "FAX", RESULT_VOICE, false },
};

static const struct { unsigned number; enum modem_result result; unsigned speed; } numbers[] = {
	{ 0, RESULT_OK, 0 }, { 1, RESULT_CONNECT, 0 }, { 2, RESULT_RING, 0 }, { 3, RESULT_NO_CARRIER, 0 },
	{ 4, RESULT_ERROR, 0 }, { 5, RESULT_CONNECT, 1200 }, { 6, RESULT_NO_DIALTONE, 0 }, { 7, RESULT_BUSY, 0 },
	{ 8, RESULT_NO_ANSWER, 0 }, { 9, RESULT_CONNECT, 600 }, { 10, RESULT_CONNECT, 2400 },
	{ 11, RESULT_CONNECT, 4800 }, { 12, RESULT_CONNECT, 9600 }, { 13, RESULT_CONNECT, 7200 },
	{ 14, RESULT_CONNECT, 12000 }, { 15, RESULT_CONNECT, 14400 }, { 16, RESULT_CONNECT, 19200 },
	{ 17, RESULT_CONNECT, 38400 }, { 18, RESULT_CONNECT, 57600 }, { 19, RESULT_CONNECT, 115200 },
	{ 24, RESULT_DELAYED, 0 }, { 32, RESULT_BLACKLISTED, 0 }, { 33, RESULT_VOICE, 0 }, { 36, RESULT_VOICE, 0 },
	{ 59, RESULT_CONNECT, 16800 }, { 61, RESULT_CONNECT, 21600 }, { 62, RESULT_CONNECT, 24000 },
	{ 63, RESULT_CONNECT, 26400 }, { 64, RESULT_CONNECT, 28800 }, { 84, RESULT_CONNECT, 33600 },
	{ 91, RESULT_CONNECT, 31200 }, { 162, RESULT_CONNECT, 56000 },
};

enum report { SPEED, PROTOCOL, COMPRESSION, CALLER };
static const struct { const char *text; enum report what; } reports[] = {
	{ "CARRIER", SPEED }, { "+MRR", SPEED }, { "PROTOCOL", PROTOCOL }, { "+ER", PROTOCOL },
	{ "COMPRESSION", COMPRESSION }, { "+DR", COMPRESSION }, { "NMBR", CALLER }, { "CALLER NUMBER", CALLER },
};

static bool alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Begins the line with that text, as a whole word? *rest is what follows. */
static bool begins(struct view line, const char *text, struct view *rest)
{
	size_t n = strlen(text);
	if (line.n < n || strncasecmp(line.p, text, n) != 0 || (line.n > n && alnum(line.p[n])))
		return false;
	*rest = (struct view){ line.p + n, line.n - n };
	return true;
}

/* ":", "=" and blanks before a value. */
static struct view value(struct view v)
{
	while (v.n && (*v.p == ' ' || *v.p == ':' || *v.p == '='))
		v = (struct view){ v.p + 1, v.n - 1 };
	return v;
}

static uint64_t speed_of(struct view v)
{
	size_t n = 0;
	uint64_t speed = 0;
	while (n < v.n && v.p[n] >= '0' && v.p[n] <= '9')
		n++;
	return num_u64((struct view){ v.p, n }, 1, SPEED_MAX, &speed) ? speed : 0;
}

/* One more part of the protocol's name: a word, so that it may stand in records
 * and in a line of words. */
static void protocol_add(struct modem_facts *f, struct view v)
{
	size_t n = strlen(f->protocol);
	if (v.n && n && n + 2 < sizeof f->protocol)
		f->protocol[n++] = '/';
	for (size_t i = 0; i < v.n && n + 1 < sizeof f->protocol; i++)
		if (alnum(v.p[i]) || v.p[i] == '.' || v.p[i] == '-' || v.p[i] == '/')
			f->protocol[n++] = v.p[i];
	f->protocol[n] = '\0';
}

/* A number, as far as it is one: "P" and "O" (withheld, out of area) are not. */
static void caller(struct modem_facts *f, struct view v)
{
	size_t n = 0;
	for (size_t i = 0; i < v.n && n + 1 < sizeof f->from; i++)
		if ((v.p[i] >= '0' && v.p[i] <= '9') || v.p[i] == '+' || v.p[i] == '*' || v.p[i] == '#')
			f->from[n++] = v.p[i];
	f->from[n] = '\0';
}

/* " 33600/ARQ/V34/LAPM" or "/NONE" or " 1200TX/75RX" */
static void connect_facts(struct modem_facts *f, struct view v)
{
	struct view speed;
	v = value(v);
	view_split(&v, '/', &speed);
	if (!f->carrier)
		f->speed = speed_of(speed);
	if (v.n && !f->protocol[0])
		protocol_add(f, v);
}

static bool report(struct view line, struct modem_facts *f)
{
	struct view v;
	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
		if (!begins(line, reports[i].text, &v))
			continue;
		v = value(v);
		if (reports[i].what == CALLER)
			caller(f, v);
		else if (reports[i].what != SPEED)
			protocol_add(f, v);
		else if (speed_of(v)) {
			f->speed = speed_of(v);
			f->carrier = true;
		}
		return true;
	}
	return false;
}

static enum modem_result number(uint64_t n, struct modem_facts *f)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (numbers[i].number == n) {
			if (numbers[i].result == RESULT_CONNECT && !f->carrier)
				f->speed = numbers[i].speed;
			return numbers[i].result;
		}
	return RESULT_OTHER;
}

enum modem_result modem_result(struct view line, bool numeric, struct modem_facts *f)
{
	struct view rest;
	uint64_t n;
	while (line.n && line.p[line.n - 1] == ' ')
		line.n--;
	if (num_u64(line, 0, 999, &n))
		return numeric ? number(n, f) : RESULT_OTHER;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!begins(line, words[i].text, &rest) || (rest.n && !words[i].more))
			continue;
		if (words[i].result == RESULT_CONNECT)
			connect_facts(f, rest);
		return words[i].result;
	}
	return report(line, f) ? RESULT_REPORT : RESULT_OTHER;
}

const char *modem_result_name(enum modem_result r)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].result == r)
			return words[i].text;
	return "";
}
