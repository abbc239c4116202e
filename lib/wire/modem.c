/* modem.c - the dialogue as a table: for each state what is sent, how long its
 * answer is waited for, how often, and which result leads where. What has no
 * cell is passed over. */
#include "wire/modem.h"

#include <stdio.h>
#include <string.h>

#define NEVER INT64_MAX
#define QUIET_MS 600000 /* no ring for so long: is the modem still there? */
#define GRACE_MS 15000  /* what dialing takes before the wait for a carrier begins */

enum state {
	NONE, ATTENTION, REVIVE, REVIVE_ESCAPE, REVIVE_HANG, LAST, SETTLE, RESET, FACTORY, SETUP, PLAIN, INIT,
	READY, DIAL, WAIT, RINGS, ANSWER, CONNECTED, ONLINE,
	DTR, PROBE, ABORT, GUARD, ESCAPE, HANG, DONE, STATES,
	/* not states: what to do instead of going to one */
	LATE, MISSED, FAILED, FAR
};

/* How long: ms, or one of these. */
enum { WAIT_TIME = -1, GUARD_TIME = -2, AFTER_ESCAPE = -3, FOREVER = -4 };

struct cell {
	uint8_t next;   /* NONE: passed over */
	uint8_t reason; /* of DONE */
};

static const char dial[] = "", init[] = "", setup[] = ""; /* which text, by address */

struct state_row {
	const char *send;
	const char *word;
	int ms;
	unsigned tries;
	struct cell late; /* nothing came in time, all tries used */
	struct cell on[RESULT_COUNT];
};

#define TO(s) { (s), REASON_NONE }
#define ENDS(r) { DONE, REASON_##r }

