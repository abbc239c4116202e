/* dtls_batch.c - what an association sends in one turn of the loop, gathered until its end. */
#include "sys/dtls_impl.h"

#include <stdlib.h>

/* One batch at hand, for those that are used one after the other. */
static struct dtls_batch *spare;

static struct dtls_batch *batch_take(void)
{
	struct dtls_batch *b = spare ? spare : malloc(sizeof *b);
	spare = NULL;
	if (b)
		b->n = b->records = 0;
	return b;
}

void dtls_batch_end(void *arg)
{
	struct dtls *d = arg;
	struct dtls_batch *b = d->wire.batch;
	loop_cancel(d->loop, &d->flush);
	if (!b)
		return;
	dtls_wire_flush(&d->wire);
	d->wire.batch = NULL;
	if (spare)
		free(b);
	else
		spare = b;
}

void dtls_batch_begin(struct dtls *d)
{
	if (d->gather && !d->wire.batch && (d->wire.batch = batch_take()) != NULL)
		loop_at(d->loop, &d->flush, clock_ms(), dtls_batch_end, d);
}

void dtls_gather(struct dtls *d)
{
	d->gather = true;
}
