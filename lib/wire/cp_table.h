/* cp_table.h - the option negotiation automaton of RFC 1661, 4.1, as data. */
#ifndef SP_WIRE_CP_TABLE_H
#define SP_WIRE_CP_TABLE_H

#include <stdint.h>

enum cp_state {
	CP_INITIAL, CP_STARTING, CP_CLOSED, CP_STOPPED, CP_CLOSING, CP_STOPPING,
	CP_REQ_SENT, CP_ACK_RCVD, CP_ACK_SENT, CP_OPENED, CP_STATES
};

enum cp_event {
	CP_UP, CP_DOWN, CP_OPEN, CP_CLOSE, CP_TO_PLUS, CP_TO_MINUS, CP_RCR_PLUS, CP_RCR_MINUS,
	CP_RCA, CP_RCN, CP_RTR, CP_RTA, CP_RUC, CP_RXJ_PLUS, CP_RXJ_MINUS, CP_RXR, CP_EVENTS
};

enum cp_action { /* bits, in the order in which they are done */
	CP_IRC = 1, CP_ZRC = 2, CP_SCR = 4, CP_SCA = 8, CP_SCN = 16, CP_STR = 32, CP_STA = 64,
	CP_SCJ = 128, CP_SER = 256, CP_TLD = 512, CP_TLS = 1024, CP_TLU = 2048, CP_TLF = 4096
};

#define CP_BLANK -1 /* next: cannot happen */
struct cp_cell {
	uint16_t actions;
	int8_t next;
};
extern const struct cp_cell cp_table[CP_EVENTS][CP_STATES];
const char *cp_state_name(enum cp_state s);
const char *cp_event_name(enum cp_event e);

#endif
