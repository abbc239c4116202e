/* radius_dict.h - attributes by name, and their values decoded: libradcli's
 * dictionary. Only attributes that the dictionary knows reach the library. */
#ifndef SP_WIRE_RADIUS_DICT_H
#define SP_WIRE_RADIUS_DICT_H

#include "base/buf.h"

struct radius_dict;

/* The built-in attributes, and those of a dictionary file if one is given (in
 * the form of /etc/radcli/dictionary). NULL with a constant reason. */
struct radius_dict *radius_dict_new(const char *file, const char **why);
void radius_dict_free(struct radius_dict *d);

/* The attribute's number (its vendor in the upper 16 bits), or -1. */
int radius_dict_find(const struct radius_dict *d, const char *name);

#define RADIUS_GROUP_ATTRIBUTES 8
/* Appends the groups that the attributes of an Access-Accept name, as a,b,c:
 * the values of the attributes given (radius_dict_find), each once. A value may
 * itself be a list with commas; "OU=name;", as some servers write in Class, is
 * "name"; a value that is no word of printable characters (Class is often
 * opaque) names no group. 1, or -1 with a constant reason. */
int radius_groups(const struct radius_dict *d, struct view attrs, const int *attribute,
                  unsigned nattribute, struct buf *out, const char **why);

#endif
