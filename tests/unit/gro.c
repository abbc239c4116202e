/* gro.c - TCP segments as one packet: what is put together, what is not, and that all
 * of it comes apart as it was. */
#include "unit/apart.h"
#include "unit/tap.h"

#define DATA 1000

static uint8_t packet[2][1500];
static size_t length[2];

static size_t segment(struct flow *f, size_t data, uint8_t flags, uint8_t *to)
{
	struct flow_segment s = { .seq = f->seq, .flags = flags, .data = data, .options = f->timestamps ? 12 : 0 };
	size_t n = flow_write(f, &s, to);
	f->seq += (uint32_t)data;
	f->id++;
	return n;
}

/* Do two packets, the second of them changed, become one? */
static bool joined(void)
{
	struct gro g = { 0 };
	return gro_add(&g, packet[0], length[0]) && gro_add(&g, packet[1], length[1]);
}

static void sums(uint8_t *p, size_t n)
{
	struct out o = out_of(p, n);
	o.p = o.end;
	out_patch16(&o, 10, 0);
	out_patch16(&o, 10, flow_fold(flow_sum(0, p, 20)));
	out_patch16(&o, 36, 0);
	out_patch16(&o, 36, flow_tcp_sum(p, n));
}

static void two(size_t first, uint8_t first_flags, size_t second, uint8_t second_flags)
{
	struct flow f = { .port = 1024, .window = 500, .seq = 0xffffff00, .ack = 77, .id = 0xffff };
	length[0] = segment(&f, first, first_flags, packet[0]);
	length[1] = segment(&f, second, second_flags, packet[1]);
}

static void sizes(void)
{
	static const struct { size_t first; uint8_t first_flags; size_t second; uint8_t second_flags; bool joined; const char *what; } t[] = {
		{ DATA, 16, DATA, 16, true, "two alike; sequence and identification come round" },
		{ DATA, 16, DATA, 24, true, "the second pushed" },
		{ DATA, 24, DATA, 16, false, "the first pushed" },
		{ DATA, 16, 1, 16, true, "the second shorter" },
		{ DATA, 16, DATA + 1, 16, false, "the second longer" },
		{ 0, 16, DATA, 16, false, "no data in the first" },
		{ DATA, 16, 0, 16, false, "none in the second" },
		{ DATA, 18, DATA, 16, false, "SYN" },
		{ DATA, 16, DATA, 17, false, "FIN" },
		{ DATA, 16, DATA, 20, false, "RST" },
		{ DATA, 16, DATA, 48, false, "URG" },
		{ DATA, 16, DATA, 80, false, "ECE" },
		{ DATA, 144, DATA, 144, false, "CWR" },
		{ DATA, 0, DATA, 0, false, "no ACK" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		two(t[i].first, t[i].first_flags, t[i].second, t[i].second_flags);
		check(joined() == t[i].joined, "%s: %s", t[i].what, t[i].joined ? "one" : "two");
	}
}

/* One bit of the second's headers is another. Checksums are made right, or are what is wrong. */
static void bits(void)
{
	unsigned wrong = 0;
	for (unsigned bit = 0; bit < 40 * 8; bit++) {
		two(DATA, 16, DATA, 16);
		packet[1][bit / 8] ^= (uint8_t)(1 << bit % 8);
		bool sum = bit / 16 == 5 || bit / 16 == 18;
		if (!sum)
			sums(packet[1], length[1]);
		bool push = bit == 33 * 8 + 3;
		wrong += joined() != push;
	}
	check(wrong == 0, "any bit of the headers but PSH keeps them two (%u did not)", wrong);
	two(DATA, 16, DATA, 16);
	packet[1][length[1] - 1] ^= 1;
	check(!joined(), "and so does wrong data");
	two(DATA, 16, DATA, 16);
	packet[0][0] = packet[1][0] = 0x65;
	check(!joined(), "none of another IP version");
}

static void options(void)
{
	struct flow f = { .port = 1024, .window = 500, .timestamps = 1 };
	length[0] = segment(&f, DATA, 16, packet[0]);
	length[1] = segment(&f, DATA, 16, packet[1]);
	check(!joined(), "timestamps differ: two");
	packet[1][51] = packet[0][51];
	sums(packet[1], length[1]);
	check(joined(), "they do not: one");
	f = (struct flow){ .port = 1024, .window = 500, .ip_options = 8 };
	length[0] = segment(&f, DATA, 16, packet[0]);
	length[1] = segment(&f, DATA, 16, packet[1]);
	check(!joined(), "IP options: two");
}

/* Sealed, g is what the next of `want` were. */
struct order {
	uint8_t packet[64][1500];
	size_t n[64];
	unsigned in, out, wrong, writes;
};

static void leaves(struct order *o, struct gro *g)
{
	uint8_t b[GRO_MAX];
	size_t n;
	gro_seal(g);
	for (unsigned i = 0; (n = apart(g, i, b)) > 0; i++, o->out++)
		o->wrong += n != o->n[o->out % 64] || memcmp(b, o->packet[o->out % 64], n) != 0;
	o->writes++;
	g->n = 0;
}

static void enters(struct order *o, struct gro *g)
{
	const uint8_t *p = o->packet[o->in % 64];
	size_t n = o->n[o->in++ % 64];
	if (gro_add(g, p, n))
		return;
	leaves(o, g);
	o->wrong += !gro_add(g, p, n);
}

static void bulk(size_t data, int push, unsigned become)
{
	static struct order o;
	static struct gro g;
	struct flow f = { .port = 1024, .window = 500, .seq = 5 };
	memset(&o, 0, sizeof o);
	for (int i = 0; i < 1000; i++) {
		o.n[o.in % 64] = segment(&f, data, i % push ? 16 : 24, o.packet[o.in % 64]);
		enters(&o, &g);
	}
	leaves(&o, &g);
	check(o.wrong == 0 && o.out == 1000 && o.writes == become, "1000 with %u bytes are %u, and come apart as they were",
	      (unsigned)data, o.writes);
}

/* Connections as they are, mixed. */
static void any(void)
{
	static struct order o;
	static struct gro g;
	struct flow f[2];
	uint32_t lot = 9;
	for (uint32_t seed = 0; seed < 200; seed++) {
		flow_init(&f[0], seed);
		flow_init(&f[1], seed + 1000);
		for (int i = 0; i < 200; i++) {
			struct flow *of = &f[flow_draw(&lot, 8) == 0];
			uint8_t *to = o.packet[o.in % 64];
			o.n[o.in % 64] = flow_draw(&lot, 3) ? segment(of, 1 + flow_draw(&lot, 2) * 99, 16, to) : flow_next(of, to);
			enters(&o, &g);
		}
	}
	leaves(&o, &g);
	check(o.wrong == 0 && o.out == 40000 && o.writes < 36000, "40000 of all kinds (%u) come apart as they were", o.writes);
}

int main(void)
{
	sizes();
	bits();
	options();
	bulk(1448, 137, 30); /* 45 fill it, one in 137 was pushed */
	bulk(100, 37, 28);
	any();
	return tap_done();
}
