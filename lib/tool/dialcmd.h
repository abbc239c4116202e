/* dialcmd.h - what sp-dial does beside the call: looks at a profile, replays a
 * transcript, makes the values that a profile asks for. */
#ifndef SP_TOOL_DIALCMD_H
#define SP_TOOL_DIALCMD_H

#include "engine/dial.h"
#include "tool/tool.h"

/* --check: SP_OK and a record, or SP_USAGE and what is wrong on standard error. */
enum sp_exit dialcmd_check(const char *profile);
/* --replay: a record for each call; SP_USAGE when one went otherwise. */
enum sp_exit dialcmd_replay(const char *profile, const char *transcript);

/* Where profiles are, up to a NULL: in this folder, or (NULL) beside the program's
 * tree, or as installed. */
const char *const *dialcmd_dirs(const char *folder);

/* The descriptor of the file, which only its owner can read. Exits 8. */
int dialcmd_transcript(const char *path);
/* A name for a call: no other has it, on this machine. */
void dialcmd_name(char *out, size_t size);

/* "KEY=VALUE KEY=VALUE ..." into vars. False: it is not of that form. */
bool dialcmd_args(struct record *vars, struct view args);
/* What a profile may ask for, of the record: its fields, those of its profile_args=,
 * login=, and group= when one is given. False: profile_args= is no list of KEY=VALUE, or
 * there is no memory. */
bool dialcmd_vars(struct record *vars, struct record *r, const char *group);
/* Each KEY=FILE of the list whose KEY the profile marks as a secret into vars;
 * false with a reason: one that none marks, or a file that cannot be read. */
bool dialcmd_secrets(const struct opt_list *list, const struct profile *p, struct record *vars, char *why, size_t size);

#endif