static const struct state_row table[STATES] = {
	[NONE] = { NULL, NULL, 0, 1, TO(ATTENTION), { { 0 } } },
	[ATTENTION] = { "AT\r", "initialising", 1000, 2, TO(REVIVE), { [RESULT_OK] = TO(RESET), [RESULT_ERROR] = TO(SETTLE) } },
	/* Perhaps a call is still up that somebody left. */
	[REVIVE] = { NULL, NULL, GUARD_TIME, 1, TO(REVIVE_ESCAPE), { [RESULT_OK] = TO(SETTLE) } },
	[REVIVE_ESCAPE] = { "+++", NULL, AFTER_ESCAPE, 1, TO(REVIVE_HANG), { [RESULT_OK] = TO(REVIVE_HANG) } },
	[REVIVE_HANG] = { "ATH\r", NULL, 1000, 1, TO(LAST),
		{ [RESULT_OK] = TO(SETTLE), [RESULT_NO_CARRIER] = TO(SETTLE), [RESULT_ERROR] = TO(SETTLE) } },
	[LAST] = { "AT\r", NULL, 1500, 1, ENDS(PORT_ERROR), { [RESULT_OK] = TO(SETTLE), [RESULT_ERROR] = TO(SETTLE) } },
	/* Answers to what was asked more than once come in; then from the start. */
	[SETTLE] = { NULL, NULL, 250, 1, TO(RESET), { { 0 } } },
	[RESET] = { "ATZ\r", NULL, 3000, 1, ENDS(PORT_ERROR), { [RESULT_OK] = TO(SETUP), [RESULT_ERROR] = TO(FACTORY) } },
	[FACTORY] = { "AT&F\r", NULL, 3000, 1, ENDS(PORT_ERROR), { [RESULT_OK] = TO(SETUP), [RESULT_ERROR] = TO(SETUP) } },
	[SETUP] = { setup, NULL, 3000, 1, ENDS(PORT_ERROR), { [RESULT_OK] = TO(INIT), [RESULT_ERROR] = TO(PLAIN) } },
	[PLAIN] = { "ATE0V1\r", NULL, 3000, 1, ENDS(PORT_ERROR), { [RESULT_OK] = TO(INIT), [RESULT_ERROR] = ENDS(PORT_ERROR) } },
	[INIT] = { init, NULL, 5000, 1, ENDS(PORT_ERROR), { [RESULT_OK] = TO(READY), [RESULT_ERROR] = ENDS(PORT_ERROR) } },
	[DIAL] = { dial, "dialing", WAIT_TIME, 1, TO(LATE), {
		[RESULT_CONNECT] = TO(CONNECTED), [RESULT_RINGING] = TO(FAR),
		[RESULT_NO_CARRIER] = ENDS(NO_CARRIER), [RESULT_ERROR] = ENDS(PORT_ERROR), [RESULT_NO_DIALTONE] = ENDS(NO_DIALTONE),
		[RESULT_BUSY] = ENDS(BUSY), [RESULT_NO_ANSWER] = ENDS(NO_ANSWER), [RESULT_DELAYED] = ENDS(DELAYED),
		[RESULT_BLACKLISTED] = ENDS(BLACKLISTED), [RESULT_VOICE] = ENDS(VOICE) } },
	[WAIT] = { NULL, "waiting", QUIET_MS, 1, TO(ATTENTION), { [RESULT_RING] = TO(RINGS) } },
	[RINGS] = { NULL, NULL, 8000, 1, TO(WAIT), { [RESULT_RING] = TO(RINGS) } },
	[ANSWER] = { "ATA\r", "answering", WAIT_TIME, 1, TO(MISSED), {
		[RESULT_CONNECT] = TO(CONNECTED), [RESULT_NO_CARRIER] = TO(FAILED), [RESULT_ERROR] = TO(FAILED),
		[RESULT_NO_DIALTONE] = TO(FAILED), [RESULT_BUSY] = TO(FAILED), [RESULT_NO_ANSWER] = TO(FAILED),
		[RESULT_VOICE] = TO(FAILED) } },
	[CONNECTED] = { NULL, NULL, 200, 1, TO(ONLINE), { { 0 } } }, /* for the LF behind CR */
	[ONLINE] = { NULL, NULL, FOREVER, 1, TO(NONE), { { 0 } } },
	[DTR] = { NULL, "hanging-up", 500, 1, TO(PROBE),
		{ [RESULT_NO_CARRIER] = TO(PROBE), [RESULT_OK] = TO(PROBE), [RESULT_RING] = TO(PROBE) } },
	[PROBE] = { "AT\r", NULL, 600, 1, TO(GUARD), { [RESULT_OK] = TO(DONE), [RESULT_ERROR] = TO(DONE), [RESULT_RING] = TO(DONE) } },
	[ABORT] = { "\r", "hanging-up", 1000, 1, TO(HANG), { [RESULT_NO_CARRIER] = TO(HANG), [RESULT_OK] = TO(HANG) } },
	[GUARD] = { NULL, "hanging-up", GUARD_TIME, 1, TO(ESCAPE), { { 0 } } },
	[ESCAPE] = { "+++", NULL, AFTER_ESCAPE, 1, TO(HANG), { [RESULT_OK] = TO(HANG), [RESULT_NO_CARRIER] = TO(DONE) } },
	[HANG] = { "ATH\r", NULL, 800, 1, TO(DONE),
		{ [RESULT_OK] = TO(DONE), [RESULT_NO_CARRIER] = TO(DONE), [RESULT_ERROR] = TO(DONE) } },
	[DONE] = { NULL, NULL, FOREVER, 1, TO(NONE), { { 0 } } },
};

static bool hanging(const struct modem *m)
{
	return m->state >= DTR && m->state < DONE;
}

static void post(struct modem *m, enum modem_event_kind kind)
{
	if (m->nevent < sizeof m->event / sizeof *m->event)
		m->event[m->nevent++] = (struct modem_event){ kind, m->word, m->reason };
}

static void say(struct modem *m, const char *text)
{
	size_t n = strlen(text);
	if (n > sizeof m->out - m->outn) { /* nothing of it goes out: the modem takes none */
		m->outn = m->outat = 0;
		n = n > sizeof m->out ? 0 : n;
	}
	memcpy(m->out + m->outn, text, n);
	m->outn += n;
}

static void progress(struct modem *m, const char *word)
{
	if (m->word && strcmp(word, m->word) == 0)
		return;
	m->word = word;
	post(m, MODEM_PROGRESS);
}

