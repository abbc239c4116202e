/* zone.c - offsets of time zones, by localtime_r with another TZ. The C library
 * takes a zone that it does not find for UTC, so the file is looked at first.
 * Refuses names that would lead out of the zones' folder. */
#include "sys/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/usr/share/zoneinfo/"
#define REMEMBERED 16

/* Offsets change on whole minutes. */
static struct { char name[ZONE_NAME]; time_t minute; long offset; } row[REMEMBERED];
static unsigned next_row;

static bool name_ok(const char *name)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	return *name != '/' && strlen(name) < ZONE_NAME && name[strspn(name, good)] == '\0';
}

/* RFC 9636: a file of a zone begins with TZif. */
static bool is_zone(const char *path)
{
	char magic[4];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool ok = fd >= 0 && read(fd, magic, sizeof magic) == (ssize_t)sizeof magic && memcmp(magic, "TZif", 4) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool look(const char *path, time_t t, long *seconds)
{
	char tz[ZONE_NAME + sizeof FOLDER + 1];
	const char *is = getenv("TZ");
	char *was = is ? strdup(is) : NULL;
	struct tm tm;
	snprintf(tz, sizeof tz, ":%s", path);
	bool ok = (was || !is) && setenv("TZ", tz, 1) == 0;
	if (ok) {
		tzset();
		ok = localtime_r(&t, &tm) != NULL;
		*seconds = ok ? tm.tm_gmtoff : 0;
		if ((was ? setenv("TZ", was, 1) : unsetenv("TZ")) != 0)
			ok = false;
		tzset();
	}
	free(was);
	return ok;
}

bool zone_offset(const char *name, time_t t, long *seconds)
{
	char path[ZONE_NAME + sizeof FOLDER];
	time_t minute = t / 60;
	*seconds = 0;
	if (!*name || strcmp(name, "UTC") == 0)
		return true;
	for (unsigned i = 0; i < REMEMBERED; i++)
		if (row[i].minute == minute && strcmp(row[i].name, name) == 0) {
			*seconds = row[i].offset;
			return true;
		}
	if (!name_ok(name))
		return false;
	snprintf(path, sizeof path, FOLDER "%s", name);
	if (!is_zone(path) || !look(path, t, seconds))
		return false;
	snprintf(row[next_row].name, ZONE_NAME, "%s", name);
	row[next_row].minute = minute;
	row[next_row].offset = *seconds;
	next_row = (next_row + 1) % REMEMBERED;
	return true;
}
