/* cacmd.h - the commands of sp-ca, each on one authority's folder. */
#ifndef SP_TOOL_CACMD_H
#define SP_TOOL_CACMD_H

#include "engine/ca.h"
#include "tool/tool.h"

struct cacmd {
	const char *dir, *out_file; /* the folder; where a certificate and key go: FILE.crt, FILE.key */
	const char *role, *issues, *name, *serial, *user, *domain, *groups;
	struct opt_list san;
	const char *request;        /* a file: certify its key, make none */
	const char *cert, *key;     /* init: take this authority over; chain: the old key */
	const char *chain, *next;   /* chain: its file; the next public key */
	bool retire;                /* chain: the old key counts no more */
	const char *until;          /* RFC 3339; NULL: in so many days */
	uint64_t days, crl_days;    /* 0: as the command has it */
};

/* Runs a command by its name with its operands; the exit status. Writes records to out.
 * An unknown command ends the program with 2. */
enum sp_exit cacmd_run(struct cacmd *c, const char *command, char **operands, struct recout *out);

#endif
