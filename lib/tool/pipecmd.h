/* pipecmd.h - a foreign filter between tools that hold, sp-pipe(1). */
#ifndef SP_TOOL_PIPECMD_H
#define SP_TOOL_PIPECMD_H

#include <stdbool.h>

/* Feeds records from standard input through the command and its records to
 * standard output until either end goes. Returns the program's exit status. */
int pipecmd_run(char **command, bool each);

#endif
