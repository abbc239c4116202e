/* circuit_back.h - the answering side of back: lines (circuit_back_port.c), as the
 * row of functions in circuit_back.c has it. */
#ifndef SP_ENGINE_CIRCUIT_BACK_H
#define SP_ENGINE_CIRCUIT_BACK_H

#include "engine/circuit_impl.h"

#define BACK_SOCKET "unix:/run/sp/back.sock" /* of sp-back(8) */

int back_port_listen(struct circuit_port *p, const char **why);
void back_port_stop(struct circuit_port *p);
void back_port_unlisten(struct circuit_port *p);
void back_port_ended(struct circuit_port *p);
/* Of a call that it answered. */
void back_port_hangup(struct circuit *c);
void back_port_close(struct circuit *c);

#endif
