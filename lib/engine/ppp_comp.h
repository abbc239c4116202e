/* ppp_comp.h - deflate on a link (ppp_ccp.c), for the other files ppp*.c. */
#ifndef SP_ENGINE_PPP_COMP_H
#define SP_ENGINE_PPP_COMP_H

#include "engine/ppp.h"
#include "wire/cp.h"
#include "wire/deflate.h"
#include "wire/hdlc.h"

bool comp_wanted(const struct ppp_conf *c);
void comp_begin(struct ppp *p); /* the network phase */
void comp_end(struct ppp *p);   /* ... is over, or has not begun */
void comp_told(struct ppp *p, enum cp_action what);
void comp_input(struct ppp *p, const uint8_t *info, size_t n); /* of CCP */
/* A compressed frame becomes what is in it, in b; false: dropped. */
bool comp_unpack(struct ppp *p, struct hdlc_frame *f, uint8_t b[DEFLATE_PACKET_MAX]);
void comp_pass(struct ppp *p, const struct hdlc_frame *f); /* one that is not */
void comp_send(struct ppp *p, uint16_t protocol, const uint8_t *info, size_t n);

#endif
