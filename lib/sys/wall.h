/* wall.h - the service processor's packet filter (nftables, table inet sp_wall, this network
 * namespace): from a link come the tunnel's packets of its gateways alone, to where we have sent
 * some; from a tunnel those of its workstation for the permitted ports; nothing is forwarded from
 * or to either; and ports that are walled off are shut on every other interface.
 *
 * The base drops all of it, and stays when its maker ends. A session adds elements that time out:
 * who is killed leaves it shut. Nobody else's tables are touched, no connection is tracked. Each
 * call is one transaction, all of it or nothing, some milliseconds long. A reason is good until
 * the next call. */
#ifndef SP_SYS_WALL_H
#define SP_SYS_WALL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define WALL_LINKS "ras*"   /* the devices of sp-ras */
#define WALL_TUNNELS "spg*" /* those of the security client */

#define WALL_RANGES 16

enum wall_way { WALL_IN = 1, WALL_OUT = 2, WALL_BOTH = 3 }; /* as in wire/ports.h: who begins */

struct wall_range {
	uint8_t proto, way; /* 6 or 17 */
	uint16_t from, to;
};

struct wall_ports { /* without overlaps */
	bool all; /* TCP and UDP, both ways, and pings */
	unsigned n;
	struct wall_range range[WALL_RANGES];
};

/* Loads the base, or loads it anew: what sessions have opened stays open. links, tunnels: names of
 * devices, with a * at their end those that begin so. Then as wall_sweep. 0, or -1 with a reason, and what was there is as it was: nftables is missing or forbidden,
 * one pattern has devices of the other, or one of a device that is no TUN device. */
int wall_base(const char *links, const char *tunnels, const char **why);

struct wall_gateway {
	struct in_addr address;
	uint16_t port; /* UDP, and TCP where UDP is blocked */
};

struct wall_session {
	const char *link;                   /* a device of the base's, which is there */
	const struct wall_gateway *gateway; /* whose packets it carries, one or several; none is like another */
	unsigned gateways;
	const char *tunnel;                 /* likewise; NULL: none yet, and all below is not looked at */
	struct in_addr workstation, inside; /* who speaks with whom in it */
	const struct wall_ports *ports;     /* what the permit allows; NULL: nothing */
	uint16_t route_port;                /* TCP, always permitted inwards; 0: none */
	const struct wall_ports *walled;    /* shut elsewhere, whatever their way; not all; NULL: none */
	unsigned seconds;                   /* after which it is shut unless it was renewed; 1 to 3600 */
	unsigned link_index, tunnel_index;  /* wall_open's; 0: not opened */
};

/* Opens; a second time, with more in it, too. 0, or -1 with a reason and nothing changed. What
 * s points to stays as it is until wall_close. */
int wall_open(struct wall_session *s, const char **why);
/* Puts the end off, three times in .seconds at least. -1 with a reason: it is not certain that
 * anything holds any more, as when somebody flushed the rules; the session is to be ended. */
int wall_renew(const struct wall_session *s, const char **why);
/* Shut again, with nothing left of it; the devices may be gone. Not opened: nothing. 0/-1. */
int wall_close(struct wall_session *s, const char **why);

/* Writes packets that must be dropped into the link's and the tunnel's TUN descriptor (-1: not
 * there), and sends some to walled ports from this machine. Each is counted where it is dropped,
 * by its addresses and ports, so that nobody else's can stand for it; one that is permitted, and
 * does nothing, must not be. A link may be proven before its gateways are known, with
 * just the base (.gateways 0). 0; -1 with a reason: what was let through, or why it is not known. */
int wall_prove(const struct wall_session *s, int link_fd, int tunnel_fd, const char **why);

/* A descriptor that is readable when rules change; close(2) it. -1 errno. wall_gone, when it is:
 * was the whole table taken away, as by who flushes all rules, or may it have been? Then, and
 * only then, what is to stand is loaded, and what is open renewed, at once. */
int wall_watch(void);
bool wall_gone(int fd);

/* Takes away what sessions have left that were killed: what does not time out, or not soon, of
 * devices that are gone. It opens nothing. 0/-1. */
int wall_sweep(const char **why);

#endif
