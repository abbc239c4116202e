/* inner.c - a table of what was begun, sets of WAYS entries, and one judge for both directions.
 * Who is permitted can fill the table with his own flows only, which costs him the oldest. */
#include "wire/inner.h"

#include "wire/ip4.h"
#include "wire/sum.h"

#include <string.h>

#define WAYS 8
#define SETS (INNER_FLOWS / WAYS)

enum { TCP_HEADER = 20, UDP_HEADER = 8, TCP_FLAGS = 13, TCP_SYN = 2, TCP_ACK = 16 };
enum { ICMP_ECHO = 8, ICMP_ECHO_REPLY = 0, ICMP_QUENCH = 4 };

/* One packet, its lengths looked at, and the moment it came. */
struct seen {
	struct ip4 ip;
	const uint8_t *transport; /* ip.total - ip.header bytes */
	enum inner_way way;
	int64_t now;
};

static unsigned ports_way(enum inner_way way)
{
	return way == INNER_IN ? PORTS_IN : PORTS_OUT;
}

static int64_t life_of(const struct inner_flow *f)
{
	return f->protocol == IP4_TCP ? INNER_TCP_MS : INNER_UDP_MS;
}

static struct inner_flow *set_of(struct inner *i, const struct inner_flow *f)
{
	unsigned mixed = f->workstation * 40503u + f->processor * 30011u + f->protocol + f->way;
	return &i->flow[(mixed >> 3) % SETS * WAYS];
}

static struct inner_flow *find(struct inner *i, const struct inner_flow *want, int64_t now)
{
	struct inner_flow *set = set_of(i, want);
	for (unsigned n = 0; n < WAYS; n++)
		if (set[n].at && set[n].workstation == want->workstation && set[n].processor == want->processor &&
		    set[n].protocol == want->protocol && set[n].way == want->way && now - set[n].at <= life_of(want))
			return &set[n];
	return NULL;
}

/* An empty one, else that which rests longest. */
static struct inner_flow *place_in(struct inner_flow *set)
{
	struct inner_flow *to = set;
	for (unsigned n = 1; n < WAYS; n++)
		if (set[n].at < to->at)
			to = &set[n];
	return to;
}

static void remember(struct inner *i, const struct inner_flow *f, int64_t now)
{
	struct inner_flow *to = find(i, f, now);
	if (!to)
		to = place_in(set_of(i, f));
	*to = *f;
	to->at = now;
}

/* Is that port open for who begins in this way? The port of the one who is called. */
static bool may_begin(const struct inner *i, const struct inner_flow *f)
{
	enum inner_way way = (enum inner_way)f->way;
	return ports_has(&i->ports, f->protocol, way == INNER_IN ? f->processor : f->workstation, ports_way(way));
}

/* The ports of a packet on its way, as of a flow that began in the way `began`. */
static struct inner_flow flow_of(const uint8_t *transport, uint8_t protocol, enum inner_way way, enum inner_way began)
{
	uint16_t from = get16(transport, 0), to = get16(transport, 2);
	return (struct inner_flow){ .workstation = way == INNER_IN ? from : to, .processor = way == INNER_IN ? to : from,
	                            .protocol = protocol, .way = (uint8_t)began };
}

static enum inner_way other(enum inner_way way)
{
	return way == INNER_IN ? INNER_OUT : INNER_IN;
}

