/* exit.h - exit statuses and the words for them in error= (sp(7), EXIT STATUS).
 * The numbers are part of the interface of every tool: never renumber. */
#ifndef SP_BASE_EXIT_H
#define SP_BASE_EXIT_H

enum sp_exit {
	SP_OK = 0,      /* every record came through */
	SP_NONE = 1,    /* nothing matched, nothing to do */
	SP_USAGE = 2,   /* options or configuration are wrong */
	SP_TIMEOUT = 3, /* a deadline passed */
	SP_DENIED = 4,  /* refused: credentials or permission */
	SP_BUSY = 5,    /* in use */
	SP_PEER = 6,    /* the other side failed or broke the protocol */
	SP_RECORD = 7,  /* malformed input */
	SP_SYSTEM = 8   /* this machine: memory, files, permissions */
};

/* The word of error= for a status, "ok" for SP_OK; never NULL. */
const char *sp_exit_name(enum sp_exit status);

/* The status for a word of error=; SP_PEER for a word that is not in the list. */
enum sp_exit sp_exit_of(const char *word);

/* The higher of two: what a tool that saw several failures ends with. */
enum sp_exit sp_exit_worse(enum sp_exit a, enum sp_exit b);

#endif
