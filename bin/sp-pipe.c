/* sp-pipe.c - a foreign filter between holders: cat, grep and awk do not notice
 * a reader that went, and keep their output back; this does both for them. */
#include "tool/pipecmd.h"
#include "tool/tool.h"

static bool each;

static const struct opt options[] = {
	{ "each", 0, OPT_FLAG, &each, NULL, "run COMMAND anew for each record: for sort, and what waits for the end" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-pipe",
	.summary = "a foreign filter between tools that hold",
	.operands = "-- COMMAND ...",
	.opt = options,
};

int main(int argc, char **argv)
{
	char **command = argv + tool_options(&tool, argc, argv);
	if (!*command)
		tool_die(SP_USAGE, "-- COMMAND is needed");
	tool_hide();
	return pipecmd_run(command, each);
}
