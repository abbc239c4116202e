/* telport.c - option negotiation by RFC 1143 with one simplification: we never
 * change our mind, so a side of an option is off, asked for, or on. Subnegotiations
 * other than COM-PORT-OPTION's, and longer ones than it has, are skipped. */
#include "wire/telport.h"

#include <errno.h>
#include <stdlib.h>

enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };
enum { BINARY = 0, ECHO = 1, SGA = 3 };
enum { SUB_MAX = 300 };

enum side { OFF, ASKED, ON };
enum state { DATA, COMMAND, OPTION, SUB_OPTION, SUB, SUB_COMMAND };

static const struct rule {
	unsigned char option;
	bool ask_us, us, ask_him, him; /* ask at the start; agree when asked */
} rules[] = {
	{ BINARY, true, true, true, true },
	{ SGA, true, true, true, true },
	{ ECHO, false, false, false, true }, /* no wish, but no harm */
	{ COMPORT_OPTION, true, true, false, true },
};
#define RULES (sizeof rules / sizeof *rules)

struct telport {
	struct telport_conf conf;
	enum state state;
	enum side us[RULES], him[RULES];
	unsigned char verb, option;
	bool after_cr, too_long;
	bool held, told_state, carrier, hung_up;
	unsigned waiting; /* bits of comport commands that are not yet answered */
	const char *refused;
	struct buf sub;
	struct buf *wire; /* during a call */
	bool bad;
};

static size_t rule_of(unsigned char option)
{
	size_t i = 0;
	while (i < RULES && rules[i].option != option)
		i++;
	return i;
}

static void say(struct telport *t, unsigned char verb, unsigned char option)
{
	t->bad |= buf_add(t->wire, (const char[]){ (char)IAC, (char)verb, (char)option }, 3) != 0;
}

static void set(struct telport *t, enum comport_command command, uint32_t value)
{
	struct comport c = { .command = command, .value = value };
	t->bad |= comport_encode(&c, t->wire) != 0;
}

/* The server lets us set its port. Answers to CONTROL are not waited for: servers
 * leave them out where the port is no real one. */
static void set_port(struct telport *t)
{
	set(t, COMPORT_MODEMSTATE_MASK, 0xff);
	set(t, COMPORT_BAUDRATE, t->conf.baud); /* 0 asks: only who has got the port is answered */
	t->waiting |= 1u << COMPORT_BAUDRATE;
	if (t->conf.baud) {
		set(t, COMPORT_DATASIZE, 8);
		set(t, COMPORT_PARITY, COMPORT_PARITY_NONE);
		set(t, COMPORT_STOPSIZE, COMPORT_STOP_1);
		t->waiting |= 1u << COMPORT_DATASIZE;
	}
	if (t->conf.baud || t->conf.rtscts)
		set(t, COMPORT_CONTROL, t->conf.rtscts ? COMPORT_FLOW_HARDWARE : COMPORT_FLOW_NONE);
	set(t, COMPORT_CONTROL, COMPORT_DTR_ON);
}

static void turned_on(struct telport *t, size_t i, bool ours)
{
	if (ours && rules[i].option == COMPORT_OPTION)
		set_port(t);
}

/* WILL and WONT are about him, DO and DONT about us. */
static void negotiate(struct telport *t, unsigned char option)
{
	bool ours = t->verb == DO || t->verb == DONT, on = t->verb == DO || t->verb == WILL;
	unsigned char yes = ours ? WILL : DO, no = ours ? WONT : DONT;
	size_t i = rule_of(option);
	if (i == RULES) {
		if (on)
			say(t, no, option);
		return;
	}
	enum side *side = ours ? &t->us[i] : &t->him[i], was = *side;
	bool agree = ours ? rules[i].us : rules[i].him;
	if (on && was == OFF && !agree) {
		say(t, no, option);
	} else if (on && was != ON) {
		*side = ON;
		if (was == OFF)
			say(t, yes, option);
		turned_on(t, i, ours);
	} else if (!on) {
		*side = OFF;
		if (was == ON)
			say(t, no, option);
	}
}

static void modem_state(struct telport *t, uint32_t value)
{
	t->told_state = true;
	t->carrier = value & COMPORT_CARRIER;
}

static void comport(struct telport *t)
{
	struct comport c;
	const char *why;
	if (comport_decode(buf_view(&t->sub), &c, &why) != 1 || !c.server)
		return;
	t->waiting &= ~(1u << c.command);
	if (c.command == COMPORT_BAUDRATE && t->conf.baud && c.value && c.value != t->conf.baud)
		t->refused = "the terminal server has set another speed";
	else if (c.command == COMPORT_DATASIZE && c.value && c.value != 8)
		t->refused = "the terminal server's port is not 8 bits wide";
	else if (c.command == COMPORT_MODEMSTATE)
		modem_state(t, c.value);
	else if (c.command == COMPORT_CONTROL && c.value == COMPORT_DTR_OFF)
		t->hung_up = true;
	else if (c.command == COMPORT_SUSPEND || c.command == COMPORT_RESUME)
		t->held = c.command == COMPORT_SUSPEND;
}

static void sub_byte(struct telport *t, unsigned char c)
{
	if (t->option != COMPORT_OPTION || t->sub.len >= SUB_MAX)
		t->too_long = true;
	else if (buf_addc(&t->sub, (char)c) != 0)
		t->bad = true;
}

