/* comport.h - the Telnet COM-PORT-OPTION, RFC 2217: what stands in its
 * subnegotiations. Pure; telport.c says what when. */
#ifndef SP_WIRE_COMPORT_H
#define SP_WIRE_COMPORT_H

#include "base/buf.h"

#include <stdint.h>

#define COMPORT_OPTION 44

enum comport_command {
	COMPORT_SIGNATURE,
	COMPORT_BAUDRATE,
	COMPORT_DATASIZE,
	COMPORT_PARITY,
	COMPORT_STOPSIZE,
	COMPORT_CONTROL,
	COMPORT_LINESTATE,
	COMPORT_MODEMSTATE,
	COMPORT_SUSPEND,
	COMPORT_RESUME,
	COMPORT_LINESTATE_MASK,
	COMPORT_MODEMSTATE_MASK,
	COMPORT_PURGE,
	COMPORT_COMMANDS
};

/* values */
enum { COMPORT_PARITY_NONE = 1, COMPORT_STOP_1 = 1 };
enum { COMPORT_FLOW_NONE = 1, COMPORT_FLOW_HARDWARE = 3, COMPORT_DTR_ON = 8, COMPORT_DTR_OFF = 9 };
enum { COMPORT_CARRIER = 0x80, COMPORT_RING = 0x40, COMPORT_DSR = 0x20, COMPORT_CTS = 0x10 };

struct comport {
	enum comport_command command;
	bool server;    /* said by the side that has the port */
	uint32_t value; /* 0 where the command has none */
	struct view text; /* SIGNATURE */
};

/* What stands between IAC SB COM-PORT-OPTION and IAC SE, IAC no longer doubled.
 * 1, or -1 with a constant reason: no command of RFC 2217, or not its length. */
int comport_decode(struct view sub, struct comport *out, const char **why);
/* The whole of it, IAC SB to IAC SE, appended. 0/-1 errno (of the buffer). */
int comport_encode(const struct comport *c, struct buf *wire);

#endif
