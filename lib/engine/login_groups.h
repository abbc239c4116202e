/* login_groups.h - groups that a user may use only with the group's password:
 * a file of records group= hash= (wire/passhash.h), readable by its owner only. */
#ifndef SP_ENGINE_LOGIN_GROUPS_H
#define SP_ENGINE_LOGIN_GROUPS_H

#include "base/buf.h"
#include "base/secret.h"

struct login_groups;

/* NULL with a constant reason; *line is that of a malformed record, else 0. */
struct login_groups *login_groups_load(const char *path, const char **why, unsigned long *line);
void login_groups_free(struct login_groups *g);

/* Has this group a password? g may be NULL: none has. */
bool login_groups_has(const struct login_groups *g, struct view group);
/* The group has no password, or it is this one. */
bool login_groups_pass(const struct login_groups *g, struct view group, const struct secret *password);
/* As a member of what he acts: appends `group` alone, which he has asked for (it is in the list, its password was
 * given); if that is empty, the list a,b,c without the groups that have a password. 0/-1. */
int login_groups_filter(const struct login_groups *g, struct view list, struct view group, struct buf *out);

#endif
