/* cp_table.c - RFC 1661, 4.1, as data. Read it against the RFC: tests/unit/cp.c
 * does, cell by cell. The options r, p and x of the RFC are not taken, but for
 * x, which is the cell itself. */
#include "wire/cp_table.h"

#define N(next) { 0, next }
#define A(actions, next) { actions, next }
#define NO { 0, CP_BLANK }

const struct cp_cell cp_table[CP_EVENTS][CP_STATES] = {
	[CP_UP] = { N(2), A(CP_IRC | CP_SCR, 6), NO, NO, NO, NO, NO, NO, NO, NO },
	[CP_DOWN] = { NO, NO, N(0), A(CP_TLS, 1), N(0), N(1), N(1), N(1), N(1), A(CP_TLD, 1) },
	[CP_OPEN] = { A(CP_TLS, 1), N(1), A(CP_IRC | CP_SCR, 6), N(3), N(5), N(5), N(6), N(7), N(8), N(9) },
	[CP_CLOSE] = { N(0), A(CP_TLF, 0), N(2), N(2), N(4), N(4),
	               A(CP_IRC | CP_STR, 4), A(CP_IRC | CP_STR, 4), A(CP_IRC | CP_STR, 4),
	               A(CP_TLD | CP_IRC | CP_STR, 4) },

	[CP_TO_PLUS] = { NO, NO, NO, NO, A(CP_STR, 4), A(CP_STR, 5), A(CP_SCR, 6), A(CP_SCR, 6), A(CP_SCR, 8), NO },
	[CP_TO_MINUS] = { NO, NO, NO, NO, A(CP_TLF, 2), A(CP_TLF, 3), A(CP_TLF, 3), A(CP_TLF, 3), A(CP_TLF, 3), NO },

	[CP_RCR_PLUS] = { NO, NO, A(CP_STA, 2), A(CP_IRC | CP_SCR | CP_SCA, 8), N(4), N(5),
	                  A(CP_SCA, 8), A(CP_SCA | CP_TLU, 9), A(CP_SCA, 8), A(CP_TLD | CP_SCR | CP_SCA, 8) },
	[CP_RCR_MINUS] = { NO, NO, A(CP_STA, 2), A(CP_IRC | CP_SCR | CP_SCN, 6), N(4), N(5),
	                   A(CP_SCN, 6), A(CP_SCN, 7), A(CP_SCN, 6), A(CP_TLD | CP_SCR | CP_SCN, 6) },
	[CP_RCA] = { NO, NO, A(CP_STA, 2), A(CP_STA, 3), N(4), N(5),
	             A(CP_IRC, 7), A(CP_SCR, 6), A(CP_IRC | CP_TLU, 9), A(CP_TLD | CP_SCR, 6) },
	[CP_RCN] = { NO, NO, A(CP_STA, 2), A(CP_STA, 3), N(4), N(5),
	             A(CP_IRC | CP_SCR, 6), A(CP_SCR, 6), A(CP_IRC | CP_SCR, 8), A(CP_TLD | CP_SCR, 6) },

	[CP_RTR] = { NO, NO, A(CP_STA, 2), A(CP_STA, 3), A(CP_STA, 4), A(CP_STA, 5),
	             A(CP_STA, 6), A(CP_STA, 6), A(CP_STA, 6), A(CP_TLD | CP_ZRC | CP_STA, 5) },
	[CP_RTA] = { NO, NO, N(2), N(3), A(CP_TLF, 2), A(CP_TLF, 3), N(6), N(6), N(8), A(CP_TLD | CP_SCR, 6) },

	[CP_RUC] = { NO, NO, A(CP_SCJ, 2), A(CP_SCJ, 3), A(CP_SCJ, 4), A(CP_SCJ, 5),
	             A(CP_SCJ, 6), A(CP_SCJ, 7), A(CP_SCJ, 8), A(CP_SCJ, 9) },
	[CP_RXJ_PLUS] = { NO, NO, N(2), N(3), N(4), N(5), N(6), N(6), N(8), N(9) },
	[CP_RXJ_MINUS] = { NO, NO, A(CP_TLF, 2), A(CP_TLF, 3), A(CP_TLF, 2), A(CP_TLF, 3),
	                   A(CP_TLF, 3), A(CP_TLF, 3), A(CP_TLF, 3), A(CP_TLD | CP_IRC | CP_STR, 5) },

	[CP_RXR] = { NO, NO, N(2), N(3), N(4), N(5), N(6), N(7), N(8), A(CP_SER, 9) },
};

const char *cp_state_name(enum cp_state s)
{
	static const char *const name[CP_STATES] = {
		"Initial", "Starting", "Closed", "Stopped", "Closing", "Stopping",
		"Req-Sent", "Ack-Rcvd", "Ack-Sent", "Opened",
	};
	return s < CP_STATES ? name[s] : "?";
}

const char *cp_event_name(enum cp_event e)
{
	static const char *const name[CP_EVENTS] = {
		"Up", "Down", "Open", "Close", "TO+", "TO-", "RCR+", "RCR-",
		"RCA", "RCN", "RTR", "RTA", "RUC", "RXJ+", "RXJ-", "RXR",
	};
	return e < CP_EVENTS ? name[e] : "?";
}
