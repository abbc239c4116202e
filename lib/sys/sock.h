/* sock.h - addresses and sockets. An address is one text everywhere:
 *   tcp:HOST:PORT  tls:HOST:PORT  udp:HOST:PORT  dtls:HOST:PORT  unix:PATH  fd:N
 *   tty:PATH  modem:PATH  telnet:HOST:PORT  back:SERIAL or back:HOST:PORT (sp-line(7))
 * HOST may be [v6] or * (all); PORT may be a number, 0 (any) or a service name. */
#ifndef SP_SYS_SOCK_H
#define SP_SYS_SOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum addr_kind { ADDR_TCP, ADDR_TLS, ADDR_UDP, ADDR_DTLS, ADDR_UNIX, ADDR_FD, ADDR_TTY, ADDR_MODEM, ADDR_TELNET, ADDR_BACK };

struct addr {
	enum addr_kind kind;
	char host[256]; /* without [ ]; "" for * */
	char port[32];
	char path[108]; /* unix, tty, modem; back: all of it */
	int fd;
	char query[512]; /* what follows '?': NAME=VALUE[&...] */
};

/* false with a constant reason. */
bool addr_parse(const char *text, struct addr *a, const char **why);
/* Of the address of a server of the vendor's, tls: or dtls:, ?name=NAME: all that is behind
 * name= must be the name in its certificate (stream_expect). NULL: anything else is behind the '?'.
 * "": any name, as long as the role is right. Points into a. */
const char *addr_peer(const struct addr *a);

/* A non-blocking, close-on-exec listening socket (SO_REUSEADDR; a stale unix
 * socket file is replaced, made 0600). `bound` gets "HOST:PORT" or the path as
 * really bound. fd, or -1 with errno and a constant reason. */
int sock_listen(const struct addr *a, char *bound, size_t size, const char **why);

/* Begins to connect, non-blocking: wait for POLLOUT, then sock_connected.
 * Names are resolved blocking. For all but unix every resolved address is one
 * try: *next counts them (start with 0); -1/ENOENT when there is none left. */
int sock_connect(const struct addr *a, unsigned *next, const char **why);
/* The same over one network device, whatever the routing says (SO_BINDTODEVICE, which needs
 * CAP_NET_RAW). NULL: any. */
int sock_connect_over(const struct addr *a, const char *device, unsigned *next, const char **why);
/* After POLLOUT: 0, or the errno of the connect. */
int sock_connected(int fd);
/* Connects and waits until the deadline (clock_ms). fd non-blocking, or -1. */
int sock_connect_wait(const struct addr *a, int64_t deadline, const char **why);

/* accept4, non-blocking and close-on-exec. -1/EMFILE, ENFILE: no descriptor was
 * left, the connection was hung up on. */
int sock_accept(int fd);
/* "ADDRESS:PORT" ([v6]:port), or "unix". Peer and own end. */
void sock_peer_text(int fd, char *out, size_t size);
void sock_own_text(int fd, char *out, size_t size);
/* The address alone, as inet_ntop prints it; "" for unix. */
void sock_peer_host(int fd, char *out, size_t size);
void sock_own_host(int fd, char *out, size_t size);
bool sock_nonblock(int fd, bool on);
/* A socket that is bound to an address of a network device keeps to that device from now on, and so do
 * connections that it takes, whatever the routing says. One of no device's, as *, stays as it is. 0/-1. */
int sock_keep_device(int fd);
/* A TCP peer that vanished without a word is noticed within 15 s. */
void sock_keepalive(int fd);

#endif
