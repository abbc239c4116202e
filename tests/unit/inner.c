/* inner.c - unit tests of lib/wire/inner.h: what a permit lets through, packet by packet. */
#include "unit/tap.h"
#include "wire/inner.h"

#define WS 0x0a320005u
#define SP 0x0ad20007u
#define SYN 2
#define ACK 16

static struct inner in;
static uint8_t b[256];
static size_t n;

static void put(size_t at, uint32_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		b[at + i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

/* An IPv4 header of 20 bytes at `at`, `data` bytes behind it. */
static void ip(size_t at, uint32_t from, uint32_t to, uint8_t protocol, size_t data)
{
	memset(b + at, 0, sizeof b - at);
	b[at] = 0x45;
	put(at + 2, (uint32_t)(20 + data), 2);
	put(at + 4, 77, 2);
	b[at + 9] = protocol;
	put(at + 12, from, 4);
	put(at + 16, to, 4);
	n = at + 20 + data;
}

static void ports(size_t at, uint16_t from, uint16_t to)
{
	put(at, from, 2);
	put(at + 2, to, 2);
}

static void tcp(enum inner_way way, uint16_t from, uint16_t to, uint8_t flags)
{
	ip(0, way == INNER_IN ? WS : SP, way == INNER_IN ? SP : WS, 6, 20);
	ports(20, from, to);
	b[33] = flags;
}

static void udp(enum inner_way way, uint16_t from, uint16_t to)
{
	ip(0, way == INNER_IN ? WS : SP, way == INNER_IN ? SP : WS, 17, 12);
	ports(20, from, to);
}

static void is(enum inner_way way, int64_t now, const char *want, const char *what)
{
	check_str(inner_verdict_name(inner_judge(&in, way, b, n, now)), want, what);
}

static void begin(const char *text)
{
	struct ports p;
	const char *why;
	check(ports_parse(view_of(text), &p, &why), "ports: %s", text);
	inner_init(&in, WS, SP, &p);
}

static void connections(void)
{
	begin("tcp/22,tcp/514:out,udp/161");
	tcp(INNER_OUT, 22, 40000, SYN | ACK);
	is(INNER_OUT, 10, "port", "an answer to nothing");
	tcp(INNER_IN, 40000, 22, SYN);
	is(INNER_IN, 20, "pass", "a permitted connection begins");
	tcp(INNER_OUT, 22, 40000, SYN | ACK);
	is(INNER_OUT, 30, "pass", "its answer");
	tcp(INNER_OUT, 22, 40000, SYN);
	is(INNER_OUT, 31, "port", "an answer never begins a connection");
	tcp(INNER_OUT, 22, 40001, ACK);
	is(INNER_OUT, 32, "port", "nor is it one to another port");
	tcp(INNER_OUT, 22, 40000, ACK);
	is(INNER_OUT, 30 + INNER_TCP_MS, "pass", "a connection rests for two hours");
	is(INNER_OUT, 31 + 2 * INNER_TCP_MS, "port", "and not for ever");
	tcp(INNER_IN, 40000, 23, SYN);
	is(INNER_IN, 40, "port", "a port that is not permitted");
	tcp(INNER_IN, 40000, 514, SYN);
	is(INNER_IN, 40, "port", "a permitted one the wrong way");
	tcp(INNER_OUT, 5000, 514, SYN);
	is(INNER_OUT, 41, "pass", "and the right way");
	tcp(INNER_IN, 514, 5000, SYN | ACK);
	is(INNER_IN, 42, "pass", "and its answer");
	tcp(INNER_IN, 514, 5001, ACK);
	is(INNER_IN, 43, "port", "the called port is no key to others");
	tcp(INNER_IN, 40000, 22, ACK);
	is(INNER_IN, 50, "pass", "one that had begun before we were there goes on");
}

static void datagrams(void)
{
	begin("tcp/22,udp/161,udp/162:out");
	udp(INNER_OUT, 161, 5000);
	is(INNER_OUT, 10, "port", "an answer that nobody asked for");
	udp(INNER_IN, 5000, 161);
	is(INNER_IN, 20, "pass", "a question");
	udp(INNER_OUT, 161, 5000);
	is(INNER_OUT, 30, "pass", "its answer");
	is(INNER_OUT, 31 + INNER_UDP_MS, "port", "which comes in time or not");
	udp(INNER_OUT, 6000, 162);
	is(INNER_OUT, 40, "pass", "a trap");
	udp(INNER_IN, 162, 6001);
	is(INNER_IN, 41, "port", "from the port of traps to any other");
	ip(0, WS, SP, 17, 7);
	is(INNER_IN, 50, "transport", "no room for a header");
	ip(0, WS, SP, 47, 20);
	is(INNER_IN, 50, "protocol", "GRE");
}

static void addresses(void)
{
	begin("");
	tcp(INNER_IN, 1, 2, SYN);
	put(12, 0x0a320006u, 4);
	is(INNER_IN, 10, "source", "another workstation");
	tcp(INNER_IN, 1, 2, SYN);
	put(16, 0x0ad20008u, 4);
	is(INNER_IN, 10, "destination", "another system");
	tcp(INNER_IN, 1, 2, SYN);
	is(INNER_OUT, 10, "source", "from the wrong end of the tunnel");
	n--;
	is(INNER_IN, 10, "length", "shorter than it says");
	n += 2;
	is(INNER_IN, 10, "length", "longer");
	n = 0;
	is(INNER_IN, 10, "length", "nothing");
	b[0] = 0x60;
	n = 40;
	is(INNER_IN, 10, "version", "IPv6");
	ip(0, WS, SP, 6, 28);
	b[0] = 0x46;
	b[20] = 131;
	b[21] = 4;
	is(INNER_IN, 10, "options", "a source route");
	check(in.packets[INNER_IN][INNER_LENGTH] == 3 && in.bytes[INNER_IN] == 0, "counted by cause");
}

static void parts(void)
{
	begin("udp/161,tcp/22");
	udp(INNER_IN, 5000, 161);
	put(6, 0x0002, 2);
	is(INNER_IN, 10, "fragment", "a part whose beginning was not seen");
	put(6, 0x2000, 2);
	is(INNER_IN, 11, "pass", "a beginning");
	put(6, 0x0002, 2);
	is(INNER_IN, 12, "pass", "its next part");
	is(INNER_IN, 12 + INNER_PART_MS, "fragment", "too late");
	put(4, 78, 2);
	is(INNER_IN, 12, "fragment", "of another packet");
	tcp(INNER_IN, 5000, 22, SYN);
	put(6, 0x2000, 2);
	is(INNER_IN, 20, "pass", "a beginning with its whole header");
	put(6, 0x0001, 2);
	is(INNER_IN, 20, "fragment", "a part that overlaps it");
	put(6, 0x0002, 2);
	is(INNER_IN, 20, "fragment", "or its end");
	put(6, 0x0003, 2);
	is(INNER_IN, 20, "pass", "one behind it");
}

/* An ICMP message on its way, quoting a packet of UDP. */
static void error(enum inner_way way, uint8_t type, uint32_t from, uint32_t to, uint16_t sport, uint16_t dport)
{
	ip(28, from, to, 17, 8);
	ports(48, sport, dport);
	uint8_t quoted[28];
	memcpy(quoted, b + 28, sizeof quoted);
	ip(0, way == INNER_IN ? WS : SP, way == INNER_IN ? SP : WS, 1, 8 + sizeof quoted);
	b[20] = type;
	memcpy(b + 28, quoted, sizeof quoted);
}

static void errors(void)
{
	begin("udp/161");
	error(INNER_OUT, 3, WS, SP, 5000, 161);
	is(INNER_OUT, 10, "quote", "an error about what was not sent");
	udp(INNER_IN, 5000, 161);
	is(INNER_IN, 11, "pass", "sent");
	error(INNER_OUT, 3, WS, SP, 5000, 161);
	is(INNER_OUT, 12, "pass", "an error about it");
	error(INNER_IN, 3, SP, WS, 161, 5000);
	is(INNER_IN, 13, "pass", "and about its answer");
	error(INNER_OUT, 5, WS, SP, 5000, 161);
	is(INNER_OUT, 14, "protocol", "a redirect");
	error(INNER_OUT, 3, WS, 0x0ad20008u, 5000, 161);
	is(INNER_OUT, 15, "quote", "about a packet of others");
	error(INNER_IN, 8, SP, WS, 1, 2);
	is(INNER_IN, 16, "protocol", "a ping");
	begin("");
	error(INNER_IN, 8, SP, WS, 1, 2);
	is(INNER_IN, 16, "pass", "which all ports let through");
}

static void many(void)
{
	begin("udp/161");
	for (unsigned p = 1; p <= 60000; p++) {
		udp(INNER_IN, (uint16_t)p, 161);
		inner_judge(&in, INNER_IN, b, n, p);
	}
	udp(INNER_OUT, 161, 60000);
	is(INNER_OUT, 60000, "pass", "the newest of very many is remembered");
	udp(INNER_OUT, 161, 1);
	is(INNER_OUT, 60000, "port", "the oldest is not");
	struct ports none;
	const char *why;
	ports_parse(view_of("none"), &none, &why);
	inner_permit(&in, &none);
	udp(INNER_OUT, 161, 60000);
	is(INNER_OUT, 60001, "port", "what is no longer permitted ends");
}

int main(void)
{
	connections();
	datagrams();
	addresses();
	parts();
	errors();
	many();
	check_str(inner_verdict_name(INNER_VERDICTS), "unknown", "no verdict");
	return tap_done();
}
