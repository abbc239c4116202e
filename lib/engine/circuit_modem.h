/* circuit_modem.h - a tty with a modem at it and the dialogue with that: what
 * calling (circuit_modem.c) and answering (circuit_modem_port.c) share. */
#ifndef SP_ENGINE_CIRCUIT_MODEM_H
#define SP_ENGINE_CIRCUIT_MODEM_H

#include "engine/circuit_impl.h"
#include "engine/dialogue.h"

struct modem_line {
	struct tty tty;
	struct dialogue *talk;
	struct circuit *c;      /* while it is a call's */
	struct circuit_port *p; /* while it waits for one */
};

/* Opens and begins to talk. NULL with errno and a reason. */
struct modem_line *modem_line_open(struct circuit *c, struct circuit_port *p, const char **why);
/* At once; DTR falls with it. NULL: nothing. */
void modem_line_close(struct modem_line *m);
/* The call is up: what the circuit says of itself. */
void modem_line_up(struct modem_line *m);

/* The answering side's row of functions. */
int modem_port_listen(struct circuit_port *p, const char **why);
void modem_port_stop(struct circuit_port *p);
void modem_port_unlisten(struct circuit_port *p);
void modem_port_ended(struct circuit_port *p);
/* Events of a line that waits. */
void modem_port_progress(struct modem_line *m, const char *word);
void modem_port_up(struct modem_line *m);
void modem_port_down(struct modem_line *m, const char *detail);
/* It was answered, and is no call: told, then as modem_port_down. */
void modem_port_missed(struct modem_line *m, const char *detail);

#endif
