/* hdlc.h - PPP in asynchronous HDLC-like framing (RFC 1662): flags, byte
 * stuffing, ACCM, FCS-16, address/control and protocol field compression. */
#ifndef SP_WIRE_HDLC_H
#define SP_WIRE_HDLC_H

#include "base/buf.h"
#include "base/cursor.h"

#define HDLC_INFO_MAX 1500 /* information field, both directions */
#define HDLC_FRAME_MAX (HDLC_INFO_MAX + 6) /* ff 03, protocol, information, FCS */

#define HDLC_ACCM_ALL 0xffffffffu

/* Which bytes stop a run: 1 flag, 2 escape, 4 a control of the ACCM. */
struct hdlc_map {
	uint8_t stop[256];
	uint32_t accm;
};
void hdlc_map(struct hdlc_map *m, uint32_t accm);

struct hdlc_tx {
	struct hdlc_map map; /* what the peer wants escaped */
	bool pfc, acfc;      /* what the peer said it can read */
};
/* Appends one frame, p[0..n) being the information field, with both its flags; the
 * first only if no frame stands before it. 0; -1 with EMSGSIZE (n over HDLC_INFO_MAX), ENOBUFS, ENOMEM: nothing appended. */
int hdlc_encode(struct buf *out, const struct hdlc_tx *tx, uint16_t protocol, const void *p, size_t n);

struct hdlc_rx {
	struct hdlc_map map; /* controls to drop: what the peer escapes for us */
	uint8_t frame[HDLC_FRAME_MAX];
	size_t n;
	bool escape, overlong;
};

struct hdlc_frame {
	uint16_t protocol;
	const uint8_t *p; /* information field: valid until the next call */
	size_t n;
};

void hdlc_rx_init(struct hdlc_rx *rx); /* every control is dropped until told otherwise */
/* Takes bytes from `in` up to the end of the next frame. 1 a frame; 0 all is
 * taken, need more; -1 a frame that is none, with the reason: go on calling.
 * Both compressions are read whether negotiated or not. */
int hdlc_next(struct hdlc_rx *rx, struct cur *in, struct hdlc_frame *f, const char **why);

uint16_t hdlc_fcs(uint16_t fcs, const void *p, size_t n); /* RFC 1662, C.2; begins with 0xffff */

#endif
