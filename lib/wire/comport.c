/* comport.c - RFC 2217, one row a command: how long its value is. */
#include "wire/comport.h"

#include "base/cursor.h"

enum { SE = 240, SB = 250, IAC = 255, SERVER = 100 };

static const signed char size_of[COMPORT_COMMANDS] = {
	[COMPORT_SIGNATURE] = -1, /* a text */
	[COMPORT_BAUDRATE] = 4,   [COMPORT_DATASIZE] = 1,       [COMPORT_PARITY] = 1,
	[COMPORT_STOPSIZE] = 1,   [COMPORT_CONTROL] = 1,        [COMPORT_LINESTATE] = 1,
	[COMPORT_MODEMSTATE] = 1, [COMPORT_SUSPEND] = 0,        [COMPORT_RESUME] = 0,
	[COMPORT_PURGE] = 1,      [COMPORT_LINESTATE_MASK] = 1, [COMPORT_MODEMSTATE_MASK] = 1,
};

int comport_decode(struct view sub, struct comport *out, const char **why)
{
	struct cur c = cur_of(sub.p, sub.n);
	uint8_t command = cur_u8(&c);
	*out = (struct comport){ .server = command >= SERVER };
	command = (uint8_t)(command - (out->server ? SERVER : 0));
	*why = "no command of RFC 2217";
	if (c.bad || command >= COMPORT_COMMANDS)
		return -1;
	out->command = command;
	int size = size_of[command];
	if (size < 0) {
		size_t n = cur_left(&c);
		out->text = (struct view){ (const char *)cur_bytes(&c, n), n };
		return 1;
	}
	*why = "a COM-PORT command of the wrong length";
	if (cur_left(&c) != (size_t)size)
		return -1;
	out->value = size == 4 ? cur_u32(&c) : size == 1 ? cur_u8(&c) : 0;
	return 1;
}

static void put(struct buf *b, unsigned byte, bool *bad)
{
	*bad |= buf_addc(b, (char)byte) != 0 || (byte == IAC && buf_addc(b, (char)IAC) != 0);
}

int comport_encode(const struct comport *c, struct buf *wire)
{
	size_t before = wire->len;
	int size = size_of[c->command];
	bool bad = buf_add(wire, (const char[]){ (char)IAC, (char)SB, COMPORT_OPTION }, 3) != 0;
	put(wire, c->command + (c->server ? SERVER : 0), &bad);
	for (int i = size - 1; i >= 0; i--)
		put(wire, c->value >> 8 * i & 0xff, &bad);
	for (size_t i = 0; size < 0 && i < c->text.n; i++)
		put(wire, (unsigned char)c->text.p[i], &bad);
	bad |= buf_add(wire, (const char[]){ (char)IAC, (char)SE }, 2) != 0;
	if (bad)
		wire->len = before;
	return bad ? -1 : 0;
}
