/* permitkeys.c - keys of monitors, file by file. */
#include "tool/permitkeys.h"

void permitkeys_load(struct keyring *k, const struct opt_list *files)
{
	const char *why;
	for (unsigned i = 0; i < files->n; i++)
		if (keyring_add(k, files->v[i], &why) != 0)
			tool_die(SP_SYSTEM, "unable to use %s: %s", files->v[i], why);
}