static const char *text_of(const struct modem *m, const struct state_row *r)
{
	return r->send == dial ? m->dial : r->send == init ? m->init : r->send == setup ? m->setup : r->send;
}

static int64_t time_of(const struct modem *m, int ms)
{
	return ms == WAIT_TIME      ? m->conf.wait + (m->state == DIAL ? GRACE_MS : 0)
	       : ms == GUARD_TIME   ? m->conf.guard
	       : ms == AFTER_ESCAPE ? m->conf.guard + 600
	                            : ms;
}

/* Sends what the state sends, and waits. */
static void begin(struct modem *m, int64_t now)
{
	const struct state_row *r = &table[m->state];
	const char *text = text_of(m, r);
	m->at = r->ms == FOREVER ? NEVER : now + time_of(m, r->ms);
	if (text)
		say(m, text);
}

static void enter(struct modem *m, unsigned state, int64_t now)
{
	if (state == READY)
		state = m->conf.probe ? DONE : m->conf.answer ? WAIT : DIAL;
	if (state == DONE && m->again) {
		m->again = false;
		state = ATTENTION;
	}
	if (state == INIT && !m->init[0]) {
		enter(m, READY, now);
		return;
	}
	if (m->state == DTR)
		post(m, MODEM_DTR_UP);
	m->state = state;
	m->tries = table[state].tries;
	if (state == ATTENTION || state == WAIT)
		m->rings = 0;
	if (state == DIAL || state == WAIT)
		m->facts = (struct modem_facts){ 0 };
	if (state == INIT)
		m->verbose = false; /* it may be V0 */
	if (table[state].word)
		progress(m, table[state].word);
	if (state == DTR)
		post(m, MODEM_DTR_DOWN);
	if (state == ONLINE || state == DONE)
		post(m, state == ONLINE ? MODEM_UP : MODEM_END);
	begin(m, now);
}

/* Only what is up, or might become so, takes more than going away. */
static void hang(struct modem *m, enum reason reason, int64_t now)
{
	bool called = m->state == DIAL || m->state == ANSWER;
	bool up = m->state == ONLINE || m->state == CONNECTED;
	m->reason = reason;
	m->limit = now + MODEM_HANGUP_MS;
	enter(m, !called && !up ? DONE : m->conf.dtr ? DTR : up ? GUARD : ABORT, now);
}

/* What was sent, without its CR; but not what init= says: a detail is told to users
 * and to managers, and there may be a PIN in it. */
static void unanswered(struct modem *m, const char *how)
{
	const char *text = table[m->state].send == init ? "init=" : text_of(m, &table[m->state]);
	snprintf(m->detail, sizeof m->detail, "the modem %s %.*s", how, (int)strcspn(text ? text : "", "\r"), text ? text : "");
}

static void ring(struct modem *m, int64_t now)
{
	m->rings++;
	progress(m, "ringing");
	if (m->rings < m->conf.rings) {
		unsigned rings = m->rings;
		enter(m, RINGS, now);
		m->rings = rings;
		return;
	}
	post(m, MODEM_RINGING);
	enter(m, ANSWER, now);
}

static void go(struct modem *m, const struct cell *c, int64_t now)
{
	switch (c->next) {
	case RINGS:
		ring(m, now);
		break;
	case FAR:
		progress(m, "ringing");
		break;
	case LATE:
		snprintf(m->detail, sizeof m->detail, "the modem reported nothing within %lld s", (long long)time_of(m, WAIT_TIME) / 1000);
		hang(m, REASON_NO_ANSWER, now);
		break;
	case MISSED:
		snprintf(m->detail, sizeof m->detail, "the modem reported nothing within %lld s", (long long)time_of(m, WAIT_TIME) / 1000);
		post(m, MODEM_MISSED);
		m->again = true;
		hang(m, REASON_NONE, now);
		break;
	case FAILED:
		post(m, MODEM_MISSED);
		enter(m, WAIT, now);
		break;
	case DONE:
		if (c->reason != REASON_NONE)
			m->reason = c->reason;
		enter(m, DONE, now);
		break;
	default:
		enter(m, c->next, now);
	}
}

