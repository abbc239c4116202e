/* telnet.c - RFC 854, 855, 856 (BINARY), 857 (ECHO), 858 (SGA), 1073 (NAWS),
 * 1091 (TERMINAL-TYPE) by libtelnet, and what it leaves to its user.
 * Refuses: compression, which libtelnet switches on without being asked, and a
 * subnegotiation over 16 KiB, whose rest it would deliver as user data. */
#include "wire/telnet.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include <libtelnet.h>

struct nvt {
	telnet_t *tel;
	enum nvt_end end;
	struct buf *user, *wire; /* valid during a call only */
	const char *fatal;
	bool after_cr;           /* of what was received */
	bool echo, binary_in, binary_out;
};

static const telnet_telopt_t server_options[] = {
	{ TELNET_TELOPT_ECHO, TELNET_WILL, TELNET_DONT },
	{ TELNET_TELOPT_SGA, TELNET_WILL, TELNET_DO },
	{ TELNET_TELOPT_BINARY, TELNET_WILL, TELNET_DO },
	{ TELNET_TELOPT_NAWS, TELNET_WONT, TELNET_DO },
	{ TELNET_TELOPT_TTYPE, TELNET_WONT, TELNET_DO },
	{ -1, 0, 0 },
};

static const telnet_telopt_t client_options[] = {
	{ TELNET_TELOPT_ECHO, TELNET_WONT, TELNET_DO },
	{ TELNET_TELOPT_SGA, TELNET_WILL, TELNET_DO },
	{ TELNET_TELOPT_BINARY, TELNET_WILL, TELNET_DO },
	{ TELNET_TELOPT_NAWS, TELNET_WILL, TELNET_DONT },
	{ TELNET_TELOPT_TTYPE, TELNET_WILL, TELNET_DONT },
	{ -1, 0, 0 },
};

static void user_byte(struct nvt *t, char c)
{
	bool cr = t->after_cr;
	t->after_cr = c == '\r' && !t->binary_in;
	if (cr && (c == '\0' || (c == '\n' && t->end == NVT_SERVER)))
		return;
	if (buf_addc(t->user, c) != 0)
		t->fatal = "more data than can be taken";
}

static void user_data(struct nvt *t, const char *p, size_t n)
{
	if (t->binary_in && !t->after_cr) {
		if (buf_add(t->user, p, n) != 0)
			t->fatal = "more data than can be taken";
		return;
	}
	for (size_t i = 0; i < n && !t->fatal; i++)
		user_byte(t, p[i]);
}

/* Commands that a person's keys cause. */
static void command(struct nvt *t, unsigned char cmd)
{
	static const char yes[] = "\r\n[yes]\r\n";
	switch (cmd) {
	case TELNET_AYT:
		if (buf_add(t->wire, yes, sizeof yes - 1) != 0)
			t->fatal = "more answers than can be sent";
		break;
	case TELNET_BREAK:
	case TELNET_IP: user_data(t, &(char){ NVT_INTERRUPT }, 1); break;
	case TELNET_EC: user_data(t, &(char){ NVT_ERASE }, 1); break;
	case TELNET_EL: user_data(t, &(char){ NVT_KILL }, 1); break;
	default: break;
	}
}

static void option(struct nvt *t, unsigned char opt, bool ours, bool on)
{
	/* 511 columns and no height: devices then neither wrap nor page. */
	static const char size[] = { 1, (char)0xff, 0, 0 };
	if (opt == TELNET_TELOPT_BINARY && ours)
		t->binary_out = on;
	else if (opt == TELNET_TELOPT_BINARY)
		t->binary_in = on;
	else if (opt == TELNET_TELOPT_ECHO && ours)
		t->echo = on;
	else if (opt == TELNET_TELOPT_NAWS && ours && on)
		telnet_subnegotiation(t->tel, TELNET_TELOPT_NAWS, size, sizeof size);
	else if (opt == TELNET_TELOPT_TTYPE && !ours && on)
		telnet_ttype_send(t->tel);
}

