/* The list of reasons is closed, whole and consistent. */
#include "base/reason.h"
#include "unit/tap.h"

#include <errno.h>

int main(void)
{
	for (enum reason r = REASON_USER_REQUEST; r < REASON_COUNT; r++)
		check(reason_name(r)[0] && reason_text(r)[0] && reason_of(view_of(reason_name(r))) == r &&
		      reason_cause(r) >= 1 && reason_cause(r) <= 18 &&
		      strcmp(sp_exit_name(reason_exit(r)), "none") != 0,
		      "%s has a sentence, a cause and a status, and its word leads back", reason_name(r));
	check(reason_of(view_of("")) == REASON_NONE && reason_of(view_of("Idle")) == REASON_NONE &&
	      reason_of(view_of("user-requests")) == REASON_NONE, "a word that is not in the list is no reason");
	check(reason_cause(REASON_NONE) == 0 && reason_cause(REASON_COUNT) == 0, "what is no reason has no cause");
	check(reason_cause(REASON_IDLE) == 4 && reason_cause(REASON_LOST_CARRIER) == 2 &&
	      reason_cause(REASON_CALLBACK) == 16, "the causes are RFC 2866's");
	check(reason_exit(REASON_BUSY) == SP_BUSY && reason_exit(REASON_DENIED) == SP_DENIED &&
	      reason_exit(REASON_USER_REQUEST) == SP_OK, "the statuses are sp(7)'s");
	check(reason_of_errno(ECONNREFUSED) == REASON_NO_CARRIER && reason_of_errno(EHOSTUNREACH) == REASON_NO_ANSWER &&
	      reason_of_errno(EBUSY) == REASON_BUSY && reason_of_errno(EACCES) == REASON_PORT_ERROR,
	      "an errno is a refusal, silence, a line in use, or a fault of ours");
	return tap_done();
}