/* A byte behind IAC. Within a subnegotiation all but SE and IAC break it off. */
static void command(struct telport *t, unsigned char c, struct buf *user)
{
	bool sub = t->state == SUB_COMMAND;
	t->state = sub && c == IAC ? SUB : c == SB ? SUB_OPTION : c >= WILL && c <= DONT ? OPTION : DATA;
	if (c == IAC && sub)
		sub_byte(t, IAC);
	else if (c == IAC)
		t->bad |= buf_addc(user, (char)IAC) != 0;
	else if (sub && c == SE && !t->too_long)
		comport(t);
	t->verb = c;
}

static void byte(struct telport *t, unsigned char c, struct buf *user)
{
	switch (t->state) {
	case DATA:
		t->bad |= buf_addc(user, (char)c) != 0;
		break;
	case COMMAND:
	case SUB_COMMAND:
		command(t, c, user);
		break;
	case OPTION:
		t->state = DATA;
		negotiate(t, c);
		break;
	case SUB_OPTION:
		t->state = SUB;
		t->option = c;
		t->sub.len = 0;
		t->too_long = false;
		break;
	case SUB:
		if (c == IAC)
			t->state = SUB_COMMAND;
		else
			sub_byte(t, c);
		break;
	}
}

/* The line's bytes up to the next that means something else. */
static size_t data(struct telport *t, struct view v, struct buf *user)
{
	size_t n = 0;
	bool binary = t->him[0] == ON;
	if (!binary && t->after_cr && v.p[0] == '\0') {
		t->after_cr = false;
		return 1;
	}
	if (binary) {
		const char *iac = memchr(v.p, IAC, v.n);
		n = iac ? (size_t)(iac - v.p) : v.n;
	} else {
		while (n < v.n && (unsigned char)v.p[n] != IAC && (n == 0 || v.p[n - 1] != '\r'))
			n++;
	}
	if (n)
		t->after_cr = !binary && v.p[n - 1] == '\r';
	t->bad |= n && buf_add(user, v.p, n) != 0;
	if (n == 0) /* IAC */
		t->state = COMMAND;
	return n ? n : 1;
}

int telport_recv(struct telport *t, struct view bytes, struct buf *user, struct buf *wire)
{
	size_t at = 0;
	t->wire = wire;
	t->bad = false;
	while (at < bytes.n && !t->bad)
		if (t->state == DATA)
			at += data(t, (struct view){ bytes.p + at, bytes.n - at }, user);
		else
			byte(t, (unsigned char)bytes.p[at++], user);
	t->wire = NULL;
	return t->bad ? -1 : 0;
}

int telport_send(struct telport *t, struct view user, struct buf *wire)
{
	size_t before = wire->len, at = 0;
	bool binary = t->us[0] == ON, bad = false;
	while (at < user.n && !bad) {
		size_t n = 0;
		while (at + n < user.n && (unsigned char)user.p[at + n] != IAC && (binary || user.p[at + n] != '\r'))
			n++;
		bad = n && buf_add(wire, user.p + at, n) != 0;
		at += n;
		if (at < user.n && !bad)
			bad = buf_add(wire, user.p[at++] == '\r' ? "\r\0" : "\xff\xff", 2) != 0;
	}
	if (bad)
		wire->len = before;
	return bad ? -1 : 0;
}

struct telport *telport_new(const struct telport_conf *conf, struct buf *wire)
{
	struct telport *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->conf = *conf;
	t->wire = wire;
	buf_init(&t->sub, SUB_MAX);
	for (size_t i = 0; i < RULES; i++) {
		t->us[i] = rules[i].ask_us ? ASKED : OFF;
		t->him[i] = rules[i].ask_him ? ASKED : OFF;
		if (rules[i].ask_us)
			say(t, WILL, rules[i].option);
		if (rules[i].ask_him)
			say(t, DO, rules[i].option);
	}
	if (!t->bad)
		return t;
	telport_free(t);
	errno = ENOMEM;
	return NULL;
}

void telport_free(struct telport *t)
{
	if (!t)
		return;
	buf_clear(&t->sub);
	free(t);
}

bool telport_ready(const struct telport *t)
{
	for (size_t i = 0; i < RULES; i++)
		if (t->us[i] == ASKED || t->him[i] == ASKED)
			return false;
	return t->waiting == 0;
}

const char *telport_refused(const struct telport *t)
{
	return t->refused;
}

bool telport_binary(const struct telport *t)
{
	return t->us[0] == ON && t->him[0] == ON;
}

bool telport_control(const struct telport *t)
{
	return t->us[RULES - 1] == ON;
}

bool telport_hold(const struct telport *t)
{
	return t->held;
}

int telport_carrier(const struct telport *t)
{
	return !t->told_state ? -1 : t->carrier;
}

int telport_dtr(struct telport *t, bool up, struct buf *wire)
{
	struct comport c = { .command = COMPORT_CONTROL, .value = up ? COMPORT_DTR_ON : COMPORT_DTR_OFF };
	t->hung_up = false;
	return telport_control(t) ? comport_encode(&c, wire) : 0;
}

bool telport_hung_up(const struct telport *t)
{
	return t->hung_up;
}