static void event(telnet_t *tel, telnet_event_t *ev, void *arg)
{
	struct nvt *t = arg;
	if (t->fatal)
		return;
	switch (ev->type) {
	case TELNET_EV_DATA: user_data(t, ev->data.buffer, ev->data.size); break;
	case TELNET_EV_SEND:
		if (buf_add(t->wire, ev->data.buffer, ev->data.size) != 0)
			t->fatal = "more answers than can be sent";
		break;
	case TELNET_EV_IAC: command(t, ev->iac.cmd); break;
	case TELNET_EV_WILL: option(t, ev->neg.telopt, false, true); break;
	case TELNET_EV_WONT: option(t, ev->neg.telopt, false, false); break;
	case TELNET_EV_DO: option(t, ev->neg.telopt, true, true); break;
	case TELNET_EV_DONT: option(t, ev->neg.telopt, true, false); break;
	case TELNET_EV_TTYPE:
		if (ev->ttype.cmd == TELNET_TTYPE_SEND)
			telnet_ttype_is(tel, "dumb");
		break;
	case TELNET_EV_COMPRESS: t->fatal = "compression was switched on"; break;
	/* Its errcode is not set in 0.21, so which warning cannot be told apart. */
	case TELNET_EV_WARNING: t->fatal = "malformed or over-long subnegotiation"; break;
	case TELNET_EV_ERROR: t->fatal = "telnet protocol error"; break;
	default: break;
	}
}

struct nvt *nvt_new(enum nvt_end end, struct buf *wire)
{
	struct nvt *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->end = end;
	t->tel = telnet_init(end == NVT_SERVER ? server_options : client_options, event, 0, t);
	if (!t->tel) {
		free(t);
		errno = ENOMEM;
		return NULL;
	}
	if (end == NVT_SERVER) {
		t->wire = wire;
		telnet_negotiate(t->tel, TELNET_WILL, TELNET_TELOPT_ECHO);
		telnet_negotiate(t->tel, TELNET_WILL, TELNET_TELOPT_SGA);
		t->wire = NULL;
	}
	return t;
}

void nvt_free(struct nvt *t)
{
	if (!t)
		return;
	telnet_free(t->tel);
	free(t);
}

int nvt_recv(struct nvt *t, struct view bytes, struct buf *user, struct buf *wire, const char **why)
{
	t->user = user;
	t->wire = wire;
	if (!t->fatal && bytes.n)
		telnet_recv(t->tel, bytes.p, bytes.n);
	t->user = t->wire = NULL;
	if (!t->fatal)
		return 0;
	*why = t->fatal;
	return -1;
}

/* One byte as it stands on the wire; `next` decides what a CR becomes. */
static int put(const struct nvt *t, struct buf *wire, char c, bool lf_next, bool cr_before)
{
	if (c == '\xff')
		return buf_add(wire, "\xff\xff", 2);
	if (t->binary_out)
		return buf_addc(wire, c);
	if (c == '\r' && !lf_next)
		return buf_add(wire, "\r\0", 2);
	if (c == '\n' && !cr_before)
		return buf_add(wire, "\r\n", 2);
	return buf_addc(wire, c);
}

int nvt_send(struct nvt *t, struct view user, struct buf *wire)
{
	size_t before = wire->len;
	for (size_t i = 0; i < user.n; i++) {
		bool lf_next = i + 1 < user.n && user.p[i + 1] == '\n';
		bool cr_before = i > 0 && user.p[i - 1] == '\r';
		if (put(t, wire, user.p[i], lf_next, cr_before) != 0) {
			wire->len = before;
			return -1;
		}
	}
	return 0;
}

bool nvt_echo(const struct nvt *t)
{
	return t->echo;
}

bool nvt_binary(const struct nvt *t)
{
	return t->binary_in && t->binary_out;
}
