/* line.h - plain lines: what a call goes over where opening is all it takes.
 * One address syntax (sock.h), options as in lineopt.h:
 *   tcp:HOST:PORT   unix:PATH   tty:PATH   fd:N   each with ?speed=N
 * speed=N declares the line's speed in bit/s (300 to 1000000000); who owns the
 * link paces it to that. A tty is raw, 8 bits, no parity, no flow control
 * unless flow=rtscts, modem signals ignored (CLOCAL), locked (lock file and
 * flock) while it is open; its rate is baud=N, else speed=N where that is a rate
 * ttys have, else 115200. */
#ifndef SP_SYS_LINE_H
#define SP_SYS_LINE_H

#include "sys/sock.h"
#include "sys/tty.h"

struct line {
	int fd;         /* non-blocking, close-on-exec; -1: none */
	char name[192]; /* for people and records: the address without its query */
	char peer[64];  /* "ADDRESS:PORT", "unix", or name where nothing better is known */
	uint64_t speed; /* as declared; 0: not declared */
	bool up;        /* false: still connecting */
	/* line.c's own */
	struct addr addr;
	unsigned tried;
	struct tty tty;
};

/* Calls: begins to open. 0 (l->up at once for tty and fd; else wait for
 * POLLOUT on l->fd and call line_connected), or -1 with errno and a constant
 * reason; nothing is then open. */
int line_call(struct line *l, const char *text, const char **why);
/* 1: up. 0: the next address of that name is being tried: l->fd is another
 * descriptor now, wait again (forget the old number before the call). -1 with
 * errno and reason: none answered; closed. */
int line_connected(struct line *l, const char **why);

/* A line that waits for calls. */
struct line_port {
	int fd;         /* POLLIN: a call (tty, fd: its first bytes are there) */
	char name[192]; /* "tcp:HOST:PORT" and so on, as really bound */
	char bound[192]; /* the same without its kind: what sock_listen says */
	uint64_t speed;
	/* line.c's own */
	struct addr addr;
	bool taken; /* tty, fd: the one call is in progress */
	struct tty tty;
};

/* 0, or -1 with errno and a constant reason. A unix socket file is removed by
 * line_port_close. */
int line_listen(struct line_port *p, const char *text, const char **why);
/* 1: the call is in *l, which is up. 0: none was there (or it went already, or
 * no descriptor was left for it: then it was hung up on).
 * -1 with errno: the line is gone. A tty or fd has one call at a time: p->taken
 * until line_port_ended; until then p->fd is not to be watched. */
int line_accept(struct line_port *p, struct line *l);
/* The call of a tty or fd ended: hangs up (drops DTR, discards what is
 * buffered). For sockets nothing. 0, or the ms after which line_port_again() has
 * to raise DTR: until then p->fd is not to be watched. */
int line_port_ended(struct line_port *p);
void line_port_again(struct line_port *p);
void line_port_close(struct line_port *p);

/* Hangs up and closes (a tty: DTR dropped, buffers discarded, its settings as
 * they were). Twice is no harm. */
void line_close(struct line *l);

#endif