/* A whole line, ended by that byte. */
static void line(struct modem *m, char end, int64_t now)
{
	struct view v = { m->line, m->n };
	m->n = 0;
	if (v.n == 0 || m->cut || view_starts(v, "AT") || view_starts(v, "at")) { /* nothing, or echo */
		m->cut = false;
		return;
	}
	enum modem_result r = modem_result(v, !m->verbose, &m->facts);
	bool numeric = v.p[0] >= '0' && v.p[0] <= '9';
	if (r != RESULT_OTHER && r != RESULT_REPORT && !numeric)
		m->verbose = true;
	const struct cell *c = &table[m->state].on[r];
	if (c->next == NONE)
		return;
	if (c->next == FAILED || (c->next == DONE && c->reason != REASON_NONE && m->state == DIAL))
		snprintf(m->detail, sizeof m->detail, "the modem says %s%.*s", numeric ? modem_result_name(r) : "", numeric ? 0 : (int)v.n, v.p);
	else if (c->next == DONE && c->reason != REASON_NONE)
		unanswered(m, "refuses");
	if (c->next == CONNECTED && (numeric || end == '\n'))
		c = &table[CONNECTED].late;
	else if (m->state == ATTENTION && r == RESULT_OK && m->tries < table[ATTENTION].tries)
		c = &table[ATTENTION].on[RESULT_ERROR];
	go(m, c, now);
}

static void byte(struct modem *m, char c, int64_t now)
{
	c = (char)(c & 0x7f); /* some send parity */
	if (c == '\r' || c == '\n')
		line(m, c, now);
	else if (c >= ' ' && c < 0x7f && m->n < sizeof m->line)
		m->line[m->n++] = c;
	else if (c >= ' ')
		m->cut = m->n == sizeof m->line;
}

size_t modem_recv(struct modem *m, struct view bytes, int64_t now)
{
	size_t i = 0;
	while (i < bytes.n && m->nevent == 0 && m->state != ONLINE && m->state != DONE) {
		if (m->state == CONNECTED) { /* a LF ends the line, all else is the call's */
			i += bytes.p[i] == '\n';
			enter(m, ONLINE, now);
			break;
		}
		byte(m, bytes.p[i++], now);
	}
	return i;
}

bool modem_may_connect(const struct modem *m)
{
	return m->state == DIAL || m->state == ANSWER || m->state == CONNECTED || m->state == RINGS || m->state == WAIT;
}

static bool calling(const struct modem *m)
{
	return !m->conf.answer && m->state < CONNECTED;
}

int64_t modem_deadline(const struct modem *m)
{
	int64_t other = calling(m) ? m->conf.deadline : hanging(m) ? m->limit : NEVER;
	return other < m->at ? other : m->at;
}

/* The time for the whole is over: the call's, or hanging up's. */
static void over(struct modem *m, int64_t now)
{
	if (hanging(m)) {
		enter(m, DONE, now);
		return;
	}
	bool called = m->state == DIAL;
	snprintf(m->detail, sizeof m->detail, called ? "no answer in time" : "the modem was not ready in time");
	hang(m, called ? REASON_NO_ANSWER : REASON_PORT_ERROR, now);
}

void modem_tick(struct modem *m, int64_t now)
{
	const struct state_row *r = &table[m->state];
	if ((calling(m) && now >= m->conf.deadline) || (hanging(m) && now >= m->limit)) {
		over(m, now);
	} else if (now >= m->at && --m->tries > 0) {
		begin(m, now);
	} else if (now >= m->at) {
		if (r->late.reason != REASON_NONE)
			unanswered(m, "does not answer");
		go(m, &r->late, now);
	}
}

void modem_hangup(struct modem *m, int64_t now)
{
	bool again = m->again;
	m->again = false;
	if (m->state == DONE || (hanging(m) && !again))
		return;
	snprintf(m->detail, sizeof m->detail, "hung up");
	m->n = 0;
	m->cut = false;
	if (!hanging(m))
		hang(m, REASON_NONE, now);
}

void modem_no_carrier(struct modem *m, int64_t now)
{
	if (hanging(m))
		enter(m, DONE, now);
}
