/* places.c - counting of strangers, by a hash that nobody can choose. */
#include "engine/places.h"

#include "base/siphash.h"

#include <string.h>
#include <sys/random.h>

static unsigned row_of(const char *source)
{
	static uint8_t key[SIPHASH_KEY];
	static bool drawn;
	union { const char *text; const uint8_t *byte; } name = { source };
	if (!drawn)
		drawn = getrandom(key, sizeof key, GRND_NONBLOCK) == (ssize_t)sizeof key;
	return (unsigned)(siphash(key, name.byte, strlen(source)) % PLACES_ROWS);
}

void places_count(struct places *p, const char *source)
{
	unsigned short *n = &p->n[row_of(source)];
	if (*n < UINT16_MAX)
		++*n;
	if (*n > p->most)
		p->most = *n;
}

unsigned places_of(const struct places *p, const char *source)
{
	return p->n[row_of(source)];
}

bool places_crowded(const struct places *p, const char *source)
{
	return p->most > 0 && places_of(p, source) == p->most;
}

bool places_yields(const struct places *p, unsigned own)
{
	return p->most && (own == 0 || p->most > own + 1);
}

bool places_strangers(places_next *next, const void *server)
{
	void *at = NULL;
	return next(server, &at) != NULL;
}

void *places_yielder(places_next *next, const void *server, const char *newcomer)
{
	struct places p = { 0 };
	void *at = NULL, *oldest = NULL;
	const char *source;
	unsigned own = 0;
	while ((source = next(server, &at))) {
		places_count(&p, source);
		own += strcmp(source, newcomer) == 0;
	}
	for (at = NULL; (source = next(server, &at));)
		if (places_crowded(&p, source))
			oldest = at;
	return places_yields(&p, own) ? oldest : NULL;
}
