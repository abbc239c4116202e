/* dialrule.h - may this be dialed? The operator's patterns are fnmatch(3)'s, but a
 * wildcard leads nowhere that is not in sight of who wrote it. */
#ifndef SP_ENGINE_DIALRULE_H
#define SP_ENGINE_DIALRULE_H

#include <stdbool.h>

/* Only tcp:, unix:, tty:, telnet: and back:, the last two by patterns that name
 * them; options that set a line up (init=, via=, ...) are nobody's. A pattern that begins with a numeric host permits
 * numeric hosts only, not the name 198.51.100.evil.example; in paths a wildcard
 * matches neither '/' nor a leading '.', so no way up by "..". */
bool dialrule_permits(const char *const *pattern, unsigned n, const char *dial);

#endif
