/* telport.h - the caller's end of a terminal server's port: telnet (RFC 854, 855)
 * that asks for an 8-bit clean line (BINARY, RFC 856; SUPPRESS-GO-AHEAD) and
 * sets the port's speed where it may (COM-PORT-OPTION, RFC 2217). Pure: bytes
 * in, bytes out. Nothing that a server sends is an error: what it may not say is
 * refused or skipped, and takes no memory. */
#ifndef SP_WIRE_TELPORT_H
#define SP_WIRE_TELPORT_H

#include "wire/comport.h"

struct telport;

struct telport_conf {
	uint32_t baud; /* 0: as the port is set; else 8 bits, no parity, 1 stop bit go with it */
	bool rtscts;
};

/* NULL with ENOMEM. What is asked first is appended to wire. */
struct telport *telport_new(const struct telport_conf *conf, struct buf *wire);
void telport_free(struct telport *t);

/* Bytes from the network, in any pieces. The line's are appended to user, never
 * more than came; what must be answered to wire. Outside BINARY CR NUL is CR and all
 * else as it came. 0, or -1 with errno of a buffer. */
int telport_recv(struct telport *t, struct view bytes, struct buf *user, struct buf *wire);
/* Bytes for the line. Outside BINARY a CR becomes CR NUL. 0/-1 errno. */
int telport_send(struct telport *t, struct view user, struct buf *wire);

/* Everything that was asked has been answered. */
bool telport_ready(const struct telport *t);
/* NULL, or why the port cannot be used: a constant text. */
const char *telport_refused(const struct telport *t);
bool telport_binary(const struct telport *t);  /* 8-bit clean both ways */
bool telport_control(const struct telport *t); /* the server obeys RFC 2217 */
bool telport_hold(const struct telport *t);    /* it asked us to send nothing for now */
/* 1: there is a carrier, 0: none; -1: the server has not said. */
int telport_carrier(const struct telport *t);
/* Without RFC 2217 nothing is sent. */
int telport_dtr(struct telport *t, bool up, struct buf *wire);
/* The server has dropped DTR since it was asked to. */
bool telport_hung_up(const struct telport *t);

#endif
