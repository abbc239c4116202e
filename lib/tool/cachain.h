/* cachain.h - sp-ca chain: the row by which those who know the old key of permits follow
 * to the next one. */
#ifndef SP_TOOL_CACHAIN_H
#define SP_TOOL_CACHAIN_H

#include "tool/tool.h"

struct cachain {
	const char *chain, *key, *next; /* files: the chain; the old private key; the next public one */
	bool retire;                    /* the old key is to count no more */
};

/* Adds the row to the chain's file, all or nothing, and writes a record of it. Ends the
 * program with the reason when whoever knows a key of the chain could not follow. */
enum sp_exit cachain_run(const struct cachain *c, struct recout *out);

#endif
