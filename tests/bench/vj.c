/* vj.c - bytes on the line for typing, compressed headers over plain ones: each key is
 * a segment, its echo another, then the acknowledgement; one byte each as telnet has,
 * 36 as ssh. All framed as LCP agrees by default here: PFC, ACFC, no ACCM. The limit is
 * three bytes a header, which is as little as RFC 1144 has. */
#include "unit/flow.h"
#include "wire/hdlc.h"
#include "wire/vj.h"

#include <stdio.h>
#include <stdlib.h>

#define KEYS 1000
#define LEAST 3 /* change mask, TCP's checksum */

struct way { /* one direction of the connection */
	struct flow f;
	struct vj_tx tx;
};

static unsigned long plain, small, least;

static size_t framed(uint16_t protocol, const uint8_t *p, size_t n)
{
	struct hdlc_tx tx = { .pfc = true, .acfc = true };
	struct buf b;
	buf_init(&b, 4096);
	hdlc_map(&tx.map, 0);
	if (hdlc_encode(&b, &tx, protocol, p, n) != 0)
		abort();
	n = b.len;
	buf_clear(&b);
	return n;
}

static void send(struct way *w, size_t data)
{
	uint8_t ip[1500], line[1500];
	struct out o = out_of(line, sizeof line);
	struct flow_segment s = { .seq = w->f.seq, .flags = data ? 24 : 16, .data = data };
	w->f.id++;
	size_t n = flow_write(&w->f, &s, ip);
	w->f.seq += (uint32_t)data;
	uint16_t protocol = vj_compress(&w->tx, ip, n, &o);
	least += framed(VJ_COMPRESSED, ip, LEAST + data); /* by their number: what is escaped does not count here */
	plain += framed(VJ_IP, ip, n);
	small += protocol == VJ_IP ? framed(VJ_IP, ip, n) : framed(protocol, line, out_len(&o));
}

static void typing(const char *what, size_t data)
{
	struct way user = { .f = { .port = 1025, .window = 500, .seq = 1000 } }, host = { .f = { .port = 1025, .window = 400 } };
	vj_tx_init(&user.tx, 16, true);
	vj_tx_init(&host.tx, 16, true);
	plain = small = least = 0;
	for (int i = 0; i < KEYS; i++) {
		send(&user, data);
		host.f.ack = user.f.seq;
		send(&host, data);
		user.f.ack = host.f.seq;
		send(&user, 0);
	}
	printf("%s, bytes a key with compressed headers\t%.1f\t%.1f\t%.1f\t%.2f\n", what, (double)small / KEYS,
	       (double)plain / KEYS, (double)least / KEYS, (double)plain / (double)small);
}

int main(void)
{
	typing("typing, 1 byte", 1);
	typing("typing, 36 bytes as ssh", 36);
	return 0;
}