/* A packet that begins something, goes on with it, or answers. */
static enum inner_verdict flow(struct inner *i, const struct seen *s)
{
	struct inner_flow mine = flow_of(s->transport, s->ip.protocol, s->way, s->way), *theirs;
	if (may_begin(i, &mine)) {
		remember(i, &mine, s->now);
		return INNER_PASS;
	}
	if (s->ip.protocol == IP4_TCP && (s->transport[TCP_FLAGS] & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		return INNER_PORT; /* an answer never begins a connection */
	mine.way = (uint8_t)other(s->way);
	theirs = find(i, &mine, s->now);
	if (!theirs || !may_begin(i, &mine))
		return INNER_PORT;
	theirs->at = s->now;
	return INNER_PASS;
}

/* The quoted packet went the other way, and was of something that was begun. */
static enum inner_verdict quote(struct inner *i, const struct seen *s)
{
	size_t n = s->ip.total - s->ip.header - ICMP_HEADER;
	const uint8_t *p = &s->transport[ICMP_HEADER];
	enum inner_way way = other(s->way);
	struct ip4 q;
	if (ip4_parse(p, n, &q) != IP4_FINE || q.source != s->ip.destination || q.destination != s->ip.source)
		return INNER_QUOTE;
	if ((q.protocol != IP4_TCP && q.protocol != IP4_UDP) || q.fragment || n < q.header + UDP_HEADER)
		return i->ports.all && q.protocol == IP4_ICMP ? INNER_PASS : INNER_QUOTE;
	for (int began = INNER_IN; began <= INNER_OUT; began++) {
		struct inner_flow f = flow_of(&p[q.header], q.protocol, way, (enum inner_way)began);
		if (may_begin(i, &f) && find(i, &f, s->now))
			return INNER_PASS;
	}
	return INNER_QUOTE;
}

static enum inner_verdict icmp(struct inner *i, const struct seen *s)
{
	uint8_t type = s->transport[0];
	if (type == ICMP_ECHO || type == ICMP_ECHO_REPLY)
		return i->ports.all ? INNER_PASS : INNER_PROTOCOL;
	if (!ip4_is_error(type) || type == ICMP_QUENCH || type == ICMP_REDIRECT)
		return INNER_PROTOCOL;
	return quote(i, s);
}

/* A later part passes when its beginning did, and is behind that. */
static enum inner_verdict later_part(const struct inner *i, const struct seen *s)
{
	if (s->ip.protocol == IP4_TCP && s->ip.fragment * 8 < TCP_HEADER)
		return INNER_FRAGMENT;
	for (unsigned n = 0; n < INNER_PARTS; n++) {
		const struct inner_part *p = &i->part[n];
		if (p->at && s->now - p->at <= INNER_PART_MS && p->id == s->ip.id && p->protocol == s->ip.protocol && p->way == s->way)
			return INNER_PASS;
	}
	return INNER_FRAGMENT;
}

static size_t header_of(uint8_t protocol)
{
	return protocol == IP4_TCP ? TCP_HEADER : UDP_HEADER; /* ICMP's has as many bytes as UDP's */
}

static enum inner_verdict by_protocol(struct inner *i, const struct seen *s)
{
	if (s->ip.protocol != IP4_TCP && s->ip.protocol != IP4_UDP && s->ip.protocol != IP4_ICMP)
		return INNER_PROTOCOL;
	if (s->ip.fragment)
		return later_part(i, s);
	if (s->ip.total - s->ip.header < header_of(s->ip.protocol))
		return INNER_TRANSPORT;
	enum inner_verdict v = s->ip.protocol == IP4_ICMP ? icmp(i, s) : flow(i, s);
	if (v == INNER_PASS && s->ip.more)
		i->part[i->parts++ % INNER_PARTS] = (struct inner_part){ s->now, s->ip.id, s->ip.protocol, (uint8_t)s->way };
	return v;
}

static enum inner_verdict judge(struct inner *i, struct seen *s, const uint8_t *p, size_t n)
{
	static const enum inner_verdict fault[] = { INNER_PASS, INNER_VERSION, INNER_LENGTH, INNER_OPTIONS };
	enum inner_verdict v = fault[ip4_parse(p, n, &s->ip)];
	if (v != INNER_PASS)
		return v;
	if (s->ip.total != n)
		return INNER_LENGTH;
	if (s->ip.source != (s->way == INNER_IN ? i->workstation : i->inside))
		return INNER_SOURCE;
	if (s->ip.destination != (s->way == INNER_IN ? i->inside : i->workstation))
		return INNER_DESTINATION;
	s->transport = &p[s->ip.header];
	return by_protocol(i, s);
}

enum inner_verdict inner_judge(struct inner *i, enum inner_way way, const uint8_t *packet, size_t n, int64_t now)
{
	struct seen s = { .way = way, .now = now > 0 ? now : 1 };
	enum inner_verdict v = judge(i, &s, packet, n);
	i->packets[way][v]++;
	if (v == INNER_PASS)
		i->bytes[way] += n;
	return v;
}

void inner_init(struct inner *i, uint32_t workstation, uint32_t inside, const struct ports *ports)
{
	memset(i, 0, sizeof *i);
	i->workstation = workstation;
	i->inside = inside;
	i->ports = *ports;
}

void inner_permit(struct inner *i, const struct ports *ports)
{
	i->ports = *ports;
}

const char *inner_verdict_name(enum inner_verdict v)
{
	static const char *const names[INNER_VERDICTS] = {
		"pass", "version", "length", "options", "source", "destination",
		"transport", "protocol", "port", "fragment", "quote",
	};
	return (unsigned)v < INNER_VERDICTS ? names[v] : "unknown";
}
