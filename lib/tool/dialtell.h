/* dialtell.h - what happens to a call, told by sp-dial to its log and to --progress. */
#ifndef SP_TOOL_DIALTELL_H
#define SP_TOOL_DIALTELL_H

#include "tool/hold.h"

/* A step of the router's dialogue that was passed. */
void dialtell_note(struct hold_session *h, int step, const char *word);
/* state=, line=, speed= ... of the call (326). */
void dialtell_progress(struct hold_session *h, struct record *f);
/* The call is there: line=, speed= and alias= of f into the record. false: that is no address. */
bool dialtell_ready(struct hold_session *h, struct record *f);
/* Another endpoint of the system is called; detail: why not the one before. */
void dialtell_next(struct hold_session *h, const char *detail);
/* It failed, or ended so; for the log alone, the record says it too. */
void dialtell_failed(struct hold_session *h, enum sp_exit status, int step, const char *detail);

#endif
