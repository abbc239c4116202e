/* vj.c - header compression: RFC 1144's encodings byte by byte, whole connections
 * through both ends, lines that lose, fewer slots than connections, refusals. */
#include "unit/flow.h"
#include "unit/tap.h"
#include "wire/vj.h"

static struct vj_tx tx;
static struct vj_rx rx;

struct packet {
	uint8_t b[1500];
	size_t n;
};

static void begin(unsigned slots, bool omit)
{
	vj_tx_init(&tx, slots, omit);
	vj_rx_init(&rx, slots);
}

/* One packet through both ends; what came out, n is 0 when it was dropped. */
static uint16_t through(const struct packet *p, struct packet *line, struct packet *got)
{
	struct out to = out_of(line->b, sizeof line->b), back = out_of(got->b, sizeof got->b);
	const char *why;
	uint16_t protocol = vj_compress(&tx, p->b, p->n, &to);
	if (protocol == VJ_IP) {
		*got = *line = *p;
		return protocol;
	}
	line->n = out_len(&to);
	got->n = vj_expand(&rx, protocol, line->b, line->n, &back, &why) == 1 ? out_len(&back) : 0;
	return protocol;
}

static bool same(const struct packet *a, const struct packet *b)
{
	return a->n == b->n && memcmp(a->b, b->b, a->n) == 0;
}

/* A connection that runs straight, then one change a row. */
static void encodings(void)
{
	static const struct {
		const char *what;
		uint32_t seq, ack;
		uint16_t id, window, urgent;
		uint8_t flags;
		size_t data, head; /* head: bytes on the line before the data; 40: sent whole */
	} t[] = {
		{ "the first packet", 0, 0, 0, 0, 0, 16, 10, 40 },
		{ "data after data: only the mask and the checksum", 10, 0, 1, 0, 0, 16, 10, 3 },
		{ "pushed", 10, 0, 1, 0, 0, 24, 1, 3 },
		{ "echoed typing: sequence and ack by the last data", 1, 1, 1, 0, 0, 24, 1, 3 },
		{ "an ack that jumps by 255", 1, 255, 1, 0, 0, 16, 0, 5 },
		{ "by 256: three bytes", 0, 256, 1, 0, 0, 16, 0, 6 },
		{ "a smaller window", 0, 0, 1, 65535, 0, 16, 0, 6 },
		{ "data after an ack, nothing else moved", 0, 0, 1, 0, 0, 16, 5, 3 },
		{ "the same once more", 0, 0, 1, 0, 0, 16, 5, 40 },
		{ "an ID that jumps", 5, 0, 300, 0, 0, 16, 5, 6 },
		{ "urgent", 5, 0, 1, 0, 9, 48, 5, 5 },
		{ "no more urgent, and the pointer goes back", 5, 0, 1, 0, 0, 16, 5, 40 },
		{ "sequence, window and urgent: looks like a special", 5, 0, 1, 1, 3, 48, 5, 40 },
		{ "more than 65535", 70000, 0, 1, 0, 3, 16, 5, 40 },
		{ "an ack that goes back", 5, 0xffffffff, 1, 0, 3, 16, 5, 40 },
	};
	struct flow f = { .port = 9, .seq = 0xfffffff0, .window = 100 };
	begin(16, true);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct packet p, line, got;
		f.seq += t[i].seq;
		f.ack += t[i].ack;
		f.id = (uint16_t)(f.id + t[i].id);
		f.window = (uint16_t)(f.window + t[i].window);
		p.n = flow_write(&f, &(struct flow_segment){ f.seq, t[i].flags, t[i].urgent, t[i].data, 0 }, p.b);
		through(&p, &line, &got);
		check(line.n - t[i].data == t[i].head && same(&p, &got), "%s: %zu bytes", t[i].what, line.n - t[i].data);
	}
}

static void flows(unsigned connections, unsigned slots, bool omit)
{
	struct flow f[24];
	unsigned wrong = 0, small = 0, whole = 0;
	uint32_t seed = connections;
	begin(slots, omit);
	for (unsigned i = 0; i < connections; i++)
		flow_init(&f[i], i);
	for (int i = 0; i < 60000; i++) {
		struct packet p, line, got;
		p.n = flow_next(&f[flow_draw(&seed, flow_draw(&seed, connections) + 1)], p.b);
		uint16_t as = through(&p, &line, &got);
		small += as == VJ_COMPRESSED;
		whole += as == VJ_UNCOMPRESSED;
		wrong += !same(&p, &got) || line.n > p.n;
	}
	check(wrong == 0 && small > 5000 && whole > 1000, "%u connections, %u slots, slots %s: %u small, %u whole, %u wrong", connections,
	      slots, omit ? "omitted" : "said", small, whole, wrong);
}

