/* config.h - the configuration files, INI (inih): see tool.h, tool_options. */
#ifndef SP_TOOL_CONFIG_H
#define SP_TOOL_CONFIG_H

/* Called for every key of every section; value stays valid for the program's
 * life. NULL, or the reason why the key is wrong. */
typedef const char *config_fn(void *arg, const char *section, const char *key, const char *value);

/* Reads $SP_CONFIG; without it ~/.config/sp/sp.conf, else /etc/sp/sp.conf.
 * A file that is missing is no error, unless it was named by SP_CONFIG. An
 * error ends the program with 2, naming file and line. */
void config_read(config_fn *fn, void *arg);

#endif
