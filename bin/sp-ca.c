/* sp-ca - the vendor's authority: makes it, and the certificates by which the parties
 * know each other; revokes, rotates, lists; and chains of permit keys. */
#include "tool/cacmd.h"
#include "tool/filter.h"

#include <unistd.h>

static struct cacmd cmd;

static const struct opt options[] = {
	{ "dir", 0, OPT_STR, &cmd.dir, "DIR", "the authority's folder" },
	{ "role", 0, OPT_STR, &cmd.role, "ROLE", "issue: what the holder is: monitor, router, login ..." },
	{ "name", 0, OPT_STR, &cmd.name, "NAME", "the holder's name; init: the authority's" },
	{ "serial", 0, OPT_STR, &cmd.serial, "NUMBER", "issue: the serial number of a service processor" },
	{ "user", 0, OPT_STR, &cmd.user, "NAME", "issue: the user" },
	{ "domain", 0, OPT_STR, &cmd.domain, "DOMAIN", "issue: the user's domain" },
	{ "groups", 0, OPT_STR, &cmd.groups, "GROUPS", "issue: the user's groups, a,b,c" },
	{ "issues", 0, OPT_STR, &cmd.issues, "ROLES", "an authority, which may vouch for these; * is all" },
	{ "san", 0, OPT_LIST, &cmd.san, "NAME", "issue: dns:NAME or ip:ADDRESS, for other software; repeat for more" },
	{ "days", 0, OPT_NUM, &cmd.days, "N", "how long it holds (365; an authority 3650)" },
	{ "until", 0, OPT_STR, &cmd.until, "TIME", "when it ends instead, as 2030-12-31T23:59:59Z" },
	{ "crl-days", 0, OPT_NUM, &cmd.crl_days, "N", "how long the list of what is revoked holds (30)" },
	{ "request", 0, OPT_STR, &cmd.request, "FILE", "issue: certify the key of this request (PEM)" },
	{ "out", 'o', OPT_STR, &cmd.out_file, "FILE", "issue, key: write FILE.crt and FILE.key (DIR/NAME)" },
	{ "cert", 0, OPT_STR, &cmd.cert, "FILE", "init: be the authority of this certificate" },
	{ "key", 0, OPT_STR, &cmd.key, "FILE", "init: its key; chain: the old private key" },
	{ "chain", 0, OPT_STR, &cmd.chain, "FILE", "chain: the file that gets a row" },
	{ "next", 0, OPT_STR, &cmd.next, "FILE", "chain: the next public key" },
	{ "retire", 0, OPT_FLAG, &cmd.retire, NULL, "chain: the old key counts no more" },
	{ 0 },
};

static const struct tool tool = {
	.name = "sp-ca",
	.summary = "The vendor's authority: certificates of the parties, made, revoked, rotated.",
	.operands = "init|issue|revoke WHAT ...|list|rotate|crl|key|chain",
	.opt = options,
};

/* The command may stand before the options, too, as people write it. */
int main(int argc, char **argv)
{
	struct recout out;
	char *command = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
	if (command) {
		argv[1] = argv[0];
		argc--, argv++;
	}
	char **operands = argv + tool_options(&tool, argc, argv);
	if (!command && *operands)
		command = *operands++;
	tool_confine();
	if (cmd.days > 36500 || cmd.crl_days > 36500)
		tool_die(SP_USAGE, "--days and --crl-days may be 36500 at most");
	recout_init(&out, STDOUT_FILENO, tool_common.json);
	enum sp_exit status = cacmd_run(&cmd, command ? command : "", operands, &out);
	return (int)tool_finish(&out, status);
}
