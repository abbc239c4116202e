/* gate_local.c - packets go from one to the other at once. What the gateway says is heard at the
 * loop's next turn, as who asked is still busy with asking. */
#include "engine/gate_local.h"

#include <stdlib.h>
#include <time.h>

#define WAITING_MAX (16u << 20) /* bytes of lines */

struct gate_local {
	struct loop *loop;
	struct gate_peer *peer;
	struct gate_end *end; /* NULL: nobody hears */
	struct gate_way way;
	struct buf lines;
	struct loop_timer soon;
};

static void deliver(void *arg)
{
	struct gate_local *l = arg;
	struct buf lines = l->lines;
	struct view rest = buf_view(&lines), line;
	buf_init(&l->lines, WAITING_MAX);
	while (l->end && view_split(&rest, '\n', &line))
		if (line.n)
			gate_end_heard(l->end, line);
	buf_clear(&lines);
}

static void on_send(void *arg, struct view datagram)
{
	struct gate_local *l = arg;
	if (datagram.n && (uint8_t)datagram.p[0] >> 4 != 4) {
		buf_addv(&l->lines, datagram); /* without memory it is lost, as a datagram may be */
		loop_at(l->loop, &l->soon, clock_ms(), deliver, l);
	} else if (l->end) {
		gate_end_heard(l->end, datagram);
	}
}

static void heard_by(void *arg, struct gate_end *e)
{
	((struct gate_local *)arg)->end = e;
}

static void on_record(void *arg, const struct record *r)
{
	struct gate_local *l = arg;
	struct buf line;
	buf_init(&line, 2 * RECORD_LINE_MAX);
	if (record_write(r, &line) == 0)
		gate_datagram(l->peer, buf_view(&line), clock_ms(), time(NULL));
	buf_clear(&line);
}

static void on_packet(void *arg, struct view ip)
{
	struct gate_local *l = arg;
	gate_datagram(l->peer, ip, clock_ms(), time(NULL));
}

struct gate_local *gate_local_new(struct loop *loop, struct gate *g, const char *name)
{
	struct gate_local *l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->loop = loop;
	l->way = (struct gate_way){ heard_by, on_record, on_packet, l };
	buf_init(&l->lines, WAITING_MAX);
	l->peer = gate_peer_local(g, name, on_send, l);
	if (l->peer)
		return l;
	free(l);
	return NULL;
}

void gate_local_free(struct gate_local *l)
{
	if (!l)
		return;
	loop_cancel(l->loop, &l->soon);
	gate_peer_free(l->peer);
	buf_clear(&l->lines);
	free(l);
}

const struct gate_way *gate_local_way(const struct gate_local *l)
{
	return &l->way;
}
