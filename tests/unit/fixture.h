/* fixture.h - packets as readable files of tests/data: a comment, two words that the
 * test knows, "before", hex bytes, "after", hex bytes. "#" begins a comment, "00 * 64"
 * is a byte so many times. */
#ifndef SP_TESTS_FIXTURE_H
#define SP_TESTS_FIXTURE_H

#include "unit/tap.h"

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>

#define FIXTURE_MAX 1024

struct fixture {
	char title[160], word[8], verdict[16];
	uint8_t before[FIXTURE_MAX], after[FIXTURE_MAX];
	size_t nbefore, nafter;
};

static inline void hex_line(const char *line, uint8_t *to, size_t *n)
{
	unsigned b, times;
	int used, more;
	for (; *line != '#' && sscanf(line, " %2x%n", &b, &used) == 1; line += used) {
		if (sscanf(line + used, " * %u%n", &times, &more) == 1)
			used += more;
		else
			times = 1;
		while (times-- && *n < FIXTURE_MAX)
			to[(*n)++] = (uint8_t)b;
	}
}

static inline const char *fixture_path(char path[1024], const char *folder, const char *name)
{
	const char *top = getenv("SP_TOP");
	snprintf(path, 1024, "%s/tests/data/%s/%s", top ? top : ".", folder, name);
	return path;
}

/* false: not there, or nothing in it. */
static inline bool fixture_read(const char *folder, const char *name, struct fixture *f)
{
	char line[256], path[1024];
	int part = 0;
	FILE *in = fopen(fixture_path(path, folder, name), "r");
	memset(f, 0, sizeof *f);
	if (!in)
		return false;
	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			snprintf(f->title, sizeof f->title, "%.150s", line + 2);
		else if (strcmp(line, "before") == 0 || strcmp(line, "after") == 0)
			part = line[0] == 'b' ? 1 : 2;
		else if (part == 0 && sscanf(line, "%7s %15s", f->word, f->verdict) != 2)
			break;
		else if (part)
			hex_line(line, part == 1 ? f->before : f->after, part == 1 ? &f->nbefore : &f->nafter);
	}
	fclose(in);
	return f->nbefore > 0;
}

/* Each file of tests/data/FOLDER; there must be some. */
static inline void fixtures_each(const char *folder, void (*each)(const char *name, const struct fixture *f))
{
	char dir[1024];
	struct dirent **list;
	struct fixture f;
	int n = scandir(fixture_path(dir, folder, ""), &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		if (name[0] != '.' && check(fixture_read(folder, name, &f), "%s can be read", name))
			each(name, &f);
		free(list[i]);
	}
	if (n > 0)
		free(list);
	check(n > 50, "there are packets in %s", dir);
}

/* A copy of n bytes, exactly as long, for the sanitizer. */
static inline uint8_t *exactly(const uint8_t *b, size_t n)
{
	uint8_t *p = malloc(n + !n);
	if (!p)
		abort();
	memcpy(p, b, n);
	return p;
}

static inline bool same(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i]) {
			printf("# byte %zu is %02x, not %02x\n", i, a[i], b[i]);
			return false;
		}
	return true;
}

#endif
