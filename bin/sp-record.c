/* sp-record.c - the general record filter: where, get, set, drop, json, check.
 * The commands themselves are in lib/tool/recordcmd.c. */
#include "tool/recordcmd.h"

static bool empty_ok;

static const struct opt options[] = {
	{ "empty-ok", 0, OPT_FLAG, &empty_ok, NULL, "nothing to write is no failure (exit 0, not 1)" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-record",
	.summary = "select, cut, change and check records",
	.operands = "where CONDITION ...|get KEY ...|set KEY=VALUE ...|drop KEY ...|json|check [-- FILE ...]",
	.opt = options,
};

int main(int argc, char **argv)
{
	struct recordcmd c;
	const char *why = recordcmd_parse(&c, argv + tool_options(&tool, argc, argv));
	if (why)
		tool_die(SP_USAGE, "%s", why);
	tool_confine();
	return (int)recordcmd_run(&c, empty_ok);
}