/* A damaged frame is told; a packet that comes out with a right checksum is the one
 * that went in, but for the IP ID, which no checksum covers (RFC 1144, 4.1). */
static void losses(void)
{
	struct flow f[5];
	unsigned wrong = 0, right = 0, found = 0;
	uint32_t seed = 7;
	begin(4, true);
	for (uint32_t i = 0; i < 5; i++)
		flow_init(&f[i], i);
	for (int i = 0; i < 60000; i++) {
		struct packet p, line, got;
		struct vj_rx before = rx;
		p.n = flow_next(&f[flow_draw(&seed, 5)], p.b);
		uint16_t as = through(&p, &line, &got);
		if (as != VJ_IP && flow_draw(&seed, 30) == 0) {
			rx = before;
			vj_rx_lost(&rx);
			continue;
		}
		bool sound = got.n && flow_tcp_sum(got.b, got.n) == 0;
		memcpy(got.b + 4, p.b + 4, 2);
		memcpy(got.b + 10, p.b + 10, 2);
		right += sound;
		wrong += sound && !same(&p, &got);
		found += !sound;
	}
	check(wrong == 0 && right > 20000 && found > 500, "lost frames: %u packets right, %u dropped here or by their checksum, %u wrong",
	      right, found, wrong);
}

static void plain(void)
{
	struct flow f = { .port = 9 };
	struct packet p, line, got;
	begin(16, true);
	p.n = flow_write(&f, &(struct flow_segment){ .flags = 16, .data = 4 }, p.b);
	p.b[9] = 17;
	check(through(&p, &line, &got) == VJ_IP, "UDP stays as it is");
	p.b[9] = 6;
	p.b[7] = 1;
	check(through(&p, &line, &got) == VJ_IP, "so does a fragment");
	p.b[7] = 0;
	p.b[32] = 0xf0;
	check(through(&p, &line, &got) == VJ_IP, "a TCP header that is cut off");
	p.b[32] = 0x40;
	check(through(&p, &line, &got) == VJ_IP, "one that is too short");
	p.b[32] = 0x50;
	p.n--;
	check(through(&p, &line, &got) == VJ_IP, "and a packet that is not as long as it says");
}

static void refuses(const char *what, uint16_t protocol, const void *p, size_t n, size_t room, const char *want)
{
	uint8_t b[1500];
	struct out to = out_of(b, room);
	const char *why = "taken";
	if (vj_expand(&rx, protocol, p, n, &to, &why) == 1)
		why = "taken";
	check_str(why, want, what);
}

static void refusals(void)
{
	struct flow f = { .port = 9 };
	struct packet p;
	begin(4, true);
	refuses("a slot that was never filled", VJ_COMPRESSED, "\x40\x03\x12\x34", 4, 1500, "no such slot");
	refuses("nothing", VJ_COMPRESSED, "", 0, 1500, "after a loss");
	p.n = flow_write(&f, &(struct flow_segment){ .flags = 16, .data = 4 }, p.b);
	p.b[9] = 4;
	refuses("a fifth slot of four", VJ_UNCOMPRESSED, p.b, p.n, 1500, "no such slot");
	p.b[9] = 3;
	p.b[10] ^= 1;
	refuses("a header with a wrong checksum", VJ_UNCOMPRESSED, p.b, p.n, 1500, "wrong IP checksum");
	p.b[10] ^= 1;
	refuses("half a header", VJ_UNCOMPRESSED, p.b, 30, 1500, "no TCP header");
	refuses("less than it says", VJ_UNCOMPRESSED, p.b, p.n - 1, 1500, "length does not fit");
	refuses("the right one", VJ_UNCOMPRESSED, p.b, p.n, 1500, "taken");
	refuses("cut off in the values", VJ_COMPRESSED, "\x48\x03\x12\x34", 4, 1500, "cut off");
	refuses("no slot said after that", VJ_COMPRESSED, "\x0f\x12\x34", 3, 1500, "after a loss");
	refuses("a packet that does not fit", VJ_COMPRESSED, "\x4f\x03\x12\x34.....", 9, 44, "too long");
	refuses("a bit that nobody knows", VJ_COMPRESSED, "\xcf\x03\x12\x34", 4, 1500, "unknown bit");
}

int main(void)
{
	encodings();
	flows(1, 16, true);
	flows(3, 16, true);
	flows(20, 16, true);
	flows(20, 4, false);
	flows(2, 1, true);
	losses();
	plain();
	refusals();
	return tap_done();
}
